"""Whether repeats of one checkpoint had the same masks: then there is no spread of accuracy, and none is invented."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskDifference:
    """Where the masks of a repeat are first unlike those of the first repeat.

    Args:
        repeat: its number, from 2.
        sequence: in which they differ.
        frame: the first of that sequence in which they do.
    """

    repeat: int
    sequence: str
    frame: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeterminismRecord:
    """What came of comparing the masks of repeats.

    Args:
        verdict: in words.
        n: repeats that were compared, the first among them.
        differences: of each sequence of each later repeat whose masks are not those of the first.
    """

    verdict: str
    n: int
    differences: tuple[MaskDifference, ...]

    @property
    def deterministic(self) -> bool:
        """Whether all repeats had the same masks."""
        return not self.differences


def judge_repeats(n: int, differences: Sequence[MaskDifference]) -> DeterminismRecord:
    """The record of `n` repeats, the differences being in the order of repeats and sequences."""
    if not differences:
        verdict = f"deterministic, n = {n}"
    else:
        first = differences[0]
        verdict = (
            f"not deterministic, n = {n}: masks of repeat {first.repeat} first differ in sequence {first.sequence}, "
            f"frame {first.frame}"
        )
    return DeterminismRecord(verdict=verdict, n=n, differences=tuple(differences))
