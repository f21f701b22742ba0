from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.errors import InputError
from benchmarks.inspection.image_header import read_header, verify_checksums
from benchmarks.masks import davis_palette, encode_mask


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    path = tmp_path / "mask.png"
    path.write_bytes(encode_mask(np.ones((4, 6), np.uint8), palette=davis_palette()))
    return path


def test_a_mask_says_its_mode_size_and_palette(mask: Path) -> None:
    header = read_header(mask)
    assert (header.format, header.mode, header.bits, header.size, header.ended) == ("PNG", "P", 8, (4, 6), True)
    assert header.palette == davis_palette()


@pytest.mark.parametrize(
    ("mode", "dtype", "bits"), [("L", np.uint8, 8), ("I;16", np.uint16, 16), ("1", np.bool_, 1), ("RGB", None, 8)]
)
def test_a_png_says_how_many_bits_its_channels_have(tmp_path: Path, mode: str, dtype: type | None, bits: int) -> None:
    pixels = np.zeros((4, 6, 3), np.uint8) if dtype is None else np.zeros((4, 6), dtype)
    Image.fromarray(pixels).save(tmp_path / "image.png")
    header = read_header(tmp_path / "image.png")
    assert (header.mode, header.bits, header.palette) == (mode, bits, None)


def test_a_palette_of_few_colours_is_given_as_it_is_and_so_are_few_bits(tmp_path: Path) -> None:
    image = Image.fromarray(np.zeros((4, 6), np.uint8), mode=None).convert("P")
    image.putpalette([1, 2, 3, 4, 5, 6])
    image.save(tmp_path / "mask.png", bits=1)
    header = read_header(tmp_path / "mask.png")
    assert (header.mode, header.bits, header.palette) == ("P", 1, bytes([1, 2, 3, 4, 5, 6]))


@pytest.mark.parametrize("name", ["image.png", "image.jpg"])
def test_an_image_that_was_cut_or_has_something_after_it_did_not_end(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(path)
    content = path.read_bytes()
    assert read_header(path).ended
    for other in (content[:-1], content[:-30], content + b"\0"):
        path.write_bytes(other)
        assert not read_header(path).ended


def test_what_is_no_image_is_named(tmp_path: Path, mask: Path) -> None:
    (tmp_path / "text.png").write_text("text")
    (tmp_path / "short.png").write_bytes(mask.read_bytes()[:20])
    for name in ("text.png", "short.png", "nowhere.png"):
        with pytest.raises(InputError, match=f"^{tmp_path}/{name}: expected an image, found .*; replace the file"):
            read_header(tmp_path / name)


def test_a_png_with_changed_bytes_fails_its_checksums_even_where_it_decodes(mask: Path) -> None:
    verify_checksums(mask)
    content = bytearray(mask.read_bytes())
    content[-20] ^= 1
    mask.write_bytes(content)
    assert read_header(mask).ended
    with pytest.raises(InputError, match=f"^{mask}: expected an image, found a damaged one"):
        verify_checksums(mask)
