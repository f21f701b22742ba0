"""Scales of a picture, and round values to mark them at."""

import math
from dataclasses import dataclass

STEPS = (1, 2, 5, 10)  # between two marks, times a power of ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From values to pixels.

    Attributes:
        low: the value at `start`.
        high: the value at `end`, greater than `low`.
        start: pixel.
        end: pixel; before `start` where values rise upwards.
        marks: round values in the range, ascending.
    """

    low: float
    high: float
    start: float
    end: float
    marks: tuple[float, ...]

    def place(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def fit_axis(low: float, high: float, *, start: float, end: float, most: int, widen: bool = True) -> Axis:
    """An axis over a range.

    Args:
        low: least value.
        high: greatest value; where it is not above `low`, the axis is over one unit from there.
        start: pixel of the low end.
        end: pixel of the high end.
        most: intervals between marks, at most, before widening.
        widen: whether the range grows to the next marks.
    """
    if high <= low:
        high = low + 1
    step = _round_step((high - low) / most)
    # A sixth decimal of a step is noise of binary fractions: 0.3 / 0.1 is 2.999... steps and means 3.
    first, last = math.floor(low / step + 1e-6), math.ceil(high / step - 1e-6)
    if not widen:
        first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    marks = tuple(round(index * step, 10) for index in range(first, last + 1))
    if widen:
        low, high = marks[0], marks[-1]
    return Axis(low=low, high=high, start=start, end=end, marks=marks)


def _round_step(least: float) -> float:
    """The smallest round step that is not below this."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))
