"""Procedural textures: square tiles that repeat without a seam, one texel a pixel at scale 1."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
from jaxtyping import Complex128, Float32, Float64

from benchmarks.demo.motion import Number

Pattern: TypeAlias = Float64[np.ndarray, "side side"]
Line: TypeAlias = Float64[np.ndarray, " side"]
Tile: TypeAlias = Float32[np.ndarray, "side side 3"]
Colour: TypeAlias = tuple[int, int, int]

MOTTLE = 0.13  # how far the slow unevenness of a surface lightens or darkens it


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """What something is made of: a texture family, its colours from low to high, its grain's `size` in pixels.

    Surfaces that differ in `variant` alone look alike and match nowhere.
    """

    family: str
    colours: tuple[Colour, ...]
    size: Number
    variant: int = 0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"expected a texture family among {', '.join(FAMILIES)}, got {self.family}")


def tile(surface: Surface, *, seed: int, side: int) -> Tile:
    """The surface's colours in 0..1 on a square of `side` pixels that repeats in both directions."""
    generator = np.random.Generator(np.random.PCG64((seed, surface.variant)))
    count = max(round(side / surface.size), 2)
    heights = FAMILIES[surface.family](generator, side, count)
    stops = np.linspace(0, 1, len(surface.colours))
    colours = np.asarray(surface.colours) / 255
    painted = np.stack([np.interp(heights, stops, colours[:, channel]) for channel in range(3)], axis=-1)
    mottle = 1 + MOTTLE * (2 * noise(generator, side, count=max(count // 4, 3), octaves=3) - 1)
    return np.clip(painted * mottle[..., None], 0, 1).astype(np.float32)


def sample(texture: Tile, points: Complex128[np.ndarray, "height width"]) -> Float32[np.ndarray, "height width 3"]:
    """The texture's colours at points x + iy in pixels, interpolated linearly; the tile's middle lies at 0."""
    x, y = ((part + len(texture) / 2).astype(np.float32) for part in (points.real, points.imag))
    colours = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(colours, dtype=np.float32)


def noise(generator: np.random.Generator, side: int, *, count: int, octaves: int) -> Pattern:
    """Gradient noise in 0..1: `count` swells a side, then twice as many at 0.55 of the height, and so on."""
    heights = [0.55**octave * _swells(generator, side, min(count << octave, side // 2)) for octave in range(octaves)]
    values: Pattern = np.clip(0.5 + 0.75 * np.sum(heights, axis=0), 0, 1)
    return values


def cells(generator: np.random.Generator, side: int, count: int) -> Pattern:
    """Worley cells, each of its own tone, parted by dark seams."""
    first, second, tone = _worley(generator, side, count)
    heights: Pattern = (0.35 + 0.65 * tone) * _smooth_step((second - first) / 0.16) * (1 - 0.25 * first)
    return heights


def weave(generator: np.random.Generator, side: int, count: int) -> Pattern:
    """Woven checks: warp and weft threads of uneven tone pass over and under each other, two by two."""
    count += count % 2  # over and under alternate: an odd number of threads would leave a seam
    axis = np.arange(side) * count / side
    thread = axis.astype(np.intp)
    tones = generator.uniform(0.15, 1.0, (2, count))
    round_off = np.sin(np.pi * (axis - thread)) ** 0.6
    warp = (tones[0, thread] * round_off)[None, :]
    weft = (tones[1, thread] * round_off)[:, None]
    over = (thread[None, :] + thread[:, None]) % 2 == 0
    heights: Pattern = np.where(over, warp, weft) * (0.8 + 0.2 * noise(generator, side, count=count * 2, octaves=2))
    return heights


def marble(generator: np.random.Generator, side: int, count: int) -> Pattern:
    """Veins: level lines of noise whose coordinates are themselves pushed about by noise."""
    push = (2 * noise(generator, side, count=count, octaves=3) - 1) * 1.1
    veins = noise(generator, side, count=max(count // 2, 2), octaves=4)
    heights: Pattern = 0.5 + 0.5 * np.sin(2 * np.pi * (2.5 * veins + push))
    return heights


def speckle(generator: np.random.Generator, side: int, count: int) -> Pattern:
    """Terrazzo: ragged chips, some light, some dark, of many sizes, in a softly uneven ground."""
    ground = 0.3 + 0.4 * noise(generator, side, count=max(count // 4, 2), octaves=3)
    nearest, _, tone = _worley(generator, side, count)
    ragged = nearest + 0.25 * (noise(generator, side, count=count * 2, octaves=1) - 0.5)
    size = 0.2 + 0.35 * np.abs(2 * tone - 1)  # middling tones are the small chips
    chip = _smooth_step((size - ragged) / 0.14 + 0.5)
    heights: Pattern = ground + chip * (np.where(tone > 0.5, 0.55 + 0.45 * tone, 0.45 * tone) - ground)
    return heights


FAMILIES: Mapping[str, Callable[[np.random.Generator, int, int], Pattern]] = MappingProxyType(
    {"cells": cells, "weave": weave, "marble": marble, "speckle": speckle}
)
"""The demo's texture families by name; a model meant to be tested on the demo trains on others."""


def _swells(generator: np.random.Generator, side: int, count: int) -> Pattern:
    """One octave of gradient noise, about -0.7..0.7: random slopes at count x count knots, blended smoothly."""
    angles = generator.uniform(0, 2 * np.pi, (count, count))
    axis = np.arange(side) * count / side
    knot = axis.astype(np.intp)
    after = (knot + 1) % count
    offset = axis - knot
    weight = _smooth_step(offset)
    level = 1 - weight, weight
    slope = level[0] * offset, level[1] * (offset - 1)

    def blend(
        knots: Float64[np.ndarray, "count count"], *, down: tuple[Line, Line], right: tuple[Line, Line]
    ) -> Pattern:
        rows = knots[knot] * down[0][:, None] + knots[after] * down[1][:, None]
        blended: Pattern = rows[:, knot] * right[0] + rows[:, after] * right[1]
        return blended

    swells: Pattern = blend(np.cos(angles), down=level, right=slope) + blend(np.sin(angles), down=slope, right=level)
    return swells


def _worley(generator: np.random.Generator, side: int, count: int) -> tuple[Pattern, Pattern, Pattern]:
    """Count x count scattered points: distances to the two nearest, in mean spacings, and the first's tone in 0..1."""
    x, y = generator.uniform(0.1, 0.9, (2, count, count))
    tones = generator.random((count, count))
    axis = np.arange(side) * count / side
    knot = axis.astype(np.intp)
    offset = axis - knot
    first, second = np.full((2, side, side), np.inf)
    tone = np.zeros((side, side))
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            rows, columns = (knot + down) % count, (knot + right) % count
            distance = ((x + right)[rows][:, columns] - offset) ** 2
            distance += ((y + down)[rows][:, columns] - offset[:, None]) ** 2
            tone = np.where(distance < first, tones[rows][:, columns], tone)
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    return np.sqrt(first), np.sqrt(second), tone


def _smooth_step(values: Float64[np.ndarray, "..."]) -> Float64[np.ndarray, "..."]:
    clipped = np.clip(values, 0, 1)
    eased: Float64[np.ndarray, "..."] = clipped * clipped * (3 - 2 * clipped)
    return eased
