import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.datasets.listing import by_number
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from evaluators import ScoringProtocol

FOLDER = DatasetConfig(
    name="folder", title="own videos", layout=Layout.FOLDER, root=".", scoring=ScoringProtocol.FIRST_APPEARANCE
)


def opened(videos: Path, *names: str) -> Dataset:
    return open_dataset(FOLDER, data=videos, size=None, names=names or None)


def test_every_video_is_a_sequence_in_order_of_its_name(videos: Path) -> None:
    (videos / "JPEGImages/.cache").mkdir()
    (videos / "JPEGImages/notes.txt").write_text("no video\n")
    dataset = opened(videos)
    assert [(sequence.name, len(sequence.frames)) for sequence in dataset.sequences] == [("cow", 5), ("dog", 6)]
    assert dataset.sequences[0].written_like is None
    frame = next(read_frames(dataset.sequences[0], size=16))
    assert frame.written_size == (48, 64)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".JPG", ".jpeg"])
def test_frames_may_have_any_of_the_usual_endings(
    tmp_path: Path, write_video: Callable[..., None], ending: str
) -> None:
    write_video(tmp_path / "JPEGImages/a", tmp_path / "Annotations/a", frames=3, ending=ending)
    (sequence,) = opened(tmp_path).sequences
    assert [frame.name for frame in read_frames(sequence, size=None)] == ["00000", "00001", "00002"]


def test_frames_come_in_order_of_their_names(tmp_path: Path, write_video: Callable[..., None]) -> None:
    write_video(tmp_path / "JPEGImages/a", tmp_path / "Annotations/a", frames=3)
    for part, ending in (("JPEGImages", ".jpg"), ("Annotations", ".png")):
        (tmp_path / part / "a" / f"00001{ending}").rename(tmp_path / part / "a" / f"zebra.x{ending}")
    (sequence,) = opened(tmp_path).sequences
    assert [frame.name for frame in read_frames(sequence, size=None)] == ["00000", "00002", "zebra.x"]


@pytest.mark.parametrize("name", ["{}", "frame_{}", "2 of {}"])
def test_frames_whose_order_by_name_is_not_that_of_their_numbers_are_refused(videos: Path, name: str) -> None:
    for path in sorted(videos.rglob("cow/*.*")):
        path.rename(path.with_stem(name.format(int(path.stem) + 8)))
    ten, eight = name.format("10"), name.format("8")
    with pytest.raises(InputError, match=f"^{videos}/JPEGImages/cow: expected frames .*, found {ten} before {eight};"):
        opened(videos)


@pytest.mark.parametrize(
    ("names", "numbered"),
    [
        (["1", "10", "2"], ["1", "2", "10"]),
        (["clip.1", "clip.10", "clip.2"], ["clip.1", "clip.2", "clip.10"]),
        (["v1_10 end", "v1_2 end"], ["v1_2 end", "v1_10 end"]),
        (["00000", "00001"], ["00000", "00001"]),
        (["0.10", "0.25", "0.5"], ["0.10", "0.25", "0.5"]),
        (["0a", "10", "9f"], ["0a", "10", "9f"]),
        (["00000", "zebra"], ["00000", "zebra"]),
        (["one"], ["one"]),
        ([], []),
    ],
)
def test_only_whole_numbers_have_an_order_of_their_own(names: list[str], numbered: list[str]) -> None:
    assert by_number(names) == numbered


def test_a_mask_belongs_to_the_frame_whose_name_it_has_up_to_the_last_dot(videos: Path) -> None:
    for path in sorted(videos.rglob("cow/*")):
        path.rename(path.with_stem(f"clip.{path.stem}"))
    cow = opened(videos).sequences[0]
    names = [f"clip.{index:05d}" for index in range(5)]
    assert list(cow.prompts) == [frame.name for frame in read_frames(cow, size=None)] == names


def test_every_mask_may_introduce_objects(videos: Path) -> None:
    (videos / "Annotations/cow/00000.png").unlink()
    cow = opened(videos).sequences[0]
    assert list(cow.prompts) == list(cow.truth) == ["00001", "00002", "00003", "00004"]
    assert [frame.prompt is None for frame in read_frames(cow, size=None)] == [True, False, True, True, True]


def test_label_255_is_an_object_like_any_other(tmp_path: Path, write_video: Callable[..., None]) -> None:
    write_video(tmp_path / "JPEGImages/a", tmp_path / "Annotations/a", frames=2, labels=(1, 255))
    (sequence,) = opened(tmp_path).sequences
    prompt = next(read_frames(sequence, size=None)).prompt
    assert prompt is not None
    assert prompt.unique().tolist() == [0, 1, 255]


def test_masks_are_truth_only_where_every_frame_from_the_first_of_them_on_has_one(videos: Path) -> None:
    assert opened(videos).sequences[0].truth
    (videos / "Annotations/cow/00003.png").unlink()
    cow, dog = opened(videos).sequences
    assert not cow.truth, "a mask that introduces an object says nothing of the others"
    assert cow.prompts
    assert dog.truth


def test_sequences_can_be_chosen_by_name_and_keep_their_order(videos: Path) -> None:
    chosen = opened(videos, "dog", "cow", "dog")
    assert [sequence.name for sequence in chosen.sequences] == ["cow", "dog"]
    chosen = opened(videos, "dog")
    assert [sequence.name for sequence in chosen.sequences] == ["dog"]
    assert chosen.available == 2


def test_a_name_that_is_none_of_the_sequences_is_an_error_that_lists_them(videos: Path) -> None:
    with pytest.raises(InputError, match=r"^sequences: expected names of own videos, found cat, hen; it has cow, dog$"):
        opened(videos, "cat", "cow", "hen")


@pytest.mark.parametrize("part", ["JPEGImages", "Annotations"])
def test_a_missing_folder_is_named(videos: Path, part: str) -> None:
    shutil.rmtree(videos / part)
    with pytest.raises(InputError, match=f"^{videos}/{part}: expected a folder of .*own videos, found none; put it"):
        opened(videos)


def test_a_folder_without_videos_is_named(videos: Path) -> None:
    for name in ("cow", "dog"):
        shutil.rmtree(videos / "JPEGImages" / name)
    with pytest.raises(InputError, match=f"^{videos}/JPEGImages: expected a folder of frames for each video"):
        opened(videos)


def test_a_video_without_frames_or_masks_is_named(videos: Path) -> None:
    shutil.rmtree(videos / "Annotations/dog")
    with pytest.raises(InputError, match=rf"^{videos}/Annotations/dog: expected at least .* \(00000.png\), found none"):
        opened(videos)
    (videos / "JPEGImages/cat").mkdir()
    with pytest.raises(
        InputError, match=rf"^{videos}/JPEGImages/cat: expected frames \(\*.jpg or \*.png\), found none"
    ):
        opened(videos)


def test_masks_without_frames_are_named_but_not_all_of_many(videos: Path) -> None:
    for path in (videos / "JPEGImages/dog").iterdir():
        if path.stem != "00000":
            path.rename(path.with_stem(f"f{path.stem}"))
    with pytest.raises(InputError, match="found none for 00001, 00002, 00003, 00004, 00005; restore"):
        opened(videos)
    (videos / "Annotations/dog/00006.png").write_bytes(b"")
    with pytest.raises(InputError, match="00005 and 1 more; restore"):
        opened(videos)


def test_two_images_of_one_frame_are_an_error_that_names_both(videos: Path) -> None:
    (videos / "JPEGImages/cow/00002.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"/00002\.png: expected one image per frame, found 00002\.jpg too"):
        opened(videos)


def test_the_demo_is_drawn_where_it_is_missing_and_then_left_alone(tmp_path: Path) -> None:
    config = DatasetConfig(
        name="demo", title="demo clips", layout=Layout.DEMO, root="demo", scoring=ScoringProtocol.FIRST_APPEARANCE
    )
    dataset = open_dataset(config, data=tmp_path / "data", size=None)
    assert len(dataset.sequences) == 6
    first = dataset.sequences[0].frames[0]
    before = first.stat().st_mtime_ns
    assert open_dataset(config, data=tmp_path / "data", size=None) == dataset
    assert first.stat().st_mtime_ns == before


def test_a_name_that_is_not_utf_8_is_named(videos: Path) -> None:
    strange = os.fsdecode(b"caf\xe9")
    (videos / "JPEGImages/cow").rename(videos / "JPEGImages" / strange)
    with pytest.raises(InputError, match=r"^.*/JPEGImages: expected names in UTF-8, found 'caf\\udce9'; rename it$"):
        opened(videos)
