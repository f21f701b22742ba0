"""What every place that holds masks is made into: index masks by sequence and frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from benchmarks.datasets import Dataset
from benchmarks.errors import InputError
from reports.mask_records import MasksRecord
from reports.wording import counted

ReadMask = Callable[[], UInt8[np.ndarray, "height width"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskSource:
    """Masks that exist, whoever made them. Nothing is decoded before it is asked for.

    Args:
        path: as the user named it.
        origin: where they came from, for records.
        readers: by name of the sequence and of the frame, in the order of the names.
    """

    path: Path
    origin: MasksRecord
    readers: Mapping[str, Mapping[str, ReadMask]]

    def holds(self, sequence: str, frame: str) -> bool:
        """Whether there is a mask of this frame."""
        return frame in self.readers.get(sequence, {})

    def reader(self, sequence: str, frame: str) -> ReadMask:
        """What reads labels 0..255, here or in another process; InputError where there is no such mask, or a bad one.

        A mask that is missing is an error when it is read, which those of some frames never are.
        """
        missing = partial(_missing, self.path, sequence, frame)
        return self.readers.get(sequence, {}).get(frame, missing)

    def read(self, sequence: str, frame: str) -> UInt8[np.ndarray, "height width"]:
        """Labels 0..255.

        Raises:
            InputError: there is no such mask, or it is unusable.
        """
        return self.reader(sequence, frame)()

    def require_sequences(self, dataset: Dataset) -> None:
        """Say what is missing before a long scoring begins, not in the middle of it.

        Raises:
            InputError: naming the sequences of the dataset that have no masks; or the masks are those of a run on
                another dataset, which may have been under another protocol.
        """
        if self.origin.dataset not in (None, dataset.name):
            raise InputError(
                f"{self.path}: expected masks of {dataset.name}, found a run on {self.origin.dataset}; name its folder "
                "of masks instead, if they are to be looked at all the same"
            )
        missing = [sequence.name for sequence in dataset.sequences if sequence.name not in self.readers]
        if missing:
            raise InputError(
                f"{self.path}: expected masks of every sequence of {dataset.name}, found none of "
                f"{', '.join(missing)}; add them, or name those that are there with sequences=[...]"
            )

    def require_frames(self, needed: Mapping[str, Sequence[str]]) -> None:
        """Say which masks are missing, as `require_sequences` does.

        Args:
            needed: names of frames by that of their sequence.

        Raises:
            InputError: naming the first, and how many there are.
        """
        missing = [(name, frame) for name, frames in needed.items() for frame in frames if not self.holds(name, frame)]
        if missing:
            (name, frame), *others = missing
            more = f", nor of {counted(len(others), 'other frame')}; add them" if others else "; add it"
            raise InputError(f"{self.path}: expected a mask of frame {frame} in sequence {name}, found none{more}")


def _missing(path: Path, sequence: str, frame: str) -> UInt8[np.ndarray, "height width"]:
    raise InputError(f"{path}: expected a mask of frame {frame} in sequence {sequence}, found none; add it")
