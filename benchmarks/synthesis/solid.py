"""The solids that bodies are built of, and what a ray that comes along the line of sight meets first.

All arrays are float32 over a small window of pixels. A ray is origin + t * direction in the solid's own frame; the
camera looks along +z, so that the smallest t is the nearest.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from jaxtyping import Float32, Float64

Grid: TypeAlias = Float32[np.ndarray, "height width"]
Rays: TypeAlias = Float32[np.ndarray, "3 height width"]
Vector: TypeAlias = Float64[np.ndarray, "3"]

MISS = np.float32(1e6)
SIDE_SHIFT = np.float32(0.37)  # texture of another side: so far along, in units of the body


class Kind(StrEnum):
    """A solid's shape, within its radii."""

    ELLIPSOID = "ellipsoid"
    BOX = "box"
    CYLINDER = "cylinder"  # along its own z


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What the rays meet: how far away (MISS where nothing), where on the surface, and which way it faces.

    `u`, `v` are surface coordinates in the body's units, continuous but at edges; `normal` is in the solid's frame.
    """

    depth: Grid
    u: Grid
    v: Grid
    normal: Rays


def extent(kind: Kind, radii: Vector, turned: Float64[np.ndarray, "3 3"]) -> tuple[float, float]:
    """Half the width and height of the solid's window on the screen, once turned (solid to world)."""
    reach = np.abs(turned[:2]) @ radii if kind is not Kind.ELLIPSOID else np.sqrt((turned[:2] ** 2) @ radii**2)
    return float(reach[0]), float(reach[1])


def cast(kind: Kind, radii: Vector, origin: Rays, direction: Vector) -> Hit:
    """Send parallel rays at a solid centred at the origin of its frame."""
    # A ray along a face would divide by zero.
    safe = np.where(np.abs(direction) < 1e-4, 1e-4, direction)
    return _CASTS[kind](radii.astype(np.float32), origin, safe.astype(np.float32))


def _ellipsoid(radii: np.ndarray, origin: Rays, direction: np.ndarray) -> Hit:
    start, along = origin / radii[:, None, None], direction / radii
    a = along @ along
    b = np.tensordot(along, start, axes=1)
    discriminant = b * b - a * ((start * start).sum(axis=0) - 1)
    depth = (-b - np.sqrt(np.maximum(discriminant, 0))) / a
    point = start + along[:, None, None] * depth
    first, second, third = np.argsort(-radii)
    normal = point / radii[:, None, None]
    normal /= np.sqrt((normal * normal).sum(axis=0)) + 1e-6
    return Hit(
        depth=np.where(discriminant > 0, depth, MISS),
        u=point[first] * radii[first] + SIDE_SHIFT * (point[third] > 0),
        v=point[second] * radii[second],
        normal=normal,
    )


def _box(radii: np.ndarray, origin: Rays, direction: np.ndarray) -> Hit:
    towards = np.sign(direction)
    enter = (-towards * radii)[:, None, None] - origin
    enter /= direction[:, None, None]
    leave = enter + (2 * radii / np.abs(direction))[:, None, None]
    face = enter.argmax(axis=0)
    depth = enter.max(axis=0)
    point = origin + direction[:, None, None] * depth
    normal = np.zeros_like(origin)
    np.put_along_axis(normal, face[None], -towards[face][None], axis=0)
    return Hit(
        depth=np.where(depth < leave.min(axis=0), depth, MISS),
        u=np.where(face == 0, point[1], point[0]) + SIDE_SHIFT * face.astype(np.float32) * towards[face],
        v=np.where(face == 2, point[1], point[2]),
        normal=normal,
    )


def _cylinder(radii: np.ndarray, origin: Rays, direction: np.ndarray) -> Hit:
    start, along = origin[:2] / radii[:2, None, None], direction[:2] / radii[:2]
    a = along @ along
    b = np.tensordot(along, start, axes=1)
    discriminant = b * b - a * ((start * start).sum(axis=0) - 1)
    root = np.sqrt(np.maximum(discriminant, 0))
    side, back = (-b - root) / a, (-b + root) / a
    towards = np.sign(direction[2])
    cap = (-towards * radii[2] - origin[2]) / direction[2]
    end = cap + 2 * radii[2] / abs(direction[2])
    depth = np.maximum(side, cap)
    capped = cap > side
    point = origin + direction[:, None, None] * depth
    normal = np.stack([point[0] / radii[0] ** 2, point[1] / radii[1] ** 2, np.zeros_like(depth)])
    normal /= np.sqrt((normal * normal).sum(axis=0)) + 1e-6
    normal = np.where(capped, np.array([0, 0, -towards], dtype=np.float32)[:, None, None], normal)
    return Hit(
        depth=np.where((discriminant > 0) & (depth < np.minimum(back, end)), depth, MISS),
        u=point[0] + SIDE_SHIFT * (point[1] > 0),
        v=np.where(capped, point[1], point[2]),
        normal=normal,
    )


_CASTS = {Kind.ELLIPSOID: _ellipsoid, Kind.BOX: _box, Kind.CYLINDER: _cylinder}
