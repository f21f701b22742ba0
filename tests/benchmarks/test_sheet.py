import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.contact_sheet import GAP, draw_run, encode_picture, overlay
from benchmarks.errors import InputError
from benchmarks.frames import read_image
from benchmarks.masks import davis_palette
from reports.run_folder import RunFolder

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(cell_config: Callable[..., CellConfig], run_cell: Callable[[CellConfig], Cell], videos: Path) -> RunFolder:
    """A finished run over `cow` (5 frames of 48 x 64) and `dog` (6)."""
    return run_cell(cell_config("dataset=folder", f"paths.data={videos}")).folder


def test_a_sheet_has_a_row_for_each_sequence_and_the_chosen_frames_under_their_masks(
    folder: RunFolder, videos: Path
) -> None:
    picture = draw_run(folder, columns=3, width=64)
    assert picture.shape == (2 * (48 + GAP), 3 * (64 + GAP), 3)
    assert (picture[48 : 48 + GAP] == 255).all()
    first = picture[:48, :64]
    with Image.open(folder.masks / "cow/00000.png") as mask:
        labels = np.asarray(mask)
    image = read_image(videos / "JPEGImages/cow/00000.jpg")
    assert np.array_equal(first, overlay(image, labels, palette=davis_palette()))
    assert np.array_equal(first[labels == 0], image[labels == 0])
    assert not np.array_equal(first[labels > 0], image[labels > 0])


def test_more_columns_than_frames_show_each_frame_once(folder: RunFolder) -> None:
    assert draw_run(folder, columns=99, width=32).shape == (2 * (24 + GAP), 6 * (32 + GAP), 3)
    assert draw_run(folder, columns=1, width=1).shape == (2 * (1 + GAP), 1 + GAP, 3)


def test_sequences_that_are_not_finished_are_left_out(folder: RunFolder) -> None:
    folder.sequence_file("cow").unlink()
    assert draw_run(folder, columns=2, width=64).shape == (48 + GAP, 2 * (64 + GAP), 3)
    folder.sequence_file("dog").unlink()
    with pytest.raises(InputError, match=f"^{folder.path}: expected a finished sequence, found none"):
        draw_run(folder, columns=2, width=64)


def test_an_overlay_is_half_the_palettes_colour_where_there_is_a_label() -> None:
    image = np.full((2, 2, 3), 100, np.uint8)
    mask = np.array([[0, 1], [2, 255]], np.uint8)
    palette = bytes(3) + bytes((200, 0, 0)) + bytes((0, 201, 0)) + bytes(252 * 3) + bytes((255, 255, 255))
    assert overlay(image, mask, palette=palette).tolist() == [
        [[100, 100, 100], [150, 50, 50]],
        [[50, 150, 50], [177, 177, 177]],
    ]


def test_a_picture_is_encoded_in_true_colours_as_its_ending_says(tmp_path: Path) -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[..., 0] = 250
    for ending, kind in ((".png", "PNG"), (".jpg", "JPEG"), (".JPEG", "JPEG")):
        path = tmp_path / f"picture{ending}"
        path.write_bytes(encode_picture(picture, ending=ending))
        with Image.open(path) as image:
            assert image.format == kind
            assert np.abs(np.asarray(image).astype(int) - picture).max() <= 3
    for ending in (".gif", "", ".txt"):
        with pytest.raises(InputError, match=r"^output: expected a name that ends in \.png or \.jpg, found"):
            encode_picture(picture, ending=ending)


def test_the_entry_point_draws_into_the_run_folder_or_where_it_is_told(
    entry_point: EntryPoint, folder: RunFolder, tmp_path: Path
) -> None:
    assert entry_point("sheet", f"run={folder.path}", "width=64", "columns=2") == (0, f"{folder.path}/sheet.png\n", "")
    with Image.open(folder.path / "sheet.png") as image:
        assert image.size == (2 * (64 + GAP), 2 * (48 + GAP))
    output = tmp_path / "new/picture.jpg"
    assert entry_point("sheet", f"run={folder.path}", f"output={output}") == (0, f"{output}\n", "")
    with Image.open(output) as image:
        assert image.format == "JPEG"


def test_a_run_that_cannot_be_drawn_is_one_line(entry_point: EntryPoint, folder: RunFolder, videos: Path) -> None:
    (folder.masks / "dog/00000.png").unlink()
    status, output, errors = entry_point("sheet", f"run={folder.path}")
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {folder.masks}/dog/00000.png: expected a mask, found no such file")
    shutil.rmtree(videos)
    status, output, errors = entry_point("sheet", f"run={folder.path}")
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {videos}/JPEGImages: expected a folder of own videos")
    record = json.loads(folder.run_file.read_bytes())
    record["cell"]["memory"]["top_k"] = "thirty"
    folder.run_file.write_text(json.dumps(record))
    status, output, errors = entry_point("sheet", f"run={folder.path}")
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {folder.run_file}: expected a cell as this version runs it: Expected `int`")
    assert errors.count("\n") == 1
