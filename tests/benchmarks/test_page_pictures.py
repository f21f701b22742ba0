"""Pictures of runs for the results page."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.masks import davis_palette, encode_mask, read_mask
from benchmarks.page_pictures import PICTURE_BYTES, WIDTH, take_pictures
from benchmarks.picture_choice import embedded_size
from reports.page import Pictures, render_page
from reports.result import Results, read_results

RunCell = Callable[[CellConfig], Cell]
MakeConfig = Callable[..., CellConfig]


def decode(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image)


@pytest.fixture
def runs(cell_config: MakeConfig, run_cell: RunCell, videos: Path, tmp_path: Path) -> Results:
    """Two runs over `cow` (5 frames of 48 x 64) and `dog` (6)."""
    for top_k in (5, 6):
        run_cell(cell_config("dataset=folder", f"paths.data={videos}", f"memory.top_k={top_k}"))
    return read_results(tmp_path / "runs")


def test_runs_of_one_dataset_share_frames_and_truth_and_keep_their_own_masks(runs: Results, videos: Path) -> None:
    pictures = take_pictures(runs, data=None)
    assert pictures.absent == {}
    assert [(clip.name, clip.runs, len(clip.shown)) for clip in pictures.clips] == [
        ("cow", (0, 1), 5),
        ("dog", (0, 1), 6),
    ]
    for frame in pictures.clips[1].shown:
        name = f"{frame.index:05d}.png"
        assert decode(frame.image).shape == (48, 64, 3)
        assert np.array_equal(decode(frame.truth or b""), read_mask(videos / "Annotations/dog" / name))
        for place, result in enumerate(runs.runs):
            mask = read_mask(result.folder.masks / "dog" / name)
            assert np.array_equal(decode(frame.predictions[place]), mask)


def test_frames_are_shown_as_they_look(runs: Results, videos: Path) -> None:
    frame = take_pictures(runs, data=None).clips[0].shown[2]
    with Image.open(videos / "JPEGImages/cow/00002.jpg") as image:
        difference = np.asarray(image).astype(int) - decode(frame.image)
    assert np.abs(difference).mean() < 20
    assert abs(difference.mean()) < 2


def test_a_run_whose_masks_or_data_have_changed_shows_nothing_and_says_why(runs: Results, videos: Path) -> None:
    first, second = runs.runs
    mask = first.folder.masks / "dog/00003.png"
    mask.write_bytes(encode_mask(np.zeros_like(read_mask(mask)), palette=davis_palette()))
    pictures = take_pictures(runs, data=None)
    assert list(pictures.absent) == [0]
    assert pictures.absent[0].startswith(f"{first.folder.masks}: expected the masks that the run wrote")
    assert {clip.runs for clip in pictures.clips} == {(1,)}
    (videos / "Annotations/dog/00000.png").write_bytes((videos / "Annotations/dog/00005.png").read_bytes())
    pictures = take_pictures(runs, data=None)
    assert pictures.absent[1].startswith(f"{videos}: expected the frames and prompts that were run, found others")
    assert pictures.clips == ()
    shutil.rmtree(videos)
    assert set(take_pictures(runs, data=None).absent) == {0, 1}
    assert second.records, "its records are there all the same"


def test_a_folder_without_the_data_is_passed_over_and_never_written_to(
    runs: Results, run_cell: RunCell, cell_config: MakeConfig, tmp_path: Path
) -> None:
    run_cell(cell_config("dataset=demo", f"paths.data={tmp_path / 'data'}", "sequences=[late-arrival]"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    both = read_results(tmp_path / "runs")
    assert take_pictures(both, data=str(elsewhere)).absent == {}
    shutil.rmtree(tmp_path / "data/demo")
    (reason,) = take_pictures(both, data=str(elsewhere)).absent.values()
    assert reason.startswith(f"{tmp_path}/data/demo: expected a folder of")
    assert reason.endswith(" with data=")
    assert not (tmp_path / "data/demo").exists()
    assert list(elsewhere.iterdir()) == []
    assert len(runs.runs) == 2


def test_data_that_have_moved_are_found_where_they_are_said_to_be(runs: Results, videos: Path) -> None:
    videos.rename(videos.with_name("moved"))
    assert set(take_pictures(runs, data=None).absent) == {0, 1}
    assert len(take_pictures(runs, data=str(videos.with_name("moved"))).clips) == 2


def test_under_davis_2016_any_label_is_the_one_object(
    cell_config: MakeConfig, run_cell: RunCell, davis_2016: Path, tmp_path: Path
) -> None:
    run_cell(cell_config("dataset=davis16_val", f"paths.data={davis_2016}", "resolution=native"))
    for clip in take_pictures(read_results(tmp_path / "runs"), data=None).clips:
        for frame in clip.shown:
            assert np.unique(decode(frame.truth or b"")).tolist() == [0, 1]
            assert set(np.unique(decode(frame.predictions[0])).tolist()) <= {0, 1}


def test_under_davis_2017_void_is_background(
    cell_config: MakeConfig, run_cell: RunCell, davis_2017: Path, tmp_path: Path
) -> None:
    path = davis_2017 / "DAVIS/2017/trainval/Annotations/480p/cow/00002.png"
    mask = read_mask(path)
    mask[:5] = 255
    path.write_bytes(encode_mask(mask, palette=davis_palette()))
    run_cell(cell_config("dataset=davis17_val", f"paths.data={davis_2017}", "resolution=native"))
    (cow, _) = take_pictures(read_results(tmp_path / "runs"), data=None).clips
    assert np.array_equal(decode(cow.shown[2].truth or b""), np.where(mask == 255, 0, mask))


def test_frames_without_truth_are_shown_without_it(
    cell_config: MakeConfig, run_cell: RunCell, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    config = cell_config("dataset=davis17_test_dev", f"paths.data={davis_2017_test_dev}", "resolution=native")
    run_cell(config)
    for clip in take_pictures(read_results(tmp_path / "runs"), data=None).clips:
        assert [frame.truth is None for frame in clip.shown] == [False] + [True] * 5


def test_the_page_of_twenty_sequences_stays_below_ten_megabytes(
    cell_config: MakeConfig, run_cell: RunCell, write_video: Callable[..., None], tmp_path: Path
) -> None:
    """Frames of noise are larger than any that a camera takes."""
    root = tmp_path / "videos"
    for number in range(20):
        images, masks = root / f"JPEGImages/{number:02d}", root / f"Annotations/{number:02d}"
        write_video(images, masks, frames=12, labels=(1, 9), size=(200, WIDTH + 30))
        for path in images.iterdir():
            noise = np.random.default_rng(number).integers(0, 256, (200, WIDTH + 30, 3), dtype=np.uint8)
            Image.fromarray(noise).save(path)
    run_cell(cell_config("dataset=folder", f"paths.data={root}", "resolution.size=32"))
    results = read_results(tmp_path / "runs")
    pictures = take_pictures(results, data=None)
    counts = [len(clip.shown) for clip in pictures.clips]
    used = sum(embedded_size(frame) for clip in pictures.clips for frame in clip.shown)
    assert 0.9 * PICTURE_BYTES < used <= PICTURE_BYTES
    assert len(counts) == 20
    assert min(counts) == max(counts) < 12
    assert decode(pictures.clips[0].shown[0].image).shape == (183, WIDTH, 3)
    assert np.unique(decode(pictures.clips[0].shown[0].truth or b"")).tolist() == [0, 1, 9]
    assert len(render_page(results, pictures).encode()) < 10_000_000


def test_without_runs_there_are_no_pictures() -> None:
    assert take_pictures(Results(), data=None) == Pictures()
