import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.datasets.listing import read_sequence_list
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from evaluators import ScoringProtocol

DAVIS_2016 = DatasetConfig(
    name="davis16_val",
    title="DAVIS 2016 validation",
    layout=Layout.DAVIS_2016,
    root="DAVIS",
    scoring=ScoringProtocol.DAVIS_2016,
    source="https://example.org/davis",
)
DAVIS_2017 = DatasetConfig(
    name="davis17_val",
    title="DAVIS 2017 validation",
    layout=Layout.DAVIS_2017,
    root="DAVIS",
    scoring=ScoringProtocol.DAVIS_2017,
    source="https://example.org/davis",
)

TEST_DEV = DatasetConfig(
    name="davis17_test_dev",
    title="DAVIS 2017 test-dev",
    layout=Layout.DAVIS_2017_TEST_DEV,
    root="DAVIS",
    scoring=ScoringProtocol.DAVIS_2017,
    source="https://example.org/davis",
)

LIST_2016 = "DAVIS/2017/trainval/ImageSets/2016/val.txt"
LISTS_2016 = (LIST_2016, *(f"DAVIS/2016/{place}val.txt" for place in ("ImageSets/480p/", "ImageSets/2016/", "")))


def opened(config: DatasetConfig, data: Path, *, size: int | None = 480, **settings: Any) -> Dataset:
    return open_dataset(config, data=data, size=size, **settings)


def test_davis_2016_is_one_object_a_sequence_whatever_its_label(davis_2016: Path) -> None:
    dataset = opened(DAVIS_2016, davis_2016)
    assert [sequence.name for sequence in dataset.sequences] == ["cow", "dog"]
    assert dataset.available == 2
    for sequence in dataset.sequences:
        assert [path.name for path in sequence.frames] == [f"{index:05d}.jpg" for index in range(6)]
        assert list(sequence.prompts) == ["00000"]
        assert list(sequence.truth) == [f"{index:05d}" for index in range(6)]
        assert (sequence.single_object, sequence.void) == (True, None)
        frames = list(read_frames(sequence, size=None))
        assert np.unique(frames[0].prompt.numpy()).tolist() == [0, 1]  # 255 on disk
        assert [frame.prompt for frame in frames[1:]] == [None] * 5


def test_davis_2017_keeps_its_labels_and_leaves_out_void(davis_2017: Path) -> None:
    path = davis_2017 / "DAVIS/2017/trainval/Annotations/480p/cow/00000.png"
    with Image.open(path) as image:
        mask = np.array(image)
    mask[0] = 255
    Image.fromarray(mask).save(path)
    sequence = opened(DAVIS_2017, davis_2017).sequences[0]
    assert (sequence.single_object, sequence.void) == (False, 255)
    first = next(read_frames(sequence, size=None))
    assert np.unique(first.prompt.numpy()).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("config", "year", "fixture"), [(DAVIS_2016, "2016", "davis_2016"), (DAVIS_2017, "2017/trainval", "davis_2017")]
)
def test_no_mask_but_the_first_is_opened_before_scoring(
    request: pytest.FixtureRequest, config: DatasetConfig, year: str, fixture: str
) -> None:
    data = request.getfixturevalue(fixture)
    before = [list(read_frames(sequence, size=None)) for sequence in opened(config, data).sequences]
    spoilt = 0
    for path in (data / "DAVIS" / year / "Annotations").rglob("*.png"):
        if path.stem != "00000":
            path.write_bytes(b"whoever opens this fails")
            spoilt += 1
    assert spoilt == 10
    for sequence, frames in zip(opened(config, data).sequences, before, strict=True):
        for frame, expected in zip(read_frames(sequence, size=None), frames, strict=True):
            assert np.array_equal(frame.image, expected.image)
            assert (frame.prompt is None) == (expected.prompt is None)


@pytest.mark.parametrize("place", LISTS_2016)
def test_the_list_of_davis_2016_is_found_wherever_an_archive_has_it(davis_2016: Path, place: str) -> None:
    shutil.rmtree(davis_2016 / "DAVIS/2017")
    (davis_2016 / place).parent.mkdir(parents=True, exist_ok=True)
    (davis_2016 / place).write_text("\ndog \n\n")
    assert [sequence.name for sequence in opened(DAVIS_2016, davis_2016).sequences] == ["dog"]


def test_of_several_lists_of_davis_2016_that_of_2017_counts_and_then_those_of_2016_in_order(davis_2016: Path) -> None:
    lists = [davis_2016 / place for place in LISTS_2016]
    for path in lists:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("cow\n")
    for path in lists:
        path.write_text("dog\n")
        assert [sequence.name for sequence in opened(DAVIS_2016, davis_2016).sequences] == ["dog"]
        path.unlink()


@pytest.mark.parametrize("config", [DAVIS_2016, DAVIS_2017])
def test_a_missing_dataset_is_an_error_that_says_where_to_get_it_and_where_to_put_it(
    tmp_path: Path, config: DatasetConfig
) -> None:
    with pytest.raises(InputError) as refusal:
        opened(config, tmp_path / "data")
    message = str(refusal.value)
    year = "2016" if config is DAVIS_2016 else "2017/trainval"
    assert message.startswith(f"{tmp_path}/data/DAVIS/{year}: expected a folder of {config.title}, found none")
    assert "or get it from https://example.org/davis and unpack it so that this folder exists" in message
    assert "paths.data=" in message
    assert "\n" not in message


def test_a_missing_list_is_an_error_that_names_it_and_its_source(davis_2016: Path) -> None:
    (davis_2016 / LIST_2016).unlink()
    with pytest.raises(InputError, match=f"^{davis_2016 / LIST_2016}: expected the list .* https://example.org/davis$"):
        opened(DAVIS_2016, davis_2016)


@pytest.mark.parametrize("part", ["JPEGImages", "Annotations"])
def test_a_missing_sequence_is_an_error_that_names_its_folder(davis_2017: Path, part: str) -> None:
    folder = davis_2017 / "DAVIS/2017/trainval" / part / "480p/dog"
    shutil.rmtree(folder)
    with pytest.raises(InputError, match=f"^{folder}: expected a folder of DAVIS 2017 validation, found none"):
        opened(DAVIS_2017, davis_2017)


def test_a_sequence_without_frames_is_an_error_that_names_it(davis_2017: Path) -> None:
    folder = davis_2017 / "DAVIS/2017/trainval/JPEGImages/480p/dog"
    for path in folder.iterdir():
        path.unlink()
    (folder / ".hidden.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=f"^{folder}: expected frames, found none; unpack DAVIS 2017 validation again"):
        opened(DAVIS_2017, davis_2017)


def test_a_missing_frame_is_an_error_that_names_it(davis_2017: Path) -> None:
    folder = davis_2017 / "DAVIS/2017/trainval/JPEGImages/480p/dog"
    (folder / "00003.jpg").unlink()
    with pytest.raises(InputError, match=f"^{folder}: expected a frame for every mask, found none for 00003;"):
        opened(DAVIS_2017, davis_2017)


def test_a_missing_mask_is_an_error_that_names_it(davis_2017: Path) -> None:
    folder = davis_2017 / "DAVIS/2017/trainval/Annotations/480p/dog"
    (folder / "00005.png").unlink()  # as the last, it would move the end of what is scored
    with pytest.raises(InputError, match=f"^{folder}: expected a mask for every frame, found none for 00005;"):
        opened(DAVIS_2017, davis_2017)


def test_the_first_masks_alone_are_enough_to_run(davis_2017: Path) -> None:
    for path in (davis_2017 / "DAVIS/2017/trainval/Annotations").rglob("*.png"):
        if path.stem != "00000":
            path.unlink()
    assert [list(sequence.truth) for sequence in opened(DAVIS_2017, davis_2017).sequences] == [["00000"]] * 2


def test_a_missing_first_mask_is_an_error_that_names_it(davis_2016: Path) -> None:
    folder = davis_2016 / "DAVIS/2016/Annotations/480p/dog"
    (folder / "00000.png").unlink()
    with pytest.raises(InputError, match=rf"^{folder}: expected a mask of the first frame \(00000.png\), found none"):
        opened(DAVIS_2016, davis_2016)


@pytest.mark.parametrize("name", ["../secret", "..", ".", "a/b", "/etc", "dog/"])
def test_a_listed_name_cannot_leave_the_dataset(davis_2016: Path, name: str) -> None:
    (davis_2016 / LIST_2016).write_text(f"cow\n{name}\n")
    with pytest.raises(
        InputError, match=f"^{davis_2016 / LIST_2016}: expected plain names of sequences, found '{name}'$"
    ):
        opened(DAVIS_2016, davis_2016)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00\x80"])
def test_a_list_that_is_none_is_named(davis_2016: Path, content: bytes) -> None:
    (davis_2016 / LIST_2016).write_bytes(content)
    with pytest.raises(InputError, match=f"^{davis_2016 / LIST_2016}: expected names of sequences, one a line"):
        opened(DAVIS_2016, davis_2016)


@pytest.mark.parametrize("name", ["Full-Resolution", "1080p"])
def test_another_size_is_made_from_the_original_frames_and_masks_and_written_at_480p(
    davis_2017: Path, write_video: Callable[..., None], name: str
) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    for sequence in ("cow", "dog"):
        folders = (year / part / name / sequence for part in ("JPEGImages", "Annotations"))
        write_video(*folders, labels=(1, 2), size=(108, 144))
    for sequence in opened(DAVIS_2017, davis_2017, size=72).sequences:
        assert {path.parent.parent.name for path in sequence.frames} == {name}
        assert [path.parent.parent.name for path in sequence.prompts.values()] == [name]
        assert {path.parent.parent.name for path in sequence.truth.values()} == {"480p"}
        frames = list(read_frames(sequence, size=72))
        assert {tuple(frame.image.shape) for frame in frames} == {(3, 72, 96)}
        assert {frame.written_size for frame in frames} == {(48, 64)}
        assert tuple(frames[0].prompt.shape) == (72, 96)
    for size in (480, None):
        assert {p.parent.parent.name for p in opened(DAVIS_2017, davis_2017, size=size).sequences[0].frames} == {"480p"}


def test_another_size_without_the_original_frames_is_an_error_that_says_what_to_get(davis_2016: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder Full-Resolution or 1080p, which resolution\.size=720 is"):
        opened(DAVIS_2016, davis_2016, size=720)


@pytest.mark.data
def test_the_real_davis_2016_is_found(data_root: Path) -> None:
    dataset = opened(DAVIS_2016, data_root)
    assert {sequence.name for sequence in dataset.sequences} >= {"blackswan", "dog", "libby"}
    for sequence in dataset.sequences:
        assert len(sequence.frames) == len(sequence.truth)


def test_a_list_of_frames_as_in_the_archive_of_2016_names_its_sequences(davis_2016: Path) -> None:
    shutil.rmtree(davis_2016 / "DAVIS/2017")
    folder = davis_2016 / "DAVIS/2016/ImageSets/480p"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"/JPEGImages/480p/{name}/{index:05d}.jpg /Annotations/480p/{name}/{index:05d}.png "
        for name in ("dog", "cow")
        for index in range(3)
    ]
    (folder / "val.txt").write_text("\n".join(lines))
    assert read_sequence_list(folder / "val.txt") == ("dog", "cow")


def test_test_dev_has_first_masks_only_and_writes_every_frame(davis_2017_test_dev: Path) -> None:
    for sequence in opened(TEST_DEV, davis_2017_test_dev).sequences:
        assert list(sequence.prompts) == list(sequence.truth) == ["00000"]
        assert sequence.written_frames == tuple(f"{index:05d}" for index in range(6))


def test_test_dev_at_600p_reads_full_resolution_and_writes_480p_sizes(
    davis_2017_test_dev: Path, write_video: Callable[..., None]
) -> None:
    split = davis_2017_test_dev / "DAVIS/2017/test-dev"
    with pytest.raises(InputError, match="expected a folder Full-Resolution or 1080p, which"):
        opened(TEST_DEV, davis_2017_test_dev, size=600)
    for name in ("cow", "dog"):
        folders = [split / kind / "Full-Resolution" / name for kind in ("JPEGImages", "Annotations")]
        write_video(*folders, labels=(1, 2), size=(96, 128))
    sequence = opened(TEST_DEV, davis_2017_test_dev, size=600).sequences[0]
    assert "Full-Resolution" in str(sequence.frames[0])
    frame = next(read_frames(sequence, size=72))
    assert (frame.image.shape[1:], frame.written_size) == ((72, 96), (48, 64))


@pytest.mark.parametrize("scale", ["480p", "Full-Resolution"])
def test_another_size_needs_the_frames_that_there_are_at_480p(
    davis_2017_test_dev: Path, write_video: Callable[..., None], scale: str
) -> None:
    split = davis_2017_test_dev / "DAVIS/2017/test-dev"
    for name in ("cow", "dog"):
        folders = [split / kind / "Full-Resolution" / name for kind in ("JPEGImages", "Annotations")]
        write_video(*folders, labels=(1, 2), size=(96, 128))
    (split / "JPEGImages" / scale / "dog/00003.jpg").unlink()
    with pytest.raises(InputError, match=f"^{split}/JPEGImages/Full-Resolution/dog: .*, found 00003 in one of them"):
        opened(TEST_DEV, davis_2017_test_dev, size=600)


@pytest.mark.parametrize("part", ["JPEGImages", "Annotations"])
def test_a_sequence_that_was_not_asked_for_may_be_missing(davis_2017: Path, part: str) -> None:
    shutil.rmtree(davis_2017 / "DAVIS/2017/trainval" / part / "480p/cow")
    dataset = open_dataset(DAVIS_2017, data=davis_2017, size=None, names=("dog",))
    assert ([sequence.name for sequence in dataset.sequences], dataset.available) == (["dog"], 2)
