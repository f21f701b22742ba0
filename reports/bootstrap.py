"""How far a mean over a dataset hangs on which sequences are in it: a bootstrap over sequences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from evaluators import DatasetScore
from reports.comparison import Comparison
from reports.spread import Estimator, Source
from reports.table import percent

LEVEL = 0.95
RESAMPLES = 10_000
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the mean would lie in this share of datasets made of sequences like these.

    Attributes:
        low: lower end, in the unit of the values.
        high: upper end.
        level: the share, in (0, 1).
        n: sequences.
        resamples: datasets that were drawn.
        seed: of the drawing.
        source: what differs between these datasets.
        estimator: how the ends were found.
    """

    low: float
    high: float
    level: float
    n: int
    resamples: int
    seed: int
    source: Source = Source.SEQUENCES
    estimator: Estimator = Estimator.PERCENTILE_BOOTSTRAP


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureIntervals:
    """Of the three figures of a dataset, from the same draws."""

    j_and_f: Interval
    j: Interval
    f: Interval


def bootstrap(
    values: Sequence[Sequence[float]], *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = SEED
) -> Interval | None:
    """Percentile interval (Efron, 1979) of the flat mean over all values.

    Sequences are drawn with replacement, and not objects: those of one sequence share its difficulty.

    Args:
        values: for each sequence those of its objects, at least one.
        level: share of drawn means inside the interval, in (0, 1).
        resamples: how many datasets to draw.
        seed: the same gives the same interval.

    Returns:
        None for fewer than two sequences, of which nothing can be said.

    Raises:
        ValueError: a sequence has no value, or a value is not finite.
    """
    n = len(values)
    sums = np.array([np.sum(each) for each in values], dtype=np.float64)
    counts = np.array([len(each) for each in values])
    if not (np.isfinite(sums).all() and (counts > 0).all()):
        raise ValueError("expected finite values, and at least one of every sequence")
    if n < 2:
        return None
    drawn = _draw(n, resamples, seed)
    means = (drawn @ sums) / (drawn @ counts)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level, n=n, resamples=resamples, seed=seed)


@lru_cache(maxsize=4)  # pages show many runs of few datasets, and drawing is nearly all of the work
def _draw(n: int, resamples: int, seed: int) -> Float64[np.ndarray, "resamples sequences"]:
    """How often each sequence is in each of the datasets that are drawn."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)


def intervals_of_score(score: DatasetScore) -> FigureIntervals | None:
    """Of the figures of a dataset, fractions in [0, 1]; None for fewer than two sequences."""
    return _intervals(
        (sequence.name, one.j_statistics.mean, one.f_statistics.mean)
        for sequence in score.sequences
        for one in sequence.objects
    )


def intervals_of_difference(comparison: Comparison) -> FigureIntervals | None:
    """Of the differences between two sets of masks, each object paired with itself, in [-1, 1]; None likewise."""
    return _intervals((one.sequence, one.j.difference, one.f.difference) for one in comparison.objects)


def _intervals(objects: Iterable[tuple[str, float, float]]) -> FigureIntervals | None:
    """Of objects with the name of their sequence, J and F."""
    by_sequence: dict[str, list[tuple[float, float]]] = {}
    for name, j, f in objects:
        by_sequence.setdefault(name, []).append((j, f))
    in_order = [by_sequence[name] for name in sorted(by_sequence)]  # the order of a list changes nothing
    j_and_f = bootstrap([[(j + f) / 2 for j, f in each] for each in in_order])
    only_j = bootstrap([[j for j, _ in each] for each in in_order])
    only_f = bootstrap([[f for _, f in each] for each in in_order])
    if j_and_f is None or only_j is None or only_f is None:
        return None
    return FigureIntervals(j_and_f=j_and_f, j=only_j, f=only_f)


def interval_label(interval: Interval) -> str:
    """What an interval must say of itself."""
    return f"{interval_source(interval)}, n = {interval.n}"


def interval_source(interval: Interval) -> str:
    """The same for all intervals of one table, which may be over different numbers of sequences."""
    return (
        f"{interval.level:.0%} interval, {interval.estimator} over {interval.source}, "
        f"{interval.resamples:,} resamples, seed {interval.seed}"
    )


def interval_text(interval: Interval | None) -> str:
    """Both ends of an interval of scores, in percent; a dash where there is none."""
    return "-" if interval is None else f"{percent(interval.low)} to {percent(interval.high)}"
