import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.config import SubmitConfig, to_config
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.masks import davis_palette, encode_mask, read_mask
from benchmarks.submission.mask_lint import lint_masks

Open = Callable[[str, Path], Dataset]


@pytest.fixture
def open_named(compose: Callable[..., Any]) -> Open:
    def open_named(name: str, data: Path) -> Dataset:
        config = to_config(compose("submit", f"dataset={name}"), SubmitConfig).dataset
        assert config is not None
        return open_dataset(config, data=data, size=None)

    return open_named


@pytest.fixture
def test_dev(open_named: Open, davis_2017_test_dev: Path) -> Dataset:
    return open_named("davis17_test_dev", davis_2017_test_dev)


@pytest.fixture
def masks(test_dev: Dataset, tmp_path: Path) -> Path:
    """Masks that the server takes: the first one, at every frame."""
    return write_masks(test_dev, tmp_path / "masks")


def write_masks(dataset: Dataset, folder: Path) -> Path:
    for sequence in dataset.sequences:
        (folder / sequence.name).mkdir(parents=True)
        first = sequence.prompts["00000"]
        for name in sequence.written_frames:
            shutil.copyfile(first, folder / sequence.name / f"{name}.png")
    return folder


def lint(dataset: Dataset, masks: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.where) for one in lint_masks(dataset, masks, on_sequence=lambda _: None).defects]


def test_masks_like_the_annotation_have_no_defect_and_hidden_files_are_not_looked_at(
    test_dev: Dataset, masks: Path
) -> None:
    (masks / ".lock").touch()
    (masks / "dog/.00003.png.1.partial").touch()
    told: list[str] = []
    found = lint_masks(test_dev, masks, on_sequence=lambda one: told.append(one.name))
    assert (found.defects, found.remarks) == ((), ())
    assert told == ["cow", "dog"]


def test_what_is_missing_and_what_is_too_much_is_named(test_dev: Dataset, masks: Path) -> None:
    shutil.rmtree(masks / "cow")
    (masks / "dog/00002.png").unlink()
    (masks / "dog/00005.png").rename(masks / "dog/00006.png")
    (masks / "cat").mkdir()
    assert lint(test_dev, masks) == [
        ("folders of no sequence", "cat"),
        ("sequences without a folder", "cow"),
        ("missing masks", "dog/00002.png"),
        ("missing masks", "dog/00005.png"),
        ("masks of no required frame", "dog/00006.png"),
    ]


def other_palette(mask: np.ndarray) -> bytes:
    return encode_mask(mask, palette=bytes(3) + bytes([9]) * 765)


def with_pillow(mask: np.ndarray, **settings: Any) -> bytes:
    from io import BytesIO

    content = BytesIO()
    mode = settings.pop("mode", "L")
    image = Image.fromarray(mask).convert(mode)
    if mode == "P":
        image = Image.fromarray(mask, mode=None)
        image.putpalette(davis_palette())
    image.save(content, **settings)
    return content.getvalue()


@pytest.mark.parametrize(
    ("write", "defects"),
    [
        (other_palette, [("masks under another palette", "256 colours")]),
        (lambda mask: with_pillow(mask, format="PNG"), [("masks of a wrong mode", "L, 8 bits")]),
        (lambda mask: with_pillow(mask, format="PNG", mode="RGB"), [("masks of a wrong mode", "RGB, 8 bits")]),
        (lambda mask: with_pillow(mask, format="PNG", mode="P", bits=4), [("masks of a wrong mode", "P, 4 bits")]),
        (
            lambda mask: with_pillow(mask, format="BMP"),
            [("masks that are no PNG", "BMP"), ("masks of a wrong mode", "L, 8 bits")],
        ),
        (
            lambda mask: encode_mask(mask[:-1], palette=davis_palette()),
            [("masks of a wrong size", "64x47 instead of 64x48")],
        ),
        (
            lambda mask: encode_mask(mask * 2, palette=davis_palette()),
            [("labels that were not given", "4")],
        ),
        (
            lambda mask: other_palette(mask[:, 1:] * 5),
            [
                ("masks under another palette", "256 colours"),
                ("masks of a wrong size", "63x48 instead of 64x48"),
                ("labels that were not given", "5, 10"),
            ],
        ),
    ],
)
def test_every_defect_of_a_mask_is_named_with_what_was_found(
    test_dev: Dataset, masks: Path, write: Callable[[np.ndarray], bytes], defects: list[tuple[str, str]]
) -> None:
    path = masks / "dog/00003.png"
    path.write_bytes(write(read_mask(path)))
    assert lint(test_dev, masks) == [(kind, f"dog/00003.png ({found})") for kind, found in defects]


def test_a_mask_that_is_cut_or_no_image_or_a_folder_is_damaged(test_dev: Dataset, masks: Path) -> None:
    path = masks / "dog/00003.png"
    path.write_bytes(path.read_bytes()[:-30])
    (masks / "dog/00004.png").write_bytes(b"text; found nothing")
    (masks / "cow/00001.png").unlink()
    (masks / "cow/00001.png").mkdir()
    assert lint(test_dev, masks) == [
        ("damaged masks", where) for where in ("cow/00001.png", "dog/00003.png", "dog/00004.png")
    ]


def remarks(dataset: Dataset, masks: Path) -> list[str]:
    """Where there is something to remark; there is one kind."""
    return [one.where for one in lint_masks(dataset, masks, on_sequence=lambda _: None).remarks]


def write_background(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / f"{name}.png").write_bytes(encode_mask(np.zeros((48, 64), np.uint8), palette=davis_palette()))


def test_a_sequence_without_objects_after_its_first_frame_is_remarked_and_no_defect(
    test_dev: Dataset, masks: Path
) -> None:
    write_background(masks / "dog", ("00001", "00002", "00003", "00004"))
    assert remarks(test_dev, masks) == []  # the last frame shows them
    write_background(masks / "dog", ("00005",))
    assert (remarks(test_dev, masks), lint(test_dev, masks)) == (["dog"], [])
    write_background(masks / "dog", ("00000",))
    assert remarks(test_dev, masks) == ["dog"]


def test_objects_that_are_not_to_appear_yet_are_not_missed(open_named: Open, youtube_vos: Path, tmp_path: Path) -> None:
    annotation = youtube_vos / "YouTube/valid/Annotations/cow/00000.png"
    annotation.rename(annotation.with_name("00010.png"))
    dataset = open_named("youtube19_val", youtube_vos)
    masks = tmp_path / "masks"
    for sequence in dataset.sequences:
        (masks / sequence.name).mkdir(parents=True)
        write_background(masks / sequence.name, sequence.written_frames)
    assert (remarks(dataset, masks), lint(dataset, masks)) == (["dog"], [])


def test_a_label_may_be_used_from_the_frame_on_that_introduces_it(
    open_named: Open, youtube_vos: Path, tmp_path: Path
) -> None:
    dataset = open_named("youtube19_val", youtube_vos)
    masks = write_masks(dataset, tmp_path / "masks")
    assert sorted(path.name for path in (masks / "dog").iterdir()) == ["00000.png", "00005.png", "00010.png"]
    later = np.full((48, 64), 2, np.uint8)
    for name in ("00005", "00010"):
        (masks / f"dog/{name}.png").write_bytes(encode_mask(later, palette=davis_palette()))
    assert lint(dataset, masks) == []
    (masks / "dog/00000.png").write_bytes(encode_mask(later, palette=davis_palette()))
    assert lint(dataset, masks) == [("labels that were not given", "dog/00000.png (2)")]


def test_a_label_stays_given_where_a_later_prompt_does_not_repeat_it(
    open_named: Open, youtube_vos: Path, tmp_path: Path
) -> None:
    prompt = youtube_vos / "YouTube/valid/Annotations/dog/00005.png"
    only_second = np.where(read_mask(prompt) == 2, 2, 0).astype(np.uint8)
    prompt.write_bytes(encode_mask(only_second, palette=davis_palette()))
    dataset = open_named("youtube19_val", youtube_vos)
    assert lint(dataset, write_masks(dataset, tmp_path / "masks")) == []


def test_void_is_no_label_that_was_given(test_dev: Dataset, masks: Path) -> None:
    prompt = test_dev.sequences[0].prompts["00000"]
    mask = read_mask(prompt).copy()
    mask[0] = 255
    prompt.write_bytes(encode_mask(mask, palette=davis_palette()))
    assert lint(test_dev, masks) == []
    shutil.copyfile(prompt, masks / "cow/00000.png")
    assert lint(test_dev, masks) == [("labels that were not given", "cow/00000.png (255)")]


def test_a_folder_that_is_not_there_is_one_line(test_dev: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/nowhere: expected a folder of masks for each sequence, found"):
        lint(test_dev, tmp_path / "nowhere")
