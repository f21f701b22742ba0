"""Spread: how far a figure scatters, over what, and by which estimator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from reports.table import percent


class Source(StrEnum):
    """What differed between the values. Repeats of a checkpoint scatter in time only, where they are deterministic."""

    TRAINING_RUNS = "training runs"
    REPEATS = "repeats that differ"
    TIMING = "timings"
    SEQUENCES = "sequences"  # of one dataset, drawn anew


class Estimator(StrEnum):
    """How the deviation was computed."""

    SAMPLE_DEVIATION = "sample standard deviation"  # divides by n - 1
    PERCENTILE_BOOTSTRAP = "percentile bootstrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The mean of several values, and the deviation with all that is needed to read it.

    Attributes:
        source: what differed between the values.
        n: how many values there are.
        estimator: how `std` was computed.
        mean: of the values.
        median: of the values.
        std: deviation of a single value, in the unit of the values; None for n < 2, of which nothing can be said.
    """

    source: Source
    n: int
    estimator: Estimator
    mean: float
    median: float
    std: float | None


def spread_of(values: Sequence[float], *, source: Source) -> Spread:
    """Mean, median and sample standard deviation.

    Raises:
        ValueError: there are no values, or they are not finite.
    """
    if not values or not np.isfinite(values).all():
        raise ValueError(f"expected at least one value, all of them finite, got {list(values)}")
    return Spread(
        source=source,
        n=len(values),
        estimator=Estimator.SAMPLE_DEVIATION,
        mean=float(np.mean(values)),
        median=float(np.median(values)),
        std=float(np.std(values, ddof=1)) if len(values) > 1 else None,
    )


def spread_by_heading(values: Sequence[Mapping[str, float | None]], *, source: Source) -> dict[str, Spread | None]:
    """The spread of each of several figures; None where a value of it is lacking.

    Args:
        values: of the figures by heading, the same headings in all.
        source: what differed between them.
    """
    spreads: dict[str, Spread | None] = {}
    for heading in values[0]:
        found = [value for figures in values if (value := figures[heading]) is not None]
        spreads[heading] = spread_of(found, source=source) if len(found) == len(values) else None
    return spreads


def spread_label(spread: Spread) -> str:
    """What a row of means and deviations must say of itself."""
    return f"mean ± {spread.estimator} (n = {spread.n} {spread.source})"


def percent_spread(spread: Spread | None) -> str:
    """Mean ± deviation of scores in 0..1, in percent; the mean alone without deviation, a dash without spread."""
    if spread is None:
        return percent(None)
    return percent(spread.mean) if spread.std is None else f"{percent(spread.mean)} ± {percent(spread.std)}"
