import io
import struct
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.errors import InputError
from benchmarks.mask_sources.zipped import MAX_MASK_BYTES, zipped_masks
from benchmarks.masks import davis_palette, encode_mask
from reports.mask_records import MasksKind

MASK = np.arange(12, dtype=np.uint8).reshape(3, 4)
PNG = encode_mask(MASK, palette=davis_palette())
TWO = {"cow/00000.png": PNG, "dog/00000.png": PNG, "dog/00001.png": PNG}

CENTRAL = b"PK\x01\x02"  # begins the entry of a member in the list at the end of a zip


def zip_of(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def read_all(path: Path) -> dict[str, dict[str, np.ndarray]]:
    with zipped_masks(path) as source:
        return {name: {frame: source.read(name, frame) for frame in frames} for name, frames in source.readers.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "result.zip"


@pytest.mark.parametrize("prefix", ["", "result/", "Annotations/", "result/Annotations/480p/", "./"])
def test_folders_of_sequences_are_found_at_the_root_and_below_others(path: Path, prefix: str) -> None:
    path.write_bytes(zip_of({prefix + name: png for name, png in TWO.items()}))
    masks = read_all(path)
    assert {name: list(frames) for name, frames in masks.items()} == {"cow": ["00000"], "dog": ["00000", "00001"]}
    assert all(np.array_equal(mask, MASK) for frames in masks.values() for mask in frames.values())


def test_frames_come_in_the_order_of_their_names_whatever_that_in_the_zip(path: Path) -> None:
    path.write_bytes(zip_of(dict(reversed(TWO.items()))))
    assert {name: list(frames) for name, frames in read_all(path).items()} == {
        "cow": ["00000"],
        "dog": ["00000", "00001"],
    }


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/dog/._00000.png",
        "__MACOSX/dog/00000.png",
        "dog/.00002.png",
        ".hidden/dog/00000.png",
        "../dog/00000.png",
        "readme.txt",
        "dog/scores.csv",
        "elsewhere/",
    ],
)
def test_what_is_no_mask_is_left_aside(path: Path, name: str) -> None:
    path.write_bytes(zip_of({name: b"not a mask", **TWO}))
    assert list(read_all(path)) == ["cow", "dog"]


def test_where_masks_came_from_is_told(path: Path) -> None:
    path.write_bytes(zip_of(TWO))
    with zipped_masks(path) as source:
        assert (source.path, source.origin.kind, source.origin.path) == (path, MasksKind.ZIP, str(path.resolve()))
        assert len(source.origin.sha256 or "") == 64


def test_nothing_is_unpacked_onto_the_disk(path: Path) -> None:
    path.write_bytes(zip_of({"../" * 9 + "dog/00000.png": PNG, **TWO}))
    read_all(path)
    assert [file.name for file in path.parent.iterdir()] == ["result.zip"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, ": expected masks .*, found none"),
        ({"readme.txt": b""}, ": expected masks .*, found none"),
        ({"00000.png": PNG}, ", 00000.png: expected masks in a folder for each sequence, found this one outside"),
        (
            {"a/dog/00000.png": PNG, "b/dog/00001.png": PNG},
            ": expected folders of sequences side by side, found a/dog/00000.png and b/dog/00001.png; zip one",
        ),
        (
            {"dog/00000.png": PNG, "dog/00000.PNG": PNG},
            ", dog/00000.png: expected one mask per frame, found another of this name",
        ),
        ({"dog/00000.png": b"GIF"}, ", dog/00000.png: expected a mask image, found something else; replace the file"),
        ({"dog/00000.png": PNG[:-30]}, ", dog/00000.png: expected a mask image, found a damaged one"),
    ],
)
def test_a_zip_that_holds_no_masks_in_folders_is_refused(path: Path, members: dict[str, bytes], reason: str) -> None:
    path.write_bytes(zip_of(members))
    with pytest.raises(InputError, match=f"^{path}{reason}"):
        read_all(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>", zip_of(TWO)[:-10], zip_of(TWO)[:200]])
def test_what_is_no_zip_or_half_of_one_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected a zip of masks, cannot read it .*; zip the masks anew$"):
        read_all(path)


def test_a_member_whose_bytes_were_changed_is_named(path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    content = bytearray(zip_of({"dog/00000.png": encode_mask(noise, palette=davis_palette())}))
    content[600] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}, dog/00000.png: expected a mask, cannot unpack it"):
        read_all(path)


def listed(content: bytes, *, at: int, form: str, value: int) -> bytes:
    """The zip with a field of its first entry changed in the list of members."""
    changed = bytearray(content)
    struct.pack_into(form, changed, content.index(CENTRAL) + at, value)
    return bytes(changed)


@pytest.mark.parametrize(
    ("at", "form", "value", "reason"),
    [
        (8, "<H", 1, "found an encrypted one; zip the masks without a password"),
        (8, "<H", 1 << 6, "cannot unpack it"),  # encrypted in a stronger way
        (10, "<H", 99, "found compression 99; zip the masks with the usual compression"),
        (10, "<H", 14, "found compression 14; zip the masks with the usual compression"),
        (24, "<I", MAX_MASK_BYTES + 1, f"of at most {MAX_MASK_BYTES} bytes, found {MAX_MASK_BYTES + 1}"),
        (42, "<I", 1 << 30, "cannot unpack it"),  # lies where the file has long ended
    ],
)
def test_a_member_that_cannot_be_had_is_named(path: Path, at: int, form: str, value: int, reason: str) -> None:
    path.write_bytes(listed(zip_of({"dog/00000.png": PNG}), at=at, form=form, value=value))
    with pytest.raises(InputError, match=f"^{path}, dog/00000.png: expected a mask.*{reason}"):
        read_all(path)


def test_a_member_that_unpacks_to_more_than_it_says_is_refused_without_being_unpacked(path: Path) -> None:
    bomb = zip_of({"dog/00000.png": bytes(50_000_000)})
    path.write_bytes(listed(bomb, at=24, form="<I", value=1000))
    with pytest.raises(InputError, match=f"^{path}, dog/00000.png: expected a mask, cannot unpack it"):
        read_all(path)


@given(data=st.data())
def test_whatever_bytes_a_zip_has_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(zip_of(TWO, compression=data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(content)
    with suppress(InputError):
        read_all(path)
