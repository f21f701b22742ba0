import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from benchmarks.errors import InputError
from benchmarks.masks import davis_palette, decode_mask, encode_mask, read_mask, read_palette

COLOURS = bytes(range(256)) * 3  # a palette that is nobody's

MASKS = npst.arrays(np.uint8, npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))


def all_labels() -> np.ndarray:
    return np.arange(256, dtype=np.uint8).reshape(16, 16)


def test_a_mask_of_all_256_labels_survives_writing_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(encode_mask(all_labels(), palette=COLOURS))
    assert np.array_equal(read_mask(path), all_labels())
    assert read_palette(path) == COLOURS


@given(mask=MASKS, palette=st.binary(min_size=768, max_size=768))
def test_pillow_reads_the_very_indices_and_palette_that_were_written(mask: np.ndarray, palette: bytes) -> None:
    with Image.open(io.BytesIO(encode_mask(mask, palette=palette))) as image:
        image.verify()
    with Image.open(io.BytesIO(encode_mask(mask, palette=palette))) as image:
        assert (image.format, image.mode) == ("PNG", "P")
        assert np.array_equal(np.asarray(image), mask)
        assert bytes(image.getpalette("RGB") or []) == palette


def test_a_mask_is_read_whatever_the_memory_layout_it_was_written_from(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    mask = all_labels()
    for view in (mask.T, mask[::2, ::3], np.asfortranarray(mask)):
        path.write_bytes(encode_mask(view, palette=COLOURS))
        assert np.array_equal(read_mask(path), view)


@pytest.mark.parametrize("mode", ["P", "L"])
def test_labels_are_read_as_they_are_from_indexed_and_from_grey_images(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "mask.png"
    image = Image.fromarray(all_labels())
    if mode == "P":
        image = image.copy()
        image.putpalette(COLOURS)
    image.save(path)
    with Image.open(path) as saved:
        assert saved.mode == mode
    assert np.array_equal(read_mask(path), all_labels())
    assert read_palette(path) == (COLOURS if mode == "P" else davis_palette())


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_indexed_images_of_fewer_bits_hold_labels_too(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "mask.png"
    mask = (np.arange(12, dtype=np.uint8) % 2**bits).reshape(3, 4)
    image = Image.fromarray(mask)
    image.putpalette(COLOURS[: 3 * 2**bits])
    image.save(path, bits=bits)
    assert np.array_equal(read_mask(path), mask)
    assert read_palette(path) == COLOURS[: 3 * 2**bits].ljust(768, b"\0")


def test_a_1_bit_image_is_one_object_with_label_1(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    mask = np.eye(9, dtype=np.uint8)
    Image.fromarray(mask * 255).convert("1").save(path)
    with Image.open(path) as saved:
        assert saved.mode == "1"
    assert np.array_equal(read_mask(path), mask)
    assert read_palette(path) == davis_palette()


def test_the_davis_palette_begins_as_everyone_knows_it() -> None:
    palette = davis_palette()
    assert len(palette) == 768
    colours = [tuple(palette[3 * i : 3 * i + 3]) for i in range(256)]
    assert colours[:5] == [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128)]
    assert (colours[19], colours[20], colours[255]) == ((128, 192, 0), (0, 64, 128), (224, 224, 192))
    assert len(set(colours)) == 256


@pytest.mark.parametrize(
    ("mode", "remedy"),
    [
        ("RGB", "save it as an indexed PNG whose palette index is the object's label"),
        ("RGBA", "save it as an indexed PNG"),
        ("LA", "save it as an indexed PNG"),
        ("I;16", "renumber its objects to 1..255 and save it as 8-bit single-channel PNG"),
    ],
)
def test_a_mask_of_another_kind_is_refused_with_its_name_and_a_remedy(tmp_path: Path, mode: str, remedy: str) -> None:
    path = tmp_path / "mask.png"
    Image.new(mode, (8, 6)).save(path)
    with pytest.raises(InputError, match=f"^{path}: expected .*{mode}.*{remedy}") as refusal:
        read_mask(path)
    assert "\n" not in str(refusal.value)


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    for read in (read_mask, read_palette):
        with pytest.raises(InputError, match=f"^{path}: expected a mask, found no such file; restore it$"):
            read(path)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_mask_is_named(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "mask.png"
    noise = np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)
    content = encode_mask(noise, palette=COLOURS)
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError, match=f"^{path}: expected a mask image, found a damaged one"):
        read_mask(path)


@pytest.mark.parametrize("content", [b"", b"not an image\n", b"\x89PNG\r\n\x1a\n", bytes(5000)])
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected a mask image, found"):
        read_mask(path)


def test_a_folder_in_place_of_a_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}: expected a mask image"):
        read_mask(tmp_path)


def test_a_header_that_promises_gigapixels_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mask.gif"  # a format without checksums
    Image.new("L", (8, 6)).save(path)
    content = bytearray(path.read_bytes())
    content[6:10] = b"\xff\xff\xff\xff"  # width and height of the screen
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected a mask image, found a damaged one"):
        read_mask(path)


@given(data=st.data())
def test_whatever_bytes_a_mask_has_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(encode_mask(all_labels(), palette=COLOURS))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(InputError):
        read_mask(path)


@pytest.mark.parametrize("bits", [2, 4])
def test_labels_in_a_grey_png_of_few_bits_are_read_as_they_were_written(tmp_path: Path, bits: int) -> None:
    labels = np.tile(np.arange(2**bits, dtype=np.uint8), (2, 2))
    packed = np.zeros((2, labels.shape[1] * bits // 8), np.uint8)
    for index in range(labels.shape[1]):
        position = index * bits
        packed[:, position // 8] |= labels[:, index] << (8 - bits - position % 8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    header = struct.pack(">IIBBBBB", labels.shape[1], 2, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    path = tmp_path / "few.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks
        )
    )
    np.testing.assert_array_equal(read_mask(path), labels)


def test_a_file_that_was_read_already_is_decoded_as_from_disk_under_the_name_given(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)).save(path)
    assert np.array_equal(decode_mask(path.read_bytes(), name="a.zip, mask.png"), read_mask(path))
    for content, found in ((b"GIF", "something else"), (path.read_bytes()[:1000], "a damaged one")):
        with pytest.raises(InputError, match=f"^a.zip, mask.png: expected a mask image, found {found}"):
            decode_mask(content, name="a.zip, mask.png")
