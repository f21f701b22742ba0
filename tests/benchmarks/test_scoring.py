import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import folder_masks
from benchmarks.masks import read_mask
from benchmarks.scoring import Scorable, find_scorable, require_scorable, score_masks
from benchmarks.scoring_pool import ScoringPool
from evaluators import ListedObject, ScoringError, ScoringProtocol, boundary_f, jaccard
from reports.mask_records import MasksKind, ScoredRecord

EntryPoint = Callable[..., tuple[int, str, str]]

DAVIS_2017 = ScoringProtocol.DAVIS_2017


def alone() -> ScoringPool:
    """This process."""
    return ScoringPool(processes=1)


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
    score = score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())
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
        score_masks(davis, folder_masks(tmp_path / "nowhere"), protocol=DAVIS_2017, pool=alone())


def test_missing_sequences_are_named_before_anything_is_scored(davis: Dataset, masks: Path) -> None:
    (masks / "dog").rename(masks / "other")
    (masks / "cow/00001.png").write_bytes(b"")
    with pytest.raises(
        InputError, match=f"^{masks}: expected masks of every sequence of davis17_val, found none of dog; add them"
    ):
        score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())


def test_a_missing_mask_is_named(davis: Dataset, masks: Path) -> None:
    (masks / "dog/00003.png").unlink()
    with pytest.raises(
        InputError, match=f"^{masks}: expected a mask of frame 00003 in sequence dog, found none; add it"
    ):
        score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())


def test_missing_masks_are_counted_before_any_is_read(davis: Dataset, masks: Path) -> None:
    (masks / "cow/00001.png").write_bytes(b"")
    for name in ("dog/00002.png", "dog/00003.png"):
        (masks / name).unlink()
    with pytest.raises(
        InputError, match=r"expected a mask of frame 00002 in sequence dog, found none, nor of 1 other frame; add them"
    ):
        score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())


def test_masks_of_frames_that_are_not_scored_may_be_missing(davis: Dataset, masks: Path) -> None:
    before = score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())
    for name in ("00000", "00005"):
        (masks / f"dog/{name}.png").unlink()
    assert score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone()) == before


def test_a_mask_of_another_size_or_with_a_stranger_is_named(davis: Dataset, masks: Path) -> None:
    path = masks / "dog/00003.png"
    mask = read_mask(path)
    Image.fromarray(mask[:-1]).save(path)
    with pytest.raises(ScoringError, match=r"^sequence dog, frame 00003: .* size 64x48, found 64x47"):
        score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())
    mask[0, 0] = 3
    Image.fromarray(mask).save(path)
    with pytest.raises(ScoringError, match=r"^sequence dog, frame 00003: predicted label 3 is none of .* 1, 2;"):
        score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())


def test_sequences_with_the_first_mask_alone_cannot_be_scored(davis: Dataset) -> None:
    assert find_scorable(davis, protocol=DAVIS_2017).dataset == davis
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
    scorable = find_scorable(reopened, protocol=DAVIS_2017)
    assert [sequence.name for sequence in scorable.dataset.sequences] == ["cow"]
    assert scorable.explain() == ["Not scored, for want of truth in every frame: dog"]


def test_scoring_writes_the_scores_and_shows_the_table(entry_point: EntryPoint, davis: Dataset, masks: Path) -> None:
    runs = masks.parent / "runs"
    status, output, errors = entry_point(
        "score", f"masks={masks}", "dataset=davis17_val", f"paths.data={masks.parent / 'data'}", f"paths.runs={runs}"
    )
    assert (status, errors) == (0, "")
    (record,) = runs.rglob("*.json")
    assert record.parent == runs / "scored/davis17_val"
    assert record.name.startswith("masks-")
    scored = msgspec.json.decode(record.read_bytes(), type=ScoredRecord)
    score = scored.score
    assert (scored.masks.path, scored.masks.kind) == (str(masks), MasksKind.FOLDER)
    assert (scored.dataset.name, scored.dataset.root) == ("davis17_val", str(masks.parent / "data/DAVIS"))
    assert (scored.dataset.sequences, scored.unscored) == (("cow", "dog"), {})
    assert "Not the complete dataset: the copy has 2 sequences instead of 30." in output
    assert scored.command == shlex.join(sys.orig_argv)
    assert score == score_masks(davis, folder_masks(masks), protocol=DAVIS_2017, pool=alone())
    assert f"| **all**    |         4 |  {100 * score.j_and_f:.1f} |" in output
    assert f"per object and frame: {record}" in output


@pytest.mark.parametrize("processes", ["0", "-1"])
def test_no_process_is_too_few(entry_point: EntryPoint, masks: Path, processes: str) -> None:
    status, output, errors = entry_point("score", f"masks={masks}", f"processes={processes}")
    assert (status, output) == (2, "")
    assert f"expected processes >= 1, got {processes}" in errors


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
    assert errors == (
        "error: folder: expected a sequence that can be scored, found none. Not scored, for want of truth in every "
        "frame: cow, dog; add truth masks, or choose another dataset\n"
    )
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def late(videos: Path) -> Path:
    """Own videos, in one of which the objects come with the last frame."""
    for path in sorted((videos / "Annotations/dog").iterdir())[:-1]:
        Image.fromarray(np.zeros((48, 64), np.uint8)).save(path)
    return videos


FIRST_APPEARANCE = ScoringProtocol.FIRST_APPEARANCE


def open_videos(root: Path) -> Dataset:
    config = DatasetConfig(
        name="folder", title="own videos", layout=Layout.FOLDER, root=".", scoring=ScoringProtocol.FIRST_APPEARANCE
    )
    return open_dataset(config, data=root, size=None)


def test_a_sequence_whose_objects_come_too_late_costs_the_others_nothing(late: Path) -> None:
    dataset = open_videos(late)
    scorable = require_scorable(dataset, protocol=FIRST_APPEARANCE)
    assert [sequence.name for sequence in scorable.dataset.sequences] == ["cow"]
    assert scorable.explain() == ["Not scored, for want of an object before the last frame with truth: dog"]
    masks = folder_masks(late / "Annotations")
    assert score_masks(scorable.dataset, masks, protocol=FIRST_APPEARANCE, pool=alone()).j_and_f == 1
    with pytest.raises(ScoringError, match="sequence dog: expected an object"):
        score_masks(dataset, masks, protocol=FIRST_APPEARANCE, pool=alone())


def test_where_nothing_is_left_to_score_every_reason_is_given(late: Path) -> None:
    for path in sorted((late / "Annotations/cow").iterdir())[1:]:
        path.unlink()
    with pytest.raises(InputError) as refusal:
        require_scorable(open_videos(late), protocol=FIRST_APPEARANCE)
    assert str(refusal.value) == (
        "folder: expected a sequence that can be scored, found none. Not scored, for want of truth in every frame: "
        "cow. Not scored, for want of an object before the last frame with truth: dog; add truth masks, or choose "
        "another dataset"
    )


def test_of_many_sequences_only_some_are_named_but_all_are_counted(videos: Path) -> None:
    dataset = open_videos(videos)
    unscored = {f"{index:03d}": "for want of truth" for index in range(507)}
    (line,) = Scorable(dataset=dataset, unscored=unscored).explain()
    assert line.startswith("Not scored, for want of truth: 000, 001, ")
    assert line.endswith(", 029 and 477 more")


@pytest.mark.parametrize(("frames", "scored"), [(("00000",), False), (("00000", "00001"), True)])
def test_youtube_vos_scores_videos_with_an_object_that_is_listed_twice(
    videos: Path, frames: tuple[str, ...], scored: bool
) -> None:
    dataset = open_videos(videos)
    listed = {1: ListedObject(category="cow", frames=frames)}
    cow = replace(dataset, sequences=(replace(dataset.sequences[0], objects=listed),))
    scorable = find_scorable(cow, protocol=ScoringProtocol.YOUTUBE_VOS)
    assert bool(scorable.dataset.sequences) == scored
    assert list(scorable.unscored) == ([] if scored else ["cow"])
    if scored:
        masks = folder_masks(videos / "Annotations")
        (score,) = score_masks(cow, masks, protocol=ScoringProtocol.YOUTUBE_VOS, pool=alone()).sequences
        assert score.objects[0].frames == ("00001",)


def test_the_entry_point_scores_the_rest_and_says_what_it_left_out(
    entry_point: EntryPoint, late: Path, tmp_path: Path
) -> None:
    status, output, errors = entry_point(
        "score",
        f"masks={late / 'Annotations'}",
        "dataset=folder",
        f"paths.data={late}",
        f"paths.runs={tmp_path / 'runs'}",
    )
    assert (status, errors) == (0, "")
    reason = "for want of an object before the last frame with truth"
    assert output.startswith(f"Not scored, {reason}: dog\n")
    (path,) = (tmp_path / "runs").rglob("*.json")
    record = msgspec.json.decode(path.read_bytes(), type=ScoredRecord)
    assert record.unscored == {"dog": reason}
    assert [sequence.name for sequence in record.score.sequences] == ["cow"]


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
    score = msgspec.json.decode(record.read_bytes(), type=ScoredRecord).score
    official = json.loads((data_root / f"davis16_results/{method}_per_frame.json").read_bytes())
    assert {sequence.name for sequence in score.sequences} == set(official)
    for sequence in score.sequences:
        (one,) = sequence.objects
        assert {"J": [f"{j:.3f}" for j in one.j], "F": [f"{f:.3f}" for f in one.f]} == official[sequence.name]
    assert f"{100 * score.j_and_f:.1f}" in output
