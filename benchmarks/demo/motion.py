"""Motion as pure functions of time: keyed paths, and the similarity transforms they make.

A point of the plane is the complex number x + iy in pixels, y downwards: turning and scaling is one multiplication.
"""

import cmath
import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Complex128

Number: TypeAlias = int | float  # data read better with whole numbers, which checks at run time do not take for float
Keys: TypeAlias = tuple[tuple[Number, ...], ...]
"""Rows of (frame, value, ...), frames increasing; before the first and after the last row the value stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where something is, how far it is turned (degrees, clockwise on the screen) and how large it is, over time."""

    at: Keys
    degrees: Keys = ((0, 0),)
    scale: Keys = ((0, 1),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A similarity: `factor` turns and scales, then `shift` moves (pixels)."""

    shift: complex
    factor: complex


def interpolate(keys: Keys, frame: int) -> tuple[float, ...]:
    """The values at a frame: a cubic through every key with the slope between its neighbours, so nothing jerks."""
    later = next((row for row, key in enumerate(keys) if key[0] > frame), len(keys))
    if later in (0, len(keys)):
        return tuple(float(value) for value in keys[min(later, len(keys) - 1)][1:])
    start, end = keys[later - 1], keys[later]
    length = end[0] - start[0]
    time = (frame - start[0]) / length
    leaving, arriving = _slopes(keys, later - 1), _slopes(keys, later)
    return tuple(
        _hermite(
            time, ends=(start[value + 1], end[value + 1]), slopes=(leaving[value] * length, arriving[value] * length)
        )
        for value in range(len(start) - 1)
    )


def pose_at(path: Path, frame: int) -> Pose:
    """The pose of a path at a frame."""
    x, y = interpolate(path.at, frame)
    (degrees,) = interpolate(path.degrees, frame)
    (scale,) = interpolate(path.scale, frame)
    return Pose(shift=complex(x, y), factor=cmath.rect(scale, math.radians(degrees)))


def seen_through(view: Pose, pose: Pose) -> Pose:
    """The pose after the view's own similarity: where the camera shows it."""
    return Pose(shift=view.shift + view.factor * pose.shift, factor=view.factor * pose.factor)


def inside(pose: Pose, points: Complex128[np.ndarray, "height width"]) -> Complex128[np.ndarray, "height width"]:
    """The points in the coordinates of whatever stands in this pose."""
    return (points - pose.shift) / pose.factor


def tremor(frame: int, *, amplitude: float) -> complex:
    """The shift of a hand-held camera, in pixels: two slow swings per axis whose periods never meet."""
    x = math.sin(0.61 * frame + 0.4) + 0.5 * math.sin(1.47 * frame + 2.1)
    y = math.sin(0.53 * frame + 1.9) + 0.5 * math.sin(1.71 * frame + 0.7)
    return amplitude * complex(x, y)


def _slopes(keys: Keys, row: int) -> tuple[float, ...]:
    before, after = keys[max(row - 1, 0)], keys[min(row + 1, len(keys) - 1)]
    return tuple((b - a) / (after[0] - before[0]) for a, b in zip(before[1:], after[1:], strict=True))


def _hermite(time: float, *, ends: tuple[Number, Number], slopes: tuple[float, float]) -> float:
    square, cube = time * time, time * time * time
    return (
        (2 * cube - 3 * square + 1) * ends[0]
        + (3 * square - 2 * cube) * ends[1]
        + (cube - 2 * square + time) * slopes[0]
        + (cube - square) * slopes[1]
    )
