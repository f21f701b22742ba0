"""Where the masks of two runs of one sequence first differ."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from reports.records import SequenceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskDisagreement:
    """A sequence whose masks are not the same in two runs.

    Attributes:
        sequence: its name.
        frame: the first in which they differ; None where that cannot be told.
        pixels: of that frame that have another label; None likewise.
        reason: why it cannot be told; None where it can.
    """

    sequence: str
    frame: str | None
    pixels: int | None
    reason: str | None

    @property
    def text(self) -> str:
        """In words."""
        if self.reason is not None:
            return f"{self.sequence}: {self.reason}"
        return f"{self.sequence}, frame {self.frame}: {self.pixels:,} pixels"


def first_disagreement(first: SequenceRecord, second: SequenceRecord, *masks: Path) -> MaskDisagreement:
    """Look at the masks of both in turn, until two differ.

    Args:
        first: the sequence's record in one run.
        second: and in the other.
        masks: the folder of its masks in each.
    """
    if first.frames != second.frames:
        return _untold(first.name, "masks of other frames")
    for frame in first.frames:
        try:
            one, other = (_read(folder / f"{frame}.png") for folder in masks)
        except OSError:
            return _untold(first.name, f"the masks differ, and that of frame {frame} can no longer be read")
        if one.shape != other.shape:
            return _untold(first.name, "masks of another size")
        if pixels := int(np.count_nonzero(one != other)):
            return MaskDisagreement(sequence=first.name, frame=frame, pixels=pixels, reason=None)
    return _untold(first.name, "its masks were not the same files, but no label in the files of today differs")


def _untold(sequence: str, reason: str) -> MaskDisagreement:
    return MaskDisagreement(sequence=sequence, frame=None, pixels=None, reason=reason)


def _read(path: Path) -> UInt8[np.ndarray, "height width"]:
    """Labels of an indexed PNG as runs write them."""
    with Image.open(path) as image:
        return np.asarray(image)
