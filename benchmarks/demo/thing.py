"""One thing on the stage: its shape, surface and path, and how it is painted over what lies behind."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float32, Float64

from benchmarks.demo.motion import Path, Pose, inside
from benchmarks.demo.shape import Levels, Shape
from benchmarks.demo.texture import Surface, Tile, sample

Canvas: TypeAlias = Float32[np.ndarray, "height width 3"]

LIGHT = complex(-0.6, -0.8)  # towards the lamp, on the screen: above, on the left
BEVEL = 0.34  # how much the lamp brightens or darkens a rim
BEVEL_DEPTH = 0.22  # how far the rim reaches inwards, as a share of the shape's reach
SHADOW_SHIFT = (6, 4)  # pixels down, right
SHADOW_SOFTNESS = 14.0  # pixels from full shadow to none
MARGIN = 16  # pixels around a shape, enough for its shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A textured, moving, deforming body; `label` 0 marks a distractor that no mask shows."""

    shape: Shape
    surface: Surface
    path: Path
    label: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A painted thing on its own small canvas, whose first pixel lies at (`top`, `left`) of the frame."""

    top: int
    left: int
    colour: Canvas
    coverage: Float32[np.ndarray, "height width"]
    shadow: Float32[np.ndarray, "height width"]


def paint(thing: Thing, texture: Tile, *, pose: Pose, frame: int) -> Layer:
    """The thing as the camera sees it: colours in 0..1, coverage and shadow in 0..1."""
    reach = thing.shape.reach * abs(pose.factor)
    radius = math.ceil(reach) + MARGIN
    left, top = math.floor(pose.shift.real) - radius, math.floor(pose.shift.imag) - radius
    axis = np.arange(2 * radius + 2)
    pixels = (left + axis)[None, :] + 1j * (top + axis)[:, None]
    outline = thing.shape.outline(inside(pose, pixels), frame)
    distance, facing = _distance(outline.level)
    bevel = BEVEL * facing * np.exp(-np.square(distance / (BEVEL_DEPTH * reach)))
    return Layer(
        top=top,
        left=left,
        colour=sample(texture, outline.material) * (1 + bevel[..., None]).astype(np.float32),
        coverage=np.clip(0.5 - distance, 0, 1).astype(np.float32),
        shadow=np.roll(np.clip(0.5 - distance / SHADOW_SOFTNESS, 0, 1) ** 2, SHADOW_SHIFT, axis=(0, 1)).astype(
            np.float32
        ),
    )


def lay(layer: Layer, canvas: Canvas, *, shadow: float) -> Canvas:
    """A new canvas with the layer over the old one; `shadow` is how much of the light a full shadow takes, in 0..1."""
    laid = canvas.copy()
    here, there = _overlap(layer, canvas.shape[:2])
    ground = laid[here] * (1 - shadow * layer.shadow[there])[..., None]
    coverage = layer.coverage[there][..., None]
    laid[here] = ground + coverage * (layer.colour[there] - ground)
    return laid


def covered(layer: Layer, size: tuple[int, int]) -> Bool[np.ndarray, "height width"]:
    """The frame's pixels more than half covered by the layer."""
    mask = np.zeros(size, dtype=np.bool_)
    here, there = _overlap(layer, size)
    mask[here] = layer.coverage[there] > 0.5
    return mask


def _overlap(layer: Layer, size: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where layer and frame meet, as slices of the frame and of the layer; both empty where they do not."""
    here, there = [], []
    for start, length, whole in zip((layer.top, layer.left), layer.coverage.shape, size, strict=True):
        first = min(max(start, 0), whole)
        last = max(min(start + length, whole), first)
        here.append(slice(first, last))
        there.append(slice(first - start, last - start) if last > first else slice(0, 0))
    return (here[0], here[1]), (there[0], there[1])


def _distance(level: Levels) -> tuple[Levels, Float64[np.ndarray, "height width"]]:
    """Signed distance to the edge in pixels, to first order, and how squarely the edge faces the lamp, in -1..1."""
    down, right = np.gradient(level)
    steepness = np.maximum(np.hypot(down, right), 1e-6)
    return level / steepness, (right * LIGHT.real + down * LIGHT.imag) / steepness
