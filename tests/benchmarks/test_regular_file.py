import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from benchmarks.datasets.listing import IMAGE_ENDINGS, list_images
from benchmarks.errors import InputError
from benchmarks.frames import image_size, read_image
from benchmarks.inspection.image_header import read_header, verify_checksums
from benchmarks.masks import read_mask, read_palette
from benchmarks.regular_file import require_regular_file

EntryPoint = Callable[..., tuple[int, str, str]]

PATIENCE = 10  # seconds, after which whoever waits for a pipe has failed


@pytest.fixture(autouse=True)
def _without_waiting() -> Iterator[None]:
    def give_up(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail("it waits for the other end of a named pipe")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def test_files_and_links_to_them_are_let_pass_and_so_is_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "lost", "nowhere"):
        require_regular_file(tmp_path / name, expected="a file")


def test_folders_pipes_and_devices_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for path, found in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe", "a named pipe or a device"),
        (tmp_path / "link", "a named pipe or a device"),
        (Path(os.devnull), "a named pipe or a device"),
    ):
        with pytest.raises(InputError, match=f"^{path}: expected a mask, found {found}; remove it, or put"):
            require_regular_file(path, expected="a mask")


@pytest.mark.parametrize("read", [read_mask, read_palette, read_image, image_size, read_header, verify_checksums])
def test_nobody_who_reads_an_image_waits_for_a_pipe(tmp_path: Path, read: Callable[[Path], object]) -> None:
    path = tmp_path / "00003.png"
    os.mkfifo(path)
    with pytest.raises(InputError, match=f"^{path}: expected a.*, found a named pipe"):
        read(path)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_has_the_name_of_an_image_and_is_no_file_is_named_before_a_run(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "notes")  # of another name it is nobody's business
    make(tmp_path / "00003.png")
    with pytest.raises(InputError, match=f"^{tmp_path}/00003.png: expected an image, found a "):
        list_images(tmp_path, endings=IMAGE_ENDINGS)


def test_a_pipe_among_masks_that_are_scored_is_one_line(entry_point: EntryPoint, davis_2017: Path) -> None:
    masks = davis_2017 / "DAVIS/2017/trainval/Annotations/480p"
    replace_by_pipe(masks / "dog/00003.png")
    status, _, errors = entry_point("score", f"masks={masks}", "dataset=davis17_val", f"paths.data={davis_2017}")
    assert status == 2
    assert errors.startswith(f"error: {masks}/dog/00003.png: expected an image, found a named pipe or a device; ")
    assert errors.count("\n") == 1


def test_a_pipe_among_frames_is_a_defect_and_the_rest_is_looked_at(entry_point: EntryPoint, davis_2017: Path) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    replace_by_pipe(year / "JPEGImages/480p/cow/00003.jpg")
    (year / "JPEGImages/480p/dog/00002.jpg").unlink()
    status, output, errors = entry_point("doctor", f"paths.data={davis_2017}", "dataset=davis17_val")
    assert (status, errors) == (1, "")
    assert (
        f"davis17_val: folders of frames that cannot be used: {year}/JPEGImages/480p/cow/00003.jpg "
        "(a named pipe or a device instead of an image); remove it, or put the file in its place"
    ) in output.splitlines()
    assert "gaps in the numbers of frames: dog/00002" in output
