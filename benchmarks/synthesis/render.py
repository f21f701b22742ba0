"""From a body in a pose to the pixels it covers."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.body import Body, Placed, Skin, place
from benchmarks.synthesis.motion import Rotation, Vector
from benchmarks.synthesis.solid import MISS, Grid, cast, extent

Canvas: TypeAlias = Float32[np.ndarray, "height width 3"]

MARGIN = 3  # pixels around a body, for soft edges
AMBIENT = 0.55  # of the light, at the least, where a scene is lit hardest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a body is seen: its middle in pixels, pixels per unit, how it is turned, and the time of its joints."""

    middle: tuple[float, float]
    scale: float
    turned: Rotation
    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Premultiplied red, green, blue (0..255) and coverage (0..1) of a window at (`top`, `left`) of the frame."""

    top: int
    left: int
    pixels: Float32[np.ndarray, "height width 4"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Where light comes from (a unit vector towards it, the camera looks along +z), and how hard, in 0..1."""

    towards: Vector
    hardness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Pixels top <= y < bottom, left <= x < right of the frame; empty where these are in no such order."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def empty(self) -> bool:
        """Whether it has no pixels."""
        return self.bottom <= self.top or self.right <= self.left

    def within(self, whole: "Window") -> tuple[slice, slice]:
        """Its rows and columns, counted from the corner of another window that contains it."""
        return (
            slice(self.top - whole.top, self.bottom - whole.top),
            slice(self.left - whole.left, self.right - whole.left),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surface:
    """What is painted on: a window of the layer, and how near what is painted there already is."""

    window: Window
    pixels: Float32[np.ndarray, "height width 4"]
    nearest: Grid

    def paint(
        self, colour: Float32[np.ndarray, "height width 3"], *, depth: Grid, where: Bool[np.ndarray, "height width"]
    ) -> None:
        """Paint, in place, what is `where`."""
        self.nearest[where] = depth[where]
        self.pixels[where, :3] = np.minimum(colour, 255)[where]
        self.pixels[where, 3] = 1


def render(body: Body, pose: Pose, *, bank: TextureBank, light: Light, size: int) -> Layer | None:
    """The body alone, hard-edged, within a frame of size x size; None where it is out of sight."""
    placed = place(body, time=pose.time, turned=pose.turned)
    windows = [_window(part, pose, size) for part in placed]
    whole = Window(
        top=min(window.top for window in windows),
        left=min(window.left for window in windows),
        bottom=max(window.bottom for window in windows),
        right=max(window.right for window in windows),
    )
    if whole.empty:
        return None
    pixels = np.zeros((whole.bottom - whole.top, whole.right - whole.left, 4), dtype=np.float32)
    nearest = np.full(pixels.shape[:2], MISS, dtype=np.float32)
    for part, window in zip(placed, windows, strict=True):
        if not window.empty:
            here = window.within(whole)
            surface = _Surface(window=window, pixels=pixels[here], nearest=nearest[here])
            draw = _draw_solid if part.part.outline is None else _draw_plate
            draw(part, pose, surface, bank=bank, light=light)
    return Layer(top=whole.top, left=whole.left, pixels=pixels)


def _window(placed: Placed, pose: Pose, size: int) -> Window:
    """What the part may cover, within the frame and MARGIN around it."""
    part = placed.part
    if part.outline is None:
        wide, high = extent(part.kind, part.radii, placed.turned)
    else:
        wide = high = float(np.abs(part.outline).max()) * 1.42
    x, y = (pose.middle[axis] + pose.scale * float(placed.middle[axis]) for axis in (0, 1))
    reach_x, reach_y = wide * pose.scale + MARGIN, high * pose.scale + MARGIN
    low, limit = -MARGIN, size + MARGIN
    left, right = (int(np.clip(edge, low, limit)) for edge in (x - reach_x, x + reach_x + 1))
    top, bottom = (int(np.clip(edge, low, limit)) for edge in (y - reach_y, y + reach_y + 1))
    if right <= left or bottom <= top:
        return Window(top=limit, left=limit, bottom=low, right=low)  # widens no union
    return Window(top=top, left=left, bottom=bottom, right=right)


def _draw_solid(placed: Placed, pose: Pose, surface: _Surface, *, bank: TextureBank, light: Light) -> None:
    window = surface.window
    x = (
        (np.arange(window.left, window.right, dtype=np.float32) - pose.middle[0]) / pose.scale - placed.middle[0]
    ).astype(np.float32)
    y = (
        (np.arange(window.top, window.bottom, dtype=np.float32) - pose.middle[1]) / pose.scale - placed.middle[1]
    ).astype(np.float32)
    own = placed.turned.T.astype(np.float32)
    middle = np.float32(placed.middle[2])
    origin = own[:, 0, None, None] * x[None, None, :] + own[:, 1, None, None] * y[None, :, None]
    hit = cast(placed.part.kind, placed.part.radii, origin, placed.turned.T[:, 2])
    depth = hit.depth + middle
    visible = (hit.depth < MISS) & (depth < surface.nearest)
    if not visible.any():
        return
    colour = _cover(placed.part.skin, hit.u, hit.v, scale=pose.scale, bank=bank)
    towards = placed.turned.T @ light.towards
    facing = np.tensordot(towards.astype(np.float32), hit.normal, axes=1)
    shade = 1 - light.hardness * (1 - AMBIENT) + light.hardness * (1 - AMBIENT) * 1.6 * facing
    colour *= np.clip(shade, 0.3, 1.5)[..., None]
    surface.paint(colour, depth=depth, where=visible)


def _draw_plate(placed: Placed, pose: Pose, surface: _Surface, *, bank: TextureBank, light: Light) -> None:
    window = surface.window
    flat = placed.turned[:2, :2] * pose.scale
    determinant = float(np.linalg.det(flat))
    if placed.part.outline is None or abs(determinant) < 0.02 * pose.scale**2:
        return  # seen edge on
    middle = np.asarray(pose.middle) + pose.scale * placed.middle[:2] - (window.left, window.top)
    outlines = [placed.part.outline] if placed.part.hole is None else [placed.part.outline, placed.part.hole]
    corners = [np.rint((outline @ flat.T + middle) * 16).astype(np.int32) for outline in outlines]
    high, wide = surface.nearest.shape
    mask = np.zeros((high, wide), dtype=np.uint8)
    depth = np.full(mask.shape, placed.middle[2], dtype=np.float32)
    cv2.fillPoly(mask, corners, 1, shift=4)
    visible = (mask > 0) & (depth < surface.nearest)
    if not visible.any():
        return
    x = np.arange(wide, dtype=np.float32)[None, :] - np.float32(middle[0])
    y = np.arange(high, dtype=np.float32)[:, None] - np.float32(middle[1])
    inverse = np.linalg.inv(flat).astype(np.float32)
    u, v = (inverse[row, 0] * x + inverse[row, 1] * y for row in (0, 1))
    colour = _cover(placed.part.skin, u, v, scale=pose.scale, bank=bank)
    facing = abs(float(placed.turned[:, 2] @ light.towards))
    colour *= np.float32(1 - 0.3 * light.hardness * (1 - facing))
    surface.paint(colour, depth=depth, where=visible)


def _cover(skin: Skin, u: Grid, v: Grid, *, scale: float, bank: TextureBank) -> Float32[np.ndarray, "height width 3"]:
    zoom = np.float32(skin.zoom)
    u, v = u * zoom + np.float32(skin.corner[0]), v * zoom + np.float32(skin.corner[1])
    colour = bank.sample(skin.tile, u, v, texels_per_pixel=skin.zoom / scale)
    covered: Float32[np.ndarray, "height width 3"] = np.maximum(colour * skin.gain + skin.lift, 0)
    return covered
