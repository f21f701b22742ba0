"""What the fast way reads is what Pillow reads; what it cannot read it leaves to Pillow."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from benchmarks.mask_png import GREY, INDEXED, NONE, SIGNATURE, SUB, decode_plain_png
from benchmarks.masks import davis_palette, decode_mask, encode_mask

UP = 2
MASKS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40), elements=st.integers(0, 255))
RUNS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40), elements=st.integers(0, 2))


def png(mask: np.ndarray, *filters: int, colour: int = GREY, bits: int = 8, interlaced: int = 0) -> bytes:
    """A PNG whose rows have these filters in turn."""
    lines = bytearray()
    for number, row in enumerate(mask):
        kind = filters[number % len(filters)]
        left = np.concatenate([[0], row[:-1]]).astype(np.uint8)
        above = mask[number - 1] if number else np.zeros_like(row)
        lines += bytes([kind]) + (row - {NONE: 0 * row, SUB: left, UP: above}[kind]).astype(np.uint8).tobytes()
    height, width = mask.shape
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    palette = [(b"PLTE", davis_palette())] if colour == INDEXED else []
    compressed = zlib.compress(bytes(lines))
    middle = len(compressed) // 2  # content in two chunks, as large images have
    parts = [(b"IDAT", compressed[:middle]), (b"IDAT", compressed[middle:])]
    chunks = [(b"IHDR", header), *palette, (b"tEXt", b"Comment\0none"), *parts, (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def by_pillow(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content)), dtype=np.uint8)


@given(mask=MASKS | RUNS, row_filter=st.sampled_from([NONE, SUB]), colour=st.sampled_from([GREY, INDEXED]))
def test_it_reads_what_pillow_reads(mask: np.ndarray, row_filter: int, colour: int) -> None:
    content = png(mask, row_filter, colour=colour)
    decoded = decode_plain_png(content)
    assert decoded is not None
    assert np.array_equal(decoded, mask)
    assert np.array_equal(by_pillow(content), mask)
    assert decoded.flags.writeable
    assert decoded.flags.c_contiguous


def test_it_reads_what_is_written_here() -> None:
    mask = np.arange(256, dtype=np.uint8).reshape(8, 32)
    decoded = decode_plain_png(encode_mask(mask, palette=davis_palette()))
    assert decoded is not None
    assert np.array_equal(decoded, mask)


@given(mask=MASKS, filters=st.lists(st.sampled_from([NONE, SUB, UP]), min_size=2, max_size=4))
def test_rows_of_other_filters_are_left_to_pillow_with_the_same_result(mask: np.ndarray, filters: list[int]) -> None:
    content = png(mask, *filters)
    assert np.array_equal(decode_mask(content, name="mask"), mask)
    if len(mask) >= len(filters) and len(set(filters)) > 1:
        assert decode_plain_png(content) is None


def test_other_kinds_of_png_are_left_to_pillow() -> None:
    mask = np.ones((4, 4), np.uint8)
    assert decode_plain_png(png(mask, NONE, colour=2)) is None  # RGB
    assert decode_plain_png(png(mask, NONE, bits=4)) is None
    assert decode_plain_png(png(mask, NONE, interlaced=1)) is None
    assert decode_plain_png(b"GIF89a") is None


@pytest.mark.parametrize("row_filter", [NONE, SUB])
def test_whatever_byte_is_damaged_the_labels_are_the_same_or_pillow_decides(row_filter: int) -> None:
    mask = np.zeros((12, 12), np.uint8)
    mask[3:8, 2:9] = 2
    content = png(mask, row_filter)
    for place in range(len(content)):
        for changed in (content[:place], content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]):
            assert decode_plain_png(changed) is None


def test_content_that_is_longer_than_the_header_says_is_left_to_pillow() -> None:
    content = bytearray(png(np.ones((4, 4), np.uint8), NONE))
    header = struct.pack(">IIBBBBB", 4, 3, 8, GREY, 0, 0, 0)
    content[16:33] = header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    assert decode_plain_png(bytes(content)) is None


@pytest.mark.data
def test_annotations_of_davis_are_read_the_fast_way(data_root: Path) -> None:
    for path in sorted((data_root / "DAVIS/2016/Annotations/480p/dog").iterdir()):
        content = path.read_bytes()
        decoded = decode_plain_png(content)
        assert decoded is not None
        assert np.array_equal(decoded, by_pillow(content))
