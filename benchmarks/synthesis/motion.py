"""Smooth random motion: values at a few moments, and what lies between."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Float64

Vector: TypeAlias = Float64[np.ndarray, " dims"]
Rotation: TypeAlias = Float64[np.ndarray, "3 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wander:
    """A random path through a space of some dimensions: a drift and two slow swings per dimension.

    Args:
        start: where it is at time 0.
        drift: how far it moves by time 1, swings left out.
        swing: how far it swings, about.
        phases: of the swings, in radians.
        rates: of the swings, in turns per unit of time.
    """

    start: Vector
    drift: Vector
    swing: Vector
    phases: Float64[np.ndarray, "2 dims"]
    rates: Float64[np.ndarray, "2 dims"]

    def at(self, time: float) -> Vector:
        """The place at a time; 0 is the clip's first frame and 1 its last."""
        angle = 2 * np.pi * self.rates * time
        swings = (np.sin(angle + self.phases) - np.sin(self.phases)).sum(axis=0)
        place: Vector = self.start + self.drift * time + self.swing * swings / 2
        return place


def draw_wander(
    generator: np.random.Generator, start: Vector, *, drift: float | Vector, swing: float | Vector, rate: float = 1.0
) -> Wander:
    """A path from `start`; `drift` and `swing` are standard deviations, `rate` the turns to expect of a swing."""
    dims = len(start)
    return Wander(
        start=start,
        drift=generator.normal(0, 1, dims) * drift,
        swing=generator.normal(0, 1, dims) * swing,
        phases=generator.uniform(0, 2 * np.pi, (2, dims)),
        rates=generator.uniform(0, 2 * rate, (2, dims)),
    )


def rotation(axis: Vector, angle: float) -> Rotation:
    """The matrix that turns by `angle` radians around a unit vector (Rodrigues)."""
    x, y, z = axis.tolist()
    sine, cosine = math.sin(angle), math.cos(angle)
    rest = 1 - cosine
    return np.array(
        [
            [cosine + x * x * rest, x * y * rest - z * sine, x * z * rest + y * sine],
            [y * x * rest + z * sine, cosine + y * y * rest, y * z * rest - x * sine],
            [z * x * rest - y * sine, z * y * rest + x * sine, cosine + z * z * rest],
        ]
    )


def draw_axis(generator: np.random.Generator) -> Vector:
    """A unit vector in any direction of space."""
    axis = generator.normal(0, 1, 3)
    unit: Vector = axis / max(float(np.linalg.norm(axis)), 1e-6)
    return unit
