from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.inspection.inventory import Video
from benchmarks.inspection.place import Annotated, Place
from benchmarks.inspection.video_checks import Findings, check_video, missing_numbers
from benchmarks.masks import davis_palette, encode_mask, read_mask
from evaluators import ListedObject

Write = Callable[..., None]


@pytest.fixture
def dog(tmp_path: Path, write_video: Write) -> Path:
    """A video of six frames with indexed masks of two objects."""
    write_video(tmp_path / "frames/dog", tmp_path / "masks/dog", labels=(1, 2))
    for path in (tmp_path / "masks/dog").iterdir():
        path.write_bytes(encode_mask(read_mask(path), palette=davis_palette()))
    return tmp_path


def check(
    root: Path,
    *,
    annotated: Annotated = Annotated.EVERY,
    thorough: bool = False,
    single_object: bool = False,
    objects: dict[int, ListedObject] | None = None,
    every_frame: bool = False,
) -> Findings:
    place = Place(
        frames=root / "frames",
        masks=root / "masks",
        annotated=annotated,
        restore="unpack it again",
        single_object=single_object,
        void=255,
        every_frame=every_frame,
    )
    video = Video(
        name="dog",
        frames={path.stem: path for path in sorted((place.frames / "dog").iterdir())},
        masks={path.stem: path for path in sorted((place.masks / "dog").iterdir())},
        objects=objects or {},
    )
    return check_video(video, place, thorough=thorough)


def found(findings: Findings) -> list[tuple[str, str]]:
    return [(one.kind, one.where) for one in findings.defects]


def paint(path: Path, label: int, *, size: tuple[int, int] = (48, 64)) -> None:
    mask = np.zeros(size, np.uint8)
    mask[:10] = label
    path.write_bytes(encode_mask(mask, palette=davis_palette()))


@pytest.mark.parametrize("thorough", [False, True])
def test_a_sound_video_has_no_defect_and_its_objects_are_counted(dog: Path, *, thorough: bool) -> None:
    assert check(dog, thorough=thorough) == Findings(frames=6, objects=frozenset({1, 2}), defects=(), remarks=())


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (["00000", "00001", "00004"], ["00002", "00003"]),
        (["00000", "00005", "00015", "00020"], ["00010"]),
        (["7", "8", "9"], []),
        (["3"], []),
        ([], []),
    ],
)
def test_gaps_are_what_lacks_given_the_usual_step(names: list[str], missing: list[str]) -> None:
    assert missing_numbers(names) == missing


@given(start=st.integers(0, 99), step=st.integers(1, 9), count=st.integers(6, 30), lost=st.sets(st.integers(1, 28)))
def test_scattered_missing_frames_are_all_found(start: int, step: int, count: int, lost: set[int]) -> None:
    # Every other frame of a run of two stays, so that the usual step is still that of most frames.
    lost = {one for one in lost if one % 3 == 1 and one < count - 1 and one > 3}
    names = [f"{start + step * index:05d}" for index in range(count) if index not in lost]
    assert missing_numbers(names) == [f"{start + step * index:05d}" for index in sorted(lost)]


def test_frames_and_masks_without_each_other_are_named_and_so_are_gaps(dog: Path) -> None:
    (dog / "frames/dog/00002.jpg").unlink()
    (dog / "masks/dog/00004.png").unlink()
    assert found(check(dog)) == [
        ("gaps in the numbers of frames", "dog/00002"),
        ("masks without a frame", "dog/00002.png"),
        ("frames without a mask", "dog/00004"),
    ]


@pytest.mark.parametrize(
    ("annotated", "defects"),
    [(Annotated.EVERY, 5), (Annotated.FIRST, 0), (Annotated.ANY, 0), (Annotated.LISTED, 0)],
)
def test_only_masks_that_the_layout_promises_are_missed(dog: Path, annotated: Annotated, defects: int) -> None:
    for path in (dog / "masks/dog").iterdir():
        if path.stem != "00000":
            path.unlink()
    assert found(check(dog, annotated=annotated)) == [
        ("frames without a mask", f"dog/0000{index}") for index in range(1, 1 + defects)
    ]


def test_names_that_sort_unlike_their_numbers_are_an_odd_order(dog: Path) -> None:
    (dog / "frames/dog/00003.jpg").rename(dog / "frames/dog/3.jpg")
    (dog / "masks/dog/00003.png").rename(dog / "masks/dog/3.png")
    assert found(check(dog)) == [("frames whose order by name is not that by number", "dog/00000 to 3")]


@pytest.mark.parametrize(("every_frame", "kept", "defects"), [(True, 5, 1), (True, 1, 0), (False, 5, 0)])
def test_sparse_frames_do_not_pass_for_all_frames(dog: Path, *, every_frame: bool, kept: int, defects: int) -> None:
    for path in (dog / "frames/dog").iterdir():
        if int(path.stem) % kept:
            path.unlink()
    listed = {label: ListedObject(category="dog", frames=("00000", "00005")) for label in (1, 2)}
    findings = check(dog, annotated=Annotated.LISTED, objects=listed, every_frame=every_frame)
    kind = ("all frames missing between those that are listed", "dog/00000 to 00005")
    assert [one for one in found(findings) if one == kind] == [kind] * defects


@pytest.mark.parametrize("name", ["frames/dog/00003.jpg", "masks/dog/00003.png"])
def test_an_image_that_is_cut_is_found_without_decoding_the_others(dog: Path, name: str) -> None:
    path = dog / name
    path.write_bytes(path.read_bytes()[:-40])
    [(kind, where)] = found(check(dog))
    assert kind == f"damaged {name.partition('/')[0]}"
    assert where.startswith(f"dog/{path.name} (a damaged")


def test_bytes_after_the_end_of_an_image_that_decodes_are_no_damage(dog: Path) -> None:
    for name in ("frames/dog/00003.jpg", "masks/dog/00003.png"):
        with (dog / name).open("ab") as file:
            file.write(b"\0\0")
    assert found(check(dog)) == []


def test_damage_in_the_middle_is_found_by_being_thorough(dog: Path) -> None:
    path = dog / "masks/dog/00003.png"
    content = bytearray(path.read_bytes())
    content[-30:-20] = bytes(10)
    path.write_bytes(content)
    assert found(check(dog)) == []
    assert [kind for kind, _ in found(check(dog, thorough=True))] == ["damaged masks"]
    (dog / "frames/dog/00003.jpg").write_bytes(b"text")
    assert ("damaged frames", "dog/00003.jpg (something else)") in found(check(dog))


def test_other_sizes_and_modes_are_named_with_what_was_found(dog: Path) -> None:
    Image.fromarray(np.zeros((48, 60, 3), np.uint8)).save(dog / "frames/dog/00002.jpg")
    paint(dog / "masks/dog/00003.png", 1, size=(40, 64))
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(dog / "masks/dog/00004.png")
    Image.fromarray(np.zeros((48, 64), np.uint16)).save(dog / "masks/dog/00005.png")
    assert found(check(dog)) == [
        ("frames of another size than the first", "dog/00002 (60x48 instead of 64x48)"),
        ("masks of another size than the frames", "dog/00003 (64x40 instead of 64x48)"),
        ("masks of a wrong mode", "dog/00004 (mode RGB)"),
        ("masks of a wrong mode", "dog/00005 (mode I;16)"),
    ]


def test_frames_of_16_bits_are_named(dog: Path) -> None:
    (dog / "frames/dog/00005.jpg").unlink()
    Image.fromarray(np.zeros((48, 64), np.uint16)).save(dog / "frames/dog/00005.png")
    assert found(check(dog, thorough=True)) == [("frames of more than 8 bits", "dog/00005 (mode I;16)")]


def test_a_label_that_only_a_later_mask_has_is_found_by_being_thorough_and_void_is_none(dog: Path) -> None:
    paint(dog / "masks/dog/00003.png", 7)
    paint(dog / "masks/dog/00004.png", 255)
    assert found(check(dog)) == []
    assert found(check(dog, thorough=True)) == [("labels that the first mask does not have", "dog/00003 (7)")]


def test_labels_of_davis_2016_are_0_and_255(dog: Path) -> None:
    assert found(check(dog, single_object=True)) == [
        ("labels other than 0 and 255", "dog/00000 (1)"),
        ("labels other than 0 and 255", "dog/00000 (2)"),
    ]


def test_a_first_mask_without_an_object_is_named(dog: Path) -> None:
    paint(dog / "masks/dog/00000.png", 255)
    findings = check(dog)
    assert found(findings) == [("first masks that show no object", "dog/00000")]
    assert findings.objects == frozenset()


def test_palettes_other_than_that_of_davis_are_remarks(dog: Path) -> None:
    Image.fromarray(read_mask(dog / "masks/dog/00001.png")).save(dog / "masks/dog/00001.png")
    (dog / "masks/dog/00002.png").write_bytes(encode_mask(np.ones((48, 64), np.uint8), palette=bytes([5]) * 768))
    findings = check(dog)
    assert found(findings) == []
    assert [(one.kind, one.where) for one in findings.remarks] == [
        ("masks without a palette", "dog/00001"),
        ("masks under another palette than that of DAVIS", "dog/00002"),
    ]


def test_what_meta_json_lists_is_held_against_the_files(dog: Path) -> None:
    for path in (dog / "masks/dog").iterdir():
        if path.stem not in ("00000", "00003"):
            path.unlink()
    paint(dog / "masks/dog/00003.png", 4)
    objects = {
        1: ListedObject(category="cow", frames=("00000", "00005", "00010")),
        2: ListedObject(category="cow", frames=("00000", "00010")),
        3: ListedObject(category="cow", frames=("00000",)),
        5: ListedObject(category="cow", frames=("00005",)),
    }
    assert found(check(dog, annotated=Annotated.LISTED, objects=objects)) == [
        ("frames that meta.json lists and that are missing", "dog/00010"),
        ("objects that the mask of their first frame does not show", "dog/00000 (object 3)"),
        ("objects without a mask of their first frame", "dog/00005 (object 5)"),
        ("objects that meta.json does not list", "dog/00003 (object 4)"),
    ]
