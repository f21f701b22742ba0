import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.masks import read_mask
from benchmarks.scoring import score_dataset, with_truth
from evaluators import DatasetScore, ScoringError, ScoringProtocol, boundary_f, jaccard

EntryPoint = Callable[..., tuple[int, str, str]]

DAVIS_2017 = ScoringProtocol.DAVIS_2017


@pytest.fixture
def davis(davis_2017: Path) -> Dataset:
    return open_dataset(
        DatasetConfig(
            name="davis17_val",
            title="DAVIS 2017 validation",
            layout=Layout.DAVIS_2017,
            root="DAVIS",
            scoring=ScoringProtocol.DAVIS_2017,
        ),
        data=davis_2017,
        size=None,
    )


@pytest.fixture
def masks(davis: Dataset, tmp_path: Path) -> Path:
    """Somebody's masks for every frame: the truth, shifted and eaten into, differently in each."""
    root = tmp_path / "masks"
    rng = np.random.default_rng(0)
    for sequence in davis.sequences:
        (root / sequence.name).mkdir(parents=True)
        for index, (name, path) in enumerate(sequence.truth.items()):
            mask = np.roll(read_mask(path), index, axis=index % 2)
            mask[rng.random(mask.shape) < 0.05] = 0
            Image.fromarray(mask).save(root / sequence.name / f"{name}.png")
    return root


def test_every_figure_is_that_of_the_evaluators(davis: Dataset, masks: Path) -> None:
    score = score_dataset(davis, masks, protocol=DAVIS_2017)
    assert [sequence.name for sequence in score.sequences] == ["cow", "dog"]
    everything = []
    for sequence, scored in zip(davis.sequences, score.sequences, strict=True):
        assert [one.label for one in scored.objects] == [1, 2]
        for one in scored.objects:
            assert one.frames == ("00001", "00002", "00003", "00004")
            for name, j, f in zip(one.frames, one.j, one.f, strict=True):
                predicted = read_mask(masks / sequence.name / f"{name}.png") == one.label
                truth = read_mask(sequence.truth[name]) == one.label
                assert (j, f) == (float(jaccard(predicted, truth)), float(boundary_f(predicted, truth)))
                assert 0 < j < 1
            everything.append((np.mean(one.j), np.mean(one.f)))
    assert score.j_mean == pytest.approx(np.mean([j for j, _ in everything]))
    assert score.j_and_f == pytest.approx(np.mean(everything))


def test_a_missing_folder_of_masks_is_named(davis: Dataset, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=f"^{tmp_path}/nowhere: expected a folder of masks for each sequence, found no"
    ):
        score_dataset(davis, tmp_path / "nowhere", protocol=DAVIS_2017)


def test_missing_sequences_are_named_before_anything_is_scored(davis: Dataset, masks: Path) -> None:
    (masks / "dog").rename(masks / "other")
    (masks / "cow/00001.png").write_bytes(b"")
    with pytest.raises(
        InputError, match=f"^{masks}: expected a folder .* of davis17_val, found none for dog; add them"
    ):
        score_dataset(davis, masks, protocol=DAVIS_2017)


def test_a_missing_mask_is_named(davis: Dataset, masks: Path) -> None:
    (masks / "dog/00003.png").unlink()
    with pytest.raises(InputError, match=f"^{masks}/dog/00003.png: expected a mask, found no such file"):
        score_dataset(davis, masks, protocol=DAVIS_2017)


def test_masks_of_frames_that_are_not_scored_may_be_missing(davis: Dataset, masks: Path) -> None:
    before = score_dataset(davis, masks, protocol=DAVIS_2017)
    for name in ("00000", "00005"):
        (masks / f"dog/{name}.png").unlink()
    assert score_dataset(davis, masks, protocol=DAVIS_2017) == before


def test_a_mask_of_another_size_or_with_a_stranger_is_named(davis: Dataset, masks: Path) -> None:
    path = masks / "dog/00003.png"
    mask = read_mask(path)
    Image.fromarray(mask[:-1]).save(path)
    with pytest.raises(ScoringError, match=r"^sequence dog, frame 00003: .* size 48x64, found 47x64"):
        score_dataset(davis, masks, protocol=DAVIS_2017)
    mask[0, 0] = 3
    Image.fromarray(mask).save(path)
    with pytest.raises(ScoringError, match=r"^sequence dog, frame 00003: predicted label 3 is none of .* 1, 2;"):
        score_dataset(davis, masks, protocol=DAVIS_2017)


def test_sequences_with_the_first_mask_alone_cannot_be_scored(davis: Dataset) -> None:
    assert with_truth(davis) == davis
    for path in list(davis.sequences[1].truth.values())[1:]:
        path.unlink()
    config = DatasetConfig(
        name="davis17_val",
        title="DAVIS 2017 validation",
        layout=Layout.DAVIS_2017,
        root="DAVIS",
        scoring=ScoringProtocol.DAVIS_2017,
    )
    root = davis.sequences[0].frames[0].parents[6]
    reopened = open_dataset(config, data=root, size=None)
    assert [sequence.name for sequence in with_truth(reopened).sequences] == [davis.sequences[0].name]


def test_scoring_writes_the_scores_and_shows_the_table(entry_point: EntryPoint, davis: Dataset, masks: Path) -> None:
    runs = masks.parent / "runs"
    status, output, errors = entry_point(
        "score", f"masks={masks}", "dataset=davis17_val", f"paths.data={masks.parent / 'data'}", f"paths.runs={runs}"
    )
    assert (status, errors) == (0, "")
    (record,) = runs.rglob("*.json")
    assert record.parent == runs / "scored/davis17_val"
    assert record.name.startswith("masks-")
    score = msgspec.json.decode(record.read_bytes(), type=DatasetScore)
    assert score == score_dataset(davis, masks, protocol=DAVIS_2017)
    assert f"| **all**    |         4 |  {100 * score.j_and_f:.1f} |" in output
    assert f"per object and frame: {record}" in output


def test_scoring_masks_without_truth_says_that_there_is_nothing_to_score(
    entry_point: EntryPoint, videos: Path, tmp_path: Path
) -> None:
    for path in (videos / "Annotations").rglob("*.png"):
        if path.stem != "00000":
            path.unlink()
    status, output, errors = entry_point(
        "score",
        f"masks={videos / 'Annotations'}",
        "dataset=folder",
        f"paths.data={videos}",
        f"paths.runs={tmp_path / 'runs'}",
    )
    assert (status, output) == (2, "")
    assert errors.startswith(
        "error: sequence cow: expected an object with truth after the frame where it first appears"
    )
    assert "add truth masks or leave the sequence out\n" in errors
    assert not (tmp_path / "runs").exists()


@pytest.mark.data
@pytest.mark.parametrize("method", ["stm", "osvos"])
def test_published_masks_have_the_official_scores_in_every_frame(
    finish: EntryPoint, data_root: Path, tmp_path: Path, method: str
) -> None:
    status, output, errors = finish(
        "benchmarks.score",
        f"masks={data_root / 'davis16_results' / method}",
        "dataset=davis16_val",
        f"paths.data={data_root}",
        f"paths.runs={tmp_path}",
    )
    assert (status, errors) == (0, "")
    (record,) = tmp_path.rglob("*.json")
    score = msgspec.json.decode(record.read_bytes(), type=DatasetScore)
    official = json.loads((data_root / f"davis16_results/{method}_per_frame.json").read_bytes())
    assert {sequence.name for sequence in score.sequences} == set(official)
    for sequence in score.sequences:
        (one,) = sequence.objects
        assert {"J": [f"{j:.3f}" for j in one.j], "F": [f"{f:.3f}" for f in one.f]} == official[sequence.name]
    assert f"{100 * score.j_and_f:.1f}" in output
