"""Throughput: what a video's frame times amount to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Speed over a number of frames; which work was timed is the caller's to say.

    Attributes:
        frames: how many were timed.
        total_seconds: sum of their durations.
        fps: frames / total_seconds, which is not the mean of per-frame rates.
        mean_ms: mean duration.
        std_ms: sample standard deviation (n - 1) of the durations; None for a single frame.
        median_ms: median duration.
        p95_ms: 95th percentile of the durations, linearly interpolated.
    """

    frames: int
    total_seconds: float
    fps: float
    mean_ms: float
    std_ms: float | None
    median_ms: float
    p95_ms: float


def summarise_durations(milliseconds: Float64[np.ndarray, " frames"] | Sequence[float]) -> Throughput:
    """Throughput of frames that took this many milliseconds each.

    To summarise several videos, concatenate their durations: FPS = total frames / total time.

    Raises:
        ValueError: there are no durations, more than one axis, or durations that are not finite and positive.
    """
    durations = np.asarray(milliseconds, dtype=np.float64)
    if durations.ndim != 1 or not durations.size:
        raise ValueError(f"expected one duration per frame and at least one, got an array of shape {durations.shape}")
    if not (np.isfinite(durations).all() and (durations > 0).all()):
        raise ValueError(f"expected finite durations above 0 ms, got {durations.min()} to {durations.max()} ms")
    total_seconds = float(np.sum(durations)) / 1000
    return Throughput(
        frames=durations.size,
        total_seconds=total_seconds,
        fps=durations.size / total_seconds,
        mean_ms=float(np.mean(durations)),
        std_ms=float(np.std(durations, ddof=1)) if durations.size > 1 else None,
        median_ms=float(np.median(durations)),
        p95_ms=float(np.percentile(durations, 95)),
    )
