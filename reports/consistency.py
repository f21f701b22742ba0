"""Whether a mean that somebody gives is the mean of the parts that stand beside it, as far as rounding lets us tell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ARITHMETIC = 1e-6  # by which floating-point arithmetic may move figures, whatever digits are printed of them


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFigure:
    """A figure as it was given.

    Args:
        value: of the figure.
        unit: what one step of its last digit is worth: 0.1 of 81.0, and 0.001 of 0.810.
    """

    value: float
    unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A mean as it was given, and that of its parts."""

    given: float
    computed: float


def find_discrepancy(mean: GivenFigure, parts: Sequence[GivenFigure]) -> Discrepancy | None:
    """How a mean and its parts contradict each other; None where rounding may be all that is between them.

    Each figure may be off by half a unit: the given mean by its own, the computed one by the mean of its parts'.

    Args:
        mean: as it was given, in the scale of the parts.
        parts: what it should be the mean of, at least one.
    """
    computed = float(np.mean([part.value for part in parts]))
    rounding = (mean.unit + float(np.mean([part.unit for part in parts]))) / 2
    if abs(mean.value - computed) <= rounding + ARITHMETIC:
        return None
    return Discrepancy(given=mean.value, computed=computed)
