"""Outlines as implicit functions of object coordinates, deforming over time.

Coordinates are complex numbers x + iy in pixels at scale 1, the object's origin at 0. An outline's level is negative
inside and zero on the edge; it grows about as distance does, but only its sign is exact.
"""

import cmath
import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Complex128, Float64

from benchmarks.demo.motion import Number

Points: TypeAlias = Complex128[np.ndarray, "height width"]
Levels: TypeAlias = Float64[np.ndarray, "height width"]


class Outline(NamedTuple):
    """The level of each point, and the place on the undeformed object that lies there now (for its texture)."""

    level: Levels
    material: Points


@runtime_checkable
class Shape(Protocol):
    """Something with an outline at every frame, within `reach` pixels of its origin."""

    @property
    def reach(self) -> float:
        """The radius about the origin, in pixels at scale 1, that the outline never leaves."""
        ...

    def outline(self, points: Points, frame: int) -> Outline:
        """The outline at a frame."""
        ...


class Lobe(NamedTuple):
    """One Fourier term of a radius: `order` bulges of relative height `amplitude` that drift; phases are in turns."""

    order: int
    amplitude: float
    speed: float = 0.0
    phase: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A star-shaped body whose radius is a short Fourier series that drifts; its texture stretches with it."""

    radius: Number
    lobes: tuple[Lobe, ...] = ()

    @property
    def reach(self) -> float:
        """The radius if all lobes met."""
        return float(self.radius * (1 + sum(abs(lobe.amplitude) for lobe in self.lobes)))

    def outline(self, points: Points, frame: int) -> Outline:
        """Distance along the ray from the centre."""
        angle, radius = np.angle(points), np.abs(points)
        now, before = _swell(self.lobes, angle, frame), _swell(self.lobes, angle, 0)
        # Towards the centre the stretch fades, or all rays would meet there with a stretch of their own.
        stretch = 1 + (before / now - 1) * np.minimum(radius / self.radius, 1)
        return Outline(radius - self.radius * now, points * stretch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A polygon, convex or not, with corners (x, y) rounded off outwards, that breathes: wider and lower, then back."""

    corners: tuple[tuple[Number, Number], ...]
    rounding: Number = 4
    breath: float = 0.0
    period: Number = 24

    @property
    def reach(self) -> float:
        """The farthest corner at the widest breath."""
        return (max(math.hypot(*corner) for corner in self.corners) + self.rounding) * math.exp(self.breath)

    def outline(self, points: Points, frame: int) -> Outline:
        """Exact distance at rest."""
        width = math.exp(self.breath * math.sin(math.tau * frame / self.period))
        rest = points.real / width + 1j * (points.imag * width)
        return Outline(_polygon_level(rest, self.corners) - self.rounding, rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A ring that tumbles: it tilts away from the viewer by up to `tilt` (0 none, 1 edge-on) and back."""

    radius: Number
    width: Number
    tilt: float = 0.0
    period: Number = 24

    @property
    def reach(self) -> float:
        """The outer radius."""
        return self.radius + self.width / 2

    def outline(self, points: Points, frame: int) -> Outline:
        """Distance to the middle circle, in the ring's own plane."""
        height = 1 - self.tilt * math.sin(math.pi * frame / self.period) ** 2
        rest = points.real + 1j * (points.imag / height)
        return Outline(np.abs(np.abs(rest) - self.radius) - self.width / 2, rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """Two tapered limbs joined at the origin that fold to and fro, `bend` degrees from straight at most."""

    lengths: tuple[Number, Number]
    girths: tuple[Number, Number, Number]  # radii: tip of the first limb, joint, tip of the second
    bend: Number
    period: Number = 16

    @property
    def reach(self) -> float:
        """The farther tip."""
        return float(max(length + girth for length, girth in zip(self.lengths, self.girths[::2], strict=True)))

    def outline(self, points: Points, frame: int) -> Outline:
        """A smooth union of the limbs; the texture folds with them."""
        fold = math.radians(self.bend) / 2 * math.sin(math.tau * frame / self.period)
        tips = cmath.rect(self.lengths[0], math.pi - fold), cmath.rect(self.lengths[1], fold)
        first, second = (
            _limb_level(points, tip, girths=(self.girths[1], girth))
            for tip, girth in zip(tips, self.girths[::2], strict=True)
        )
        side = np.tanh(points.real / self.girths[1])
        return Outline(_smooth_minimum(first, second, softness=self.girths[1] / 2), points * np.exp(-1j * fold * side))


def _swell(lobes: tuple[Lobe, ...], angle: Levels, frame: int) -> Levels:
    swell = np.ones_like(angle)
    for order, amplitude, speed, phase in lobes:
        swell += amplitude * np.cos(order * angle + math.tau * (speed * frame + phase))
    return swell


def _limb_level(points: Points, tip: complex, *, girths: tuple[Number, Number]) -> Levels:
    along = np.clip((points * tip.conjugate()).real / abs(tip) ** 2, 0, 1)
    level: Levels = np.abs(points - along * tip) - (girths[0] + along * (girths[1] - girths[0]))
    return level


def _smooth_minimum(first: Levels, second: Levels, *, softness: float) -> Levels:
    nearness = np.maximum(1 - np.abs(first - second) / softness, 0)
    level: Levels = np.minimum(first, second) - softness / 4 * nearness**2
    return level


def _polygon_level(points: Points, corners: tuple[tuple[Number, Number], ...]) -> Levels:
    """Distance to the nearest edge, negative where a ray to the right crosses the outline an odd number of times."""
    nearest = np.full(points.shape, np.inf)
    odd = np.zeros(points.shape, dtype=np.bool_)
    ends = [complex(*corner) for corner in corners]
    for start, end in zip(ends, ends[1:] + ends[:1], strict=True):
        edge = end - start
        offset = points - start
        along = np.clip((offset * edge.conjugate()).real / abs(edge) ** 2, 0, 1)
        nearest = np.minimum(nearest, np.abs(offset - along * edge))
        if edge.imag != 0:
            rises = (points.imag >= start.imag) != (points.imag >= end.imag)
            odd ^= rises & (offset.real < offset.imag * edge.real / edge.imag)
    return np.where(odd, -nearest, nearest)
