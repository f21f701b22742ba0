"""A series of scores, one per frame, and what the benchmark says of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

RECALL_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Mean, recall and decay of one object's scores over its frames.

    Attributes:
        mean: of all frames, in [0, 1].
        recall: share of frames that score strictly above 0.5, in [0, 1].
        decay: mean of the first quarter minus mean of the last, in [-1, 1]; positive when tracking gets worse.
        decay_official: the decay that the official tool prints, which is wrong from 256 frames on; None for its NaN.
    """

    mean: float
    recall: float
    decay: float
    decay_official: float | None


def statistics(values: Float64[np.ndarray, " frames"] | Sequence[float]) -> Statistics:
    """Mean, recall and decay of scores in frame order.

    Source: the DAVIS 2017 toolkit, bit for bit, including (under its own name) its defect in the decay.

    Raises:
        ValueError: there are no values, more than one axis, or values that are not finite.
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not scores.size:
        raise ValueError(f"expected one score per frame and at least one frame, got an array of shape {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("expected finite scores, got NaN or infinity")
    starts = _quarters(scores.size)
    stops = starts + 1  # quarters are inclusive at both ends
    return Statistics(
        mean=float(np.mean(scores)),
        recall=float(np.mean(scores > RECALL_THRESHOLD)),
        decay=float(_decay(scores, starts, stops)),
        # The official tool keeps both in 8 bits: from 256 frames on the last quarter is empty or somewhere else.
        decay_official=_none_if_nan(_decay(scores, starts % 256, stops % 256)),
    )


def _quarters(frames: int) -> Int64[np.ndarray, "5"]:
    """Index of the frames between which the quarters lie, the first and the last frame included."""
    return np.round(np.linspace(1, frames, 5) + 1e-10).astype(np.int64) - 1


def _decay(
    scores: Float64[np.ndarray, " frames"], starts: Int64[np.ndarray, "5"], stops: Int64[np.ndarray, "5"]
) -> float:
    """First quarter's mean minus the last's; NaN where a quarter is empty."""
    first = scores[starts[0] : stops[1]]
    last = scores[starts[3] : stops[4]]
    return float(np.mean(first) - np.mean(last)) if first.size and last.size else float("nan")


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else value
