from pathlib import Path

import numpy as np
import pytest

from benchmarks.agreement import compare_masks
from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from reports.comparison import Agreement
from reports.mask_records import MasksKind, MasksRecord

FRAMES = ("00000", "00001", "00002")


def dataset_of(*, single_object: bool = False, written: frozenset[str] | None = None) -> Dataset:
    frames = tuple(Path(f"dog/{name}.jpg") for name in FRAMES)
    dog = Sequence(name="dog", frames=frames, prompts={}, truth={}, single_object=single_object, written=written)
    return Dataset(name="some", sequences=(dog,), available=1)


def source_of(name: str, **frames: np.ndarray) -> MaskSource:
    """Masks of dog in frames _00000, ..."""
    readers = {"dog": {frame[1:]: (lambda mask=mask: mask) for frame, mask in frames.items()}}
    return MaskSource(path=Path(name), origin=MasksRecord(path=name, kind=MasksKind.FOLDER), readers=readers)


def mask_of(*labels: int) -> np.ndarray:
    mask = np.zeros((2, 5), np.uint8)
    mask[0, : len(labels)] = labels
    return mask


def test_equal_pixels_are_counted_and_the_first_difference_is_named() -> None:
    first = source_of("a", _00000=mask_of(1, 2), _00001=mask_of(1, 2), _00002=mask_of(1, 1))
    second = source_of("b", _00000=mask_of(1, 2), _00001=mask_of(2, 2), _00002=mask_of(0, 0, 3))
    expected = Agreement(name="dog", frames=3, unpaired=0, pixels=30, equal_pixels=10 + 9 + 7, first_difference="00001")
    assert compare_masks(dataset_of(), first, second) == compare_masks(dataset_of(), second, first) == (expected,)


def test_masks_agree_with_themselves() -> None:
    masks = source_of("a", _00000=mask_of(1, 2), _00001=mask_of(3))
    (agreement,) = compare_masks(dataset_of(), masks, masks)
    assert (agreement.equal_pixels, agreement.pixels, agreement.first_difference) == (20, 20, None)


def test_a_single_object_is_the_same_whatever_its_label() -> None:
    masks = [source_of("a", _00000=mask_of(1, 255)), source_of("b", _00000=mask_of(255, 1))]
    assert compare_masks(dataset_of(single_object=True), *masks)[0].first_difference is None
    assert compare_masks(dataset_of(), *masks)[0].equal_pixels == 8


def test_frames_that_only_one_has_are_counted_apart() -> None:
    masks = [source_of("a", _00000=mask_of(1), _00001=mask_of(1)), source_of("b", _00001=mask_of(1))]
    (agreement,) = compare_masks(dataset_of(), *masks)
    assert (agreement.frames, agreement.unpaired, agreement.pixels) == (1, 1, 10)


def test_frames_whose_masks_nobody_asks_for_are_left_aside() -> None:
    masks = [source_of("a", _00000=mask_of(1), _00002=mask_of(1)), source_of("b", _00000=mask_of(2), _00002=mask_of(1))]
    (agreement,) = compare_masks(dataset_of(written=frozenset({"00001", "00002"})), *masks)
    assert (agreement.frames, agreement.unpaired, agreement.first_difference) == (1, 0, None)


def test_what_cannot_be_compared_is_named() -> None:
    first = source_of("a", _00000=mask_of(1))
    for other, reason in (
        (source_of("b", _00001=mask_of(1)), "^b: expected a mask of sequence dog that a has too, found none"),
        (source_of("b", _00000=mask_of(1).T), "^b: expected the mask of frame 00000 .* found 5x2 and 2x5"),
        (
            MaskSource(path=Path("b"), origin=first.origin, readers={}),
            "^b: expected masks of every .*, found none of dog",
        ),
    ):
        with pytest.raises(InputError, match=reason):
            compare_masks(dataset_of(), first, other)
