"""Bodies: solids and flat plates joined in a tree, swinging at their joints, and where all of it is."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Float64

from benchmarks.synthesis.motion import Rotation, Vector, rotation
from benchmarks.synthesis.solid import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """What a part is covered with: a tile of the bank, where on it, how large, and tinted how."""

    tile: int
    corner: tuple[float, float]
    zoom: float  # texels per unit of the body
    gain: Float32[np.ndarray, "3"]
    lift: Float32[np.ndarray, "3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A solid, or (with an `outline`) a flat plate, hung on its parent at a joint.

    Args:
        parent: index of the part it hangs on, -1 for the root.
        joint: where on the parent, in its frame.
        centre: from the joint, in the part's own frame.
        rest: how the part is turned against its parent.
        axis, swing, rate, phase: how it swings around the joint: radians, turns per unit of time, radians.
        kind, radii: of the solid.
        outline: corners of a plate in its own x, y; None for a solid. `hole` is cut out of it.
    """

    parent: int
    joint: Vector
    centre: Vector
    rest: Rotation
    axis: Vector
    swing: float
    rate: float
    phase: float
    kind: Kind
    radii: Vector
    skin: Skin
    outline: Float64[np.ndarray, "corners 2"] | None = None
    hole: Float64[np.ndarray, "corners 2"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Parts, parents before children; about 1 unit from the middle to the farthest."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A part in the body's frame: how it is turned (own to body), and its middle."""

    part: Part
    turned: Rotation
    middle: Vector


def place(body: Body, *, time: float, turned: Rotation) -> list[Placed]:
    """Every part at a time, the whole body turned."""
    joints: list[tuple[Rotation, Vector]] = []
    placed = []
    for part in body.parts:
        parent_turned, parent_middle = (turned, np.zeros(3)) if part.parent < 0 else joints[part.parent]
        angle = part.swing * np.sin(2 * np.pi * part.rate * time + part.phase)
        own = parent_turned @ part.rest @ rotation(part.axis, angle)
        middle = parent_middle + parent_turned @ part.joint + own @ part.centre
        joints.append((own, middle))
        placed.append(Placed(part=part, turned=own, middle=middle))
    return placed


def recovered(body: Body, generator: np.random.Generator) -> Body:
    """A twin: the same build and cloth, cut elsewhere, moving out of step."""
    return Body(
        parts=tuple(
            replace(
                part,
                phase=float(generator.uniform(0, 6.3)),
                skin=replace(part.skin, corner=(float(generator.uniform(0, 256)), float(generator.uniform(0, 256)))),
            )
            for part in body.parts
        )
    )
