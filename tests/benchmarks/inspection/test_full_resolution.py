from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.inspection.inventory import Video
from benchmarks.inspection.place import Annotated, Place, Scale
from benchmarks.inspection.video_checks import check_video
from benchmarks.masks import davis_palette, encode_mask, read_mask

Write = Callable[..., None]

FULL = "Full-Resolution"


@pytest.fixture
def dog(tmp_path: Path, write_video: Write) -> Path:
    """A video of six frames and two objects, at 480p and twice as large."""
    for scale, size in (("480p", (48, 64)), (FULL, (96, 128))):
        write_video(tmp_path / "frames" / scale / "dog", tmp_path / "masks" / scale / "dog", labels=(1, 2), size=size)
    small, large = (tmp_path / "masks" / scale / "dog" for scale in ("480p", FULL))
    for path in small.iterdir():
        mask = read_mask(path)
        path.write_bytes(encode_mask(mask, palette=davis_palette()))
        enlarged = np.kron(mask, np.ones((2, 2), np.uint8))
        (large / path.name).write_bytes(encode_mask(enlarged, palette=davis_palette()))
    return tmp_path


def look(root: Path, *, thorough: bool = False, single_object: bool = False) -> list[tuple[str, str, str]]:
    """Kind, place and remedy of every defect of the video."""
    small, large = (
        {
            kind: {path.stem: path for path in sorted((root / kind / scale / "dog").iterdir())}
            for kind in ("frames", "masks")
        }
        for scale in ("480p", FULL)
    )
    place = Place(
        frames=root / "frames/480p",
        masks=root / "masks/480p",
        annotated=Annotated.EVERY,
        restore="unpack it",
        scales=(Scale(frames=root / "frames" / FULL, masks=root / "masks" / FULL, restore="unpack the large one"),),
        single_object=single_object,
        void=None if single_object else 255,
    )
    video = Video(name="dog", **small, full_resolution=Video(name="dog", **large))
    return [(one.kind, one.where, one.remedy) for one in check_video(video, place, thorough=thorough).defects]


def paint(root: Path, mask: np.ndarray) -> None:
    (root / "masks" / FULL / "dog/00000.png").write_bytes(encode_mask(mask, palette=davis_palette()))


@pytest.mark.parametrize("thorough", [False, True])
def test_the_same_video_at_two_sizes_is_sound_and_only_its_first_mask_is_needed(dog: Path, *, thorough: bool) -> None:
    for path in (dog / "masks" / FULL / "dog").iterdir():
        if path.stem != "00000":
            path.write_bytes(b"never opened")
    assert look(dog, thorough=thorough) == []


def test_frames_that_only_one_size_has_are_named_one_by_one(dog: Path) -> None:
    frames = dog / "frames" / FULL / "dog"
    for name in ("00002", "00005"):
        (frames / f"{name}.jpg").unlink()
    (frames / "00000.jpg").rename(frames / "00007.jpg")
    assert look(dog) == [
        ("frames of 480p that are missing", f"{FULL}/dog/00000", "unpack the large one"),
        ("frames of 480p that are missing", f"{FULL}/dog/00002", "unpack the large one"),
        ("frames of 480p that are missing", f"{FULL}/dog/00005", "unpack the large one"),
        ("frames that are not at 480p", f"{FULL}/dog/00007", "restore them at 480p, or remove them here"),
    ]


def test_frames_are_looked_at_as_those_of_480p_are(dog: Path) -> None:
    frames = dog / "frames" / FULL / "dog"
    (frames / "00001.jpg").write_bytes((frames / "00001.jpg").read_bytes()[:-40])
    Image.fromarray(np.zeros((96, 120, 3), np.uint8)).save(frames / "00002.jpg")
    (frames / "00003.jpg").unlink()
    Image.fromarray(np.zeros((96, 128), np.uint16)).save(frames / "00003.png")
    damaged, mode, size = look(dog)
    assert damaged[0] == "damaged frames"
    assert damaged[1].startswith(f"{FULL}/dog/00001.jpg (a damaged image (")
    assert mode[:2] == ("frames of another size than the first", f"{FULL}/dog/00002 (120x96 instead of 128x96)")
    assert size[:2] == ("frames of more than 8 bits", f"{FULL}/dog/00003 (mode I;16)")


def test_damage_in_the_middle_of_a_frame_is_found_by_being_thorough(dog: Path) -> None:
    path = dog / "frames" / FULL / "dog/00004.jpg"
    path.unlink()
    Image.fromarray(np.zeros((96, 128, 3), np.uint8)).save(path.with_suffix(".png"))
    content = bytearray(path.with_suffix(".png").read_bytes())
    content[-30:-20] = bytes(10)
    path.with_suffix(".png").write_bytes(content)
    assert look(dog) == []
    assert [kind for kind, _, _ in look(dog, thorough=True)] == ["damaged frames"]


@pytest.mark.parametrize(
    ("size", "sound"),
    [((1080, 1920), True), ((1080, 2048), False), ((1080, 1440), False), ((1920, 1080), False)],
)
def test_both_sizes_have_one_aspect_as_far_as_pixels_are_whole(
    dog: Path, size: tuple[int, int], *, sound: bool
) -> None:
    for scale, (height, width) in (("480p", (480, 854)), (FULL, size)):
        mask = np.zeros((height, width), np.uint8)
        mask[: height // 2], mask[height // 2 :] = 1, 2
        for path in (dog / "frames" / scale / "dog").iterdir():
            if path.stem not in ("00000", "00001"):
                path.unlink()
                (dog / "masks" / scale / f"dog/{path.stem}.png").unlink()
                continue
            Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)
            (dog / "masks" / scale / f"dog/{path.stem}.png").write_bytes(encode_mask(mask, palette=davis_palette()))
    aspect = "frames of another aspect than at 480p"
    expected = (aspect, f"{FULL}/dog/00000 ({size[1]}x{size[0]}, but 854x480)", "unpack the large one")
    assert look(dog) == ([] if sound else [expected])


def test_the_first_mask_must_be_there_and_whole_and_of_the_size_of_its_frame(dog: Path) -> None:
    path = dog / "masks" / FULL / "dog/00000.png"
    paint(dog, read_mask(path)[:-2])
    assert look(dog)[0][:2] == ("masks of another size than the frames", f"{FULL}/dog/00000 (128x94 instead of 128x96)")
    path.write_bytes(b"text")
    assert look(dog) == [("damaged masks", f"{FULL}/dog/00000.png (something else)", "unpack the large one")]
    path.unlink()
    assert look(dog) == [("first masks that are missing", f"{FULL}/dog/00000", "unpack the large one")]


def test_the_first_mask_has_the_labels_that_it_has_at_480p_and_void_is_none(dog: Path) -> None:
    mask = read_mask(dog / "masks" / FULL / "dog/00000.png")
    voided = mask.copy()
    voided[-2:] = 255
    paint(dog, voided)
    assert look(dog) == []
    paint(dog, np.where(mask == 2, 3, mask).astype(np.uint8))
    kind = "first masks of other labels than at 480p"
    assert look(dog) == [(kind, f"{FULL}/dog/00000 (1, 3 instead of 1, 2)", "unpack the large one")]


@pytest.mark.parametrize("single_object", [False, True])
def test_the_first_mask_of_another_sequence_is_told_by_where_its_objects_are(dog: Path, *, single_object: bool) -> None:
    if single_object:
        for path in dog.glob("masks/*/dog/*.png"):
            mask = np.where(read_mask(path) > 0, 255, 0).astype(np.uint8)
            path.write_bytes(encode_mask(mask, palette=davis_palette()))
    assert look(dog, single_object=single_object) == []
    paint(dog, np.ascontiguousarray(read_mask(dog / "masks" / FULL / "dog/00000.png")[:, ::-1]))
    kind = "first masks that show objects elsewhere than at 480p"
    assert look(dog, single_object=single_object) == [(kind, f"{FULL}/dog/00000", "unpack the large one")]
