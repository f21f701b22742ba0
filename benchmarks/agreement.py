"""How far two sets of masks are the same, pixel by pixel."""

import numpy as np
from jaxtyping import Bool

from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from evaluators.image_size import size_text
from reports.comparison import Agreement


def compare_masks(dataset: Dataset, first: MaskSource, second: MaskSource) -> tuple[Agreement, ...]:
    """The agreement in every sequence, over the frames that both have.

    Raises:
        InputError: one of them lacks a sequence, or a mask is unusable, or two are of different sizes.
    """
    for source in (first, second):
        source.require_sequences(dataset)
    return tuple(_compare(sequence, first, second) for sequence in dataset.sequences)


def _compare(sequence: Sequence, first: MaskSource, second: MaskSource) -> Agreement:
    held = {frame: [one.holds(sequence.name, frame) for one in (first, second)] for frame in sequence.written_frames}
    both = [frame for frame, holds in held.items() if all(holds)]
    if not both:
        raise InputError(
            f"{second.path}: expected a mask of sequence {sequence.name} that {first.path} has too, found none; "
            "compare masks of the same frames"
        )
    pixels = equal = 0
    first_difference = None
    for frame in both:
        same = _equal_pixels(sequence, frame, first, second)
        pixels += same.size
        equal += int(np.count_nonzero(same))
        if first_difference is None and not same.all():
            first_difference = frame
    return Agreement(
        name=sequence.name,
        frames=len(both),
        unpaired=sum(any(holds) for holds in held.values()) - len(both),
        pixels=pixels,
        equal_pixels=equal,
        first_difference=first_difference,
    )


def _equal_pixels(
    sequence: Sequence, frame: str, first: MaskSource, second: MaskSource
) -> Bool[np.ndarray, "height width"]:
    """Where both have the same label; of a single object, whatever label it has."""
    masks = [source.read(sequence.name, frame) for source in (first, second)]
    one, other = masks
    if one.shape != other.shape:
        sizes = " and ".join(size_text(mask.shape) for mask in masks)
        raise InputError(
            f"{second.path}: expected the mask of frame {frame} in sequence {sequence.name} to be of the size of that "
            f"in {first.path}, found {sizes}; compare masks of one size"
        )
    if sequence.single_object:
        one, other = one > 0, other > 0
    equal: Bool[np.ndarray, "height width"] = one == other
    return equal
