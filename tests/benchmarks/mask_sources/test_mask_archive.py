import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from benchmarks.mask_sources.archived import archived_masks
from benchmarks.mask_sources.mask_archive import MAX_PIXELS, MaskArchive, encode_archive, read_archive
from benchmarks.mask_sources.packing import pack_masks
from reports.mask_records import MasksKind, MasksRecord

Masks = dict[str, dict[str, np.ndarray]]

MASKS: Masks = {
    "cow": {"00000": np.zeros((2, 3), np.uint8), "00005": np.zeros((2, 3), np.uint8)},
    "dog": {
        "00000": np.array([[1, 1, 0, 0], [0, 0, 255, 0], [0, 0, 0, 0]], np.uint8),
        "00001": np.array([[0, 1, 0, 0], [0, 0, 0, 0], [0, 7, 0, 0]], np.uint8),
    },
}


def source_of(masks: Masks, **origin: Any) -> MaskSource:
    readers = {
        name: {frame: (lambda mask=mask: mask) for frame, mask in frames.items()} for name, frames in masks.items()
    }
    record = MasksRecord(path="somewhere", kind=MasksKind.FOLDER, **origin)
    return MaskSource(path=Path("somewhere"), origin=record, readers=readers)


def read_all(path: Path) -> dict[str, dict[str, list[list[int]]]]:
    source = archived_masks(path)
    return {
        name: {frame: source.read(name, frame).tolist() for frame in frames} for name, frames in source.readers.items()
    }


def listed(masks: Masks) -> dict[str, dict[str, list[list[int]]]]:
    return {name: {frame: mask.tolist() for frame, mask in frames.items()} for name, frames in masks.items()}


@pytest.fixture
def archive() -> MaskArchive:
    return pack_masks(source_of(MASKS))


@pytest.fixture
def path(tmp_path: Path, archive: MaskArchive) -> Path:
    path = tmp_path / "masks.json"
    path.write_bytes(encode_archive(archive, compressed=False))
    return path


@pytest.mark.parametrize("ending", [".json", ".json.gz", ".JSON.GZ"])
def test_masks_survive_packing_and_reading(archive: MaskArchive, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"masks{ending}"
    path.write_bytes(encode_archive(archive, compressed=ending.lower().endswith(".gz")))
    assert read_archive(path) == archive
    assert read_all(path) == listed(MASKS)


@given(masks=st.lists(npst.arrays(np.uint8, (5, 7), elements=st.sampled_from([0, 1, 2, 255])), min_size=1, max_size=4))
def test_any_masks_of_one_size_survive(tmp_path_factory: pytest.TempPathFactory, masks: list[np.ndarray]) -> None:
    given = {"dog": {f"{index:05d}": mask for index, mask in enumerate(masks)}}
    path = tmp_path_factory.getbasetemp() / "any.json.gz"
    path.write_bytes(encode_archive(pack_masks(source_of(given)), compressed=True))
    assert read_all(path) == listed(given)


def test_an_archive_is_what_its_documentation_says(path: Path) -> None:
    content = json.loads(path.read_bytes())
    assert content == {
        "info": {"description": "index masks of videos, as runs of pixels", "schema": 1, "run": None},
        "videos": [
            {"id": 1, "name": "cow", "width": 3, "height": 2, "file_names": ["cow/00000.png", "cow/00005.png"]},
            {"id": 2, "name": "dog", "width": 4, "height": 3, "file_names": ["dog/00000.png", "dog/00001.png"]},
        ],
        "categories": [{"id": 1, "name": "object"}],
        "annotations": [
            {
                "id": index,
                "video_id": 2,
                "category_id": 1,
                "label": label,
                "segmentations": [counts and {"size": [3, 4], "counts": counts} for counts in each],
            }
            # Down the columns of the first: 0 zeros, 1 one, 2 zeros, 1 one, 8 zeros; the last two as differences.
            for index, (label, each) in enumerate([(1, ["01206", "318"]), (7, [None, "516"]), (255, ["714", None])], 1)
        ],
    }


def test_the_same_masks_make_the_same_bytes_whenever_they_are_packed(archive: MaskArchive) -> None:
    again = pack_masks(source_of(MASKS))
    for compressed in (False, True):
        assert encode_archive(again, compressed=compressed) == encode_archive(archive, compressed=compressed)
    assert encode_archive(archive, compressed=True)[4:8] == bytes(4)  # the time that gzip would note


def test_the_run_that_made_the_masks_stays_known(tmp_path: Path) -> None:
    path = tmp_path / "masks.json"
    run = {"run_digest": "a" * 64, "checkpoint_sha256": "b" * 64}
    path.write_bytes(encode_archive(pack_masks(source_of(MASKS, **run)), compressed=False))
    origin = archived_masks(path).origin
    assert (origin.run_digest, origin.checkpoint_sha256) == ("a" * 64, "b" * 64)
    assert pack_masks(archived_masks(path)) == read_archive(path)


def test_keys_of_others_are_left_aside(path: Path) -> None:
    content = json.loads(path.read_bytes())
    content["licenses"] = []
    content["annotations"][0]["iscrowd"] = 0
    path.write_text(json.dumps(content))
    assert read_all(path) == listed(MASKS)


def test_masks_that_cannot_be_packed_are_named() -> None:
    other = {"dog": {"00000": np.zeros((2, 3), np.uint8), "00001": np.zeros((3, 2), np.uint8)}}
    with pytest.raises(
        InputError, match=r"^somewhere: expected masks of 3x2 in sequence dog, .*, found 2x3 in frame 00001; write"
    ):
        pack_masks(source_of(other))
    with pytest.raises(InputError, match=r"^somewhere: expected masks of sequence dog, found none"):
        pack_masks(source_of({"dog": {}}))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff", b'{"videos": 3}', b'{"other": ' + b"[" * 100_000]
)
def test_what_is_no_archive_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "masks.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected masks as benchmarks.archive packs them, found") as refusal:
        read_archive(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kept", [0, 5, 100])
def test_a_compressed_archive_cut_short_or_not_compressed_is_refused(
    archive: MaskArchive, tmp_path: Path, kept: int
) -> None:
    path = tmp_path / "masks.json.gz"
    path.write_bytes(encode_archive(archive, compressed=True)[:kept])
    with pytest.raises(InputError, match=f"^{path}: expected "):
        read_archive(path)
    path.write_bytes(encode_archive(archive, compressed=False))
    with pytest.raises(InputError, match=f"^{path}: expected an archive of masks, cannot read it"):
        read_archive(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: MaskArchive
) -> None:
    monkeypatch.setattr("benchmarks.mask_sources.mask_archive.MAX_BYTES", 1000)
    path = tmp_path / "masks.json.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(InputError, match=f"^{path}: expected an archive of at most 1000 bytes, found more"):
        read_archive(path)
    path.write_bytes(encode_archive(replace(archive, annotations=()), compressed=True))
    assert read_archive(path).annotations == ()


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/no.json: expected an archive of masks, cannot read it"):
        read_archive(tmp_path / "no.json")


def set_in(content: Any, keys: tuple[Any, ...], value: Any) -> None:
    for key in keys[:-1]:
        content = content[key]
    content[keys[-1]] = value


@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        (("info", "schema"), 2, "expected schema 1 of the archive, found 2"),
        (("videos", 1, "id"), 1, "expected videos of different id and name, found one twice"),
        (("videos", 1, "name"), "cow", "expected videos of different id and name, found one twice"),
        (("videos", 0, "name"), "../cow", "expected the name of a plain folder as the name of video '../cow'"),
        (("videos", 0, "name"), "..", "expected the name of a plain folder"),
        (("videos", 0, "name"), "", "expected the name of a plain folder"),
        (("videos", 0, "width"), 0, f"expected a size of 1..{MAX_PIXELS} pixels of video 'cow', found 0x2"),
        (("videos", 0, "width"), -3, "found -3x2"),
        (("videos", 0, "height"), 10**30, f"found 3x{10**30}"),
        (("videos", 0, "file_names"), [], "expected file_names <name>/<frame>.png of video 'cow', found ''"),
        (("videos", 0, "file_names", 0), "dog/0.png", "expected file_names <name>/<frame>.png of video 'cow'"),
        (("videos", 0, "file_names", 0), "cow/.png", "expected file_names <name>/<frame>.png of video 'cow'"),
        (("videos", 0, "file_names", 0), "cow/a/b.png", "expected file_names <name>/<frame>.png of video 'cow'"),
        (("videos", 0, "file_names", 0), "cow/00005.png", "expected each of the file_names once of video 'cow'"),
        (("annotations", 0, "video_id"), 3, "expected the id of a video in annotation 1, found video_id 3"),
        (("annotations", 0, "label"), 0, "expected a label of 1..255 in annotation 1 of video 'dog', found 0"),
        (("annotations", 0, "label"), 256, "expected a label of 1..255 in annotation 1 of video 'dog', found 256"),
        (("annotations", 0, "label"), 7, "expected one annotation for each label of a video, found one twice"),
        (("annotations", 0, "segmentations"), [None], "expected 2 segmentations in annotation 1 of video 'dog'"),
        (
            ("annotations", 0, "segmentations", 0, "size"),
            [4, 3],
            "expected segmentations of 4x3 in annotation 1 of video 'dog', found another size",
        ),
    ],
)
def test_an_archive_that_contradicts_itself_is_refused(
    path: Path, keys: tuple[Any, ...], value: Any, reason: str
) -> None:
    content = json.loads(path.read_bytes())
    set_in(content, keys, value)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as refusal:
        read_archive(path)
    assert str(refusal.value).startswith(f"{path}: expected ")
    assert reason in str(refusal.value)
    assert str(refusal.value).endswith("; pack the masks again")


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("annotations", 0, "segmentations", 0, "counts"), [0, 12]),
        (("annotations", 0, "segmentations", 0, "size"), [3]),
        (("annotations", 0, "label"), "1"),
        (("annotations", 0, "label"), True),
        (("videos", 0, "name"), None),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_with_its_place(path: Path, keys: tuple[Any, ...], value: Any) -> None:
    content = json.loads(path.read_bytes())
    set_in(content, keys, value)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=rf"^{path}: expected masks as .*Expected .* - at `\$\.{keys[0]}"):
        read_archive(path)


def with_counts(archive: MaskArchive, label: int, counts: str) -> MaskArchive:
    """The archive with another object in the first frame of dog."""

    def change(annotation: Any) -> Any:
        first, *others = annotation.segmentations
        return replace(annotation, segmentations=(replace(first, counts=counts), *others))

    annotations = [change(one) if one.label == label else one for one in archive.annotations]
    return replace(archive, annotations=tuple(annotations))


@pytest.mark.parametrize("counts", ["", "5", "<<", "oooo", "PPPPPPPPPPPP", "0" * 99])
def test_runs_that_do_not_fill_the_image_are_refused_when_the_mask_is_read(
    archive: MaskArchive, tmp_path: Path, counts: str
) -> None:
    path = tmp_path / "masks.json"
    path.write_bytes(encode_archive(with_counts(archive, 1, counts), compressed=False))
    source = archived_masks(path)
    with pytest.raises(
        InputError, match=f"^{path}, video dog, frame 00000, label 1: expected .*; pack the masks again$"
    ):
        source.read("dog", "00000")
    assert source.read("dog", "00001").tolist() == MASKS["dog"]["00001"].tolist()


def test_objects_that_overlap_are_refused(archive: MaskArchive, tmp_path: Path) -> None:
    path = tmp_path / "masks.json"
    path.write_bytes(encode_archive(with_counts(archive, 255, "0<"), compressed=False))
    with pytest.raises(
        InputError,
        match=f"^{path}, video dog, frame 00000: expected objects apart .*, found labels 1 and 255 in one pixel; pack",
    ):
        archived_masks(path).read("dog", "00000")


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes], Path]:
    folder = tmp_path_factory.mktemp("damaged")

    def write(ending: str, content: bytes) -> Path:
        (folder / f"masks{ending}").write_bytes(content)
        return folder / f"masks{ending}"

    return write


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
@given(data=st.data())
def test_whatever_bytes_an_archive_has_it_is_read_or_refused(
    damaged: Callable[[str, bytes], Path], data: st.DataObject, ending: str
) -> None:
    content = bytearray(encode_archive(pack_masks(source_of(MASKS)), compressed=ending.endswith(".gz")))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        read_all(damaged(ending, bytes(content)))
