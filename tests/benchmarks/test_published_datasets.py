"""Every published dataset, tiny and in its exact layout, from frames to masks and scores as it is configured."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from reports.run_folder import RunFolder, find_runs

EntryPoint = Callable[..., tuple[int, str, str]]
Run = Callable[..., RunFolder]

SIX = tuple(f"{index:05d}" for index in range(6))
THRICE = tuple(f"{index:05d}" for index in (0, 4, 8, 11, 14, 18, 22, 26, 30, 33))


@pytest.fixture
def run(entry_point: EntryPoint, tiny: tuple[str, ...], tmp_path: Path) -> Run:
    """Run a dataset as it is published, but for the network and the size of its frames."""

    def run(dataset: str, data: Path) -> RunFolder:
        status, _, errors = entry_point("run", *tiny, f"dataset={dataset}", f"paths.data={data}")
        assert (status, errors) == (0, "")
        (folder,) = find_runs(tmp_path / "runs")
        return folder

    return run


@pytest.mark.parametrize(
    ("dataset", "fixture", "frames"),
    [
        ("davis16_val", "davis_2016", ({"cow": SIX, "dog": SIX}, SIX[1:-1])),
        ("davis17_val", "davis_2017", ({"cow": SIX, "dog": SIX}, SIX[1:-1])),
        ("davis17_test_dev", "davis_2017_test_dev", ({"cow": SIX, "dog": SIX}, None)),
        ("youtube19_val", "youtube_vos", (dict.fromkeys(("cow", "dog"), ("00000", "00005", "00010")), None)),
        ("youtube19_val_sparse", "youtube_vos", (dict.fromkeys(("cow", "dog"), ("00000", "00005", "00010")), None)),
        ("long_video", "long_video", ({"rat": ("00000", "00004", "00008", "00011")}, ("00004", "00008"))),
        ("long_video_x3", "long_video", ({"rat": THRICE}, THRICE[1:-1])),
    ],
)
def test_what_is_written_and_scored_of_a_dataset_is_what_its_protocol_says(
    run: Run,
    request: pytest.FixtureRequest,
    dataset: str,
    fixture: str,
    frames: tuple[dict[str, tuple[str, ...]], tuple[str, ...] | None],
) -> None:
    written, scored = frames
    folder = run(dataset, request.getfixturevalue(fixture))
    masks = {path.name: tuple(sorted(mask.stem for mask in path.iterdir())) for path in folder.masks.iterdir()}
    assert masks == written
    score = folder.read_scores()
    assert (score is None) == (scored is None)
    if score is not None:
        assert {one.frames for sequence in score.sequences for one in sequence.objects} == {scored}


@pytest.mark.parametrize(
    ("dataset", "fixture"),
    [("davis16_val", "davis_2016"), ("davis17_val", "davis_2017"), ("long_video", "long_video")],
)
def test_truth_is_not_opened_before_the_last_mask_is_written(
    cell_config: Callable[..., CellConfig],
    run_cell: Callable[[CellConfig], Cell],
    request: pytest.FixtureRequest,
    dataset: str,
    fixture: str,
) -> None:
    data: Path = request.getfixturevalue(fixture)
    for path in data.rglob("*.png"):
        if path.stem != "00000":
            path.write_bytes(b"whoever opens this fails")
    cell = run_cell(cell_config(f"dataset={dataset}", "resolution=native", f"paths.data={data}"))
    records = cell.folder.read_sequences()
    assert [record.name for record in records] == [sequence.name for sequence in cell.dataset.sequences]
    for sequence, record in zip(cell.dataset.sequences, records, strict=True):
        assert len(sequence.truth) > 1
        assert record.frames == sequence.written_frames


@pytest.mark.parametrize(
    ("dataset", "fixture", "stepped"),
    [
        ("youtube19_val", "youtube_vos", 11),
        ("youtube19_val_sparse", "youtube_vos", 3),
        ("long_video", "long_video", 12),
        ("long_video_x3", "long_video", 34),
    ],
)
def test_frames_that_are_not_written_are_run_and_timed_like_the_others(
    run: Run, request: pytest.FixtureRequest, dataset: str, fixture: str, stepped: int
) -> None:
    folder = run(dataset, request.getfixturevalue(fixture))
    for record in folder.read_sequences():
        assert (len(record.milliseconds), record.skipped) == (stepped, 0)


def test_long_videos_are_memorised_every_tenth_frame(run: Run, long_video: Path) -> None:
    (record,) = run("long_video", long_video).read_sequences()
    a_frame = record.memory[0][0]
    # Frame 0, frame 10, and not the last one.
    assert [working // a_frame for working, _ in record.memory] == [1] * 10 + [2] * 2


def test_davis_2016_scores_one_object_where_davis_2017_tells_two_apart(
    run: Run, davis_2017: Path, tmp_path: Path
) -> None:
    score = run("davis17_val", davis_2017).read_scores()
    assert score is not None
    assert [len(sequence.objects) for sequence in score.sequences] == [2, 2]
    (tmp_path / "data/DAVIS/2017/trainval").rename(tmp_path / "data/DAVIS/2016")
    (tmp_path / "data/DAVIS/2016/ImageSets/2017").rename(tmp_path / "data/DAVIS/2016/ImageSets/480p")
    shutil.rmtree(tmp_path / "runs")
    score = run("davis16_val", davis_2017).read_scores()
    assert score is not None
    assert [len(sequence.objects) for sequence in score.sequences] == [1, 1]
