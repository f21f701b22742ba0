"""Actors: bodies on their way through a scene, and where the camera sees them."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32

from benchmarks.synthesis.body import Body
from benchmarks.synthesis.motion import Wander, draw_wander, rotation
from benchmarks.synthesis.render import Pose

KNOTS = 4  # of elastic deformation, a side
X, Y, Z = np.eye(3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A body on its way.

    Args:
        label: in masks; 0 is no object.
        path: middle (x, y) in shares of the frame, logarithm of pixels per unit, and yaw, pitch, roll in radians.
        parallax: 0 moves by itself on the screen, 1 stands still in the world, above 1 stands before it.
        warp: elastic displacement of KNOTS x KNOTS points, in shares of the body's window; over time it
            swings by `warp_rate` turns.
    """

    body: Body
    label: int
    path: Wander
    parallax: float
    warp: Float32[np.ndarray, "2 knots knots"]
    warp_rate: float


def draw_actor(
    generator: np.random.Generator, body: Body, *, label: int, pace: float, size: int, largest: float
) -> Actor:
    """A body that moves by itself: how large (largest, in shares of the frame per unit), from where, and how fast."""
    flat = body.parts[0].outline is not None
    scale = size * np.exp(generator.uniform(np.log(0.07), np.log(largest)))
    upright = generator.normal(0, 0.3) + generator.choice([0, np.pi / 2], p=[0.6, 0.4])
    turn = generator.choice([0.3, 1.0, 2.5])
    start = np.array([*generator.uniform(0.2, 0.8, 2), np.log(scale), 0, 0, upright])
    if not flat:
        start[3:5] = generator.uniform(-np.pi, np.pi), generator.normal(0, 0.4)
    drift = pace * np.array([0.28, 0.22, 0.4, turn * (0.3 if flat else 1), 0.2 * turn, 0.35 * turn])
    if generator.random() < 0.35:
        drift[2] = 0.9  # comes or goes far, however slowly all else moves
    if generator.random() < 0.15:
        drift[5] = 4 * pace  # spins
    swing = np.array([0.08, 0.08, 0.1, 0.3, 0.15, 0.2])
    bend = generator.choice([0, 0.05, 0.12]) if flat else generator.choice([0, 0.04])
    path = draw_wander(generator, start, drift=drift, swing=pace * swing, rate=1.5)
    if generator.random() < 0.05:
        path = _out_and_back(path, generator)
    return Actor(
        body=body,
        label=label,
        path=path,
        parallax=0.0,
        warp=(bend * generator.normal(0, 1, (2, KNOTS, KNOTS))).astype(np.float32),
        warp_rate=float(pace * generator.uniform(0.3, 2)),
    )


def _out_and_back(path: Wander, generator: np.random.Generator) -> Wander:
    """The path, but over an edge of the frame half-way, and back at its end."""
    across = int(generator.integers(2))
    drift, swing, phases, rates = path.drift.copy(), path.swing.copy(), path.phases.copy(), path.rates.copy()
    drift[across], phases[:, across], rates[:, across] = 0, 0, 0.5
    swing[across] = generator.uniform(0.7, 1.2) * generator.choice([-1, 1])
    return replace(path, drift=drift, swing=swing, phases=phases, rates=rates)


def pose_of(actor: Actor, camera: Wander, *, time: float, size: int) -> Pose:
    """Where a camera (x, y, logarithm of zoom, roll) sees the actor in a frame of size x size."""
    x, y, log_scale, yaw, pitch, roll = actor.path.at(time)
    place, scale = np.array([x, y]), float(np.exp(log_scale))
    if actor.parallax > 0:  # carried along by the camera
        now, start = camera.at(time), camera.start
        zoom = float(np.exp(actor.parallax * now[2]))
        place = 0.5 + (place - 0.5 - actor.parallax * (now[:2] - start[:2])) @ rotation(
            Z, float(-now[3])
        )[:2, :2] * zoom  # fmt: skip
        scale *= zoom
        roll += now[3]
    turned = rotation(Z, roll) @ rotation(X, pitch) @ rotation(Y, yaw)
    return Pose(middle=(float(place[0] * size), float(place[1] * size)), scale=scale, turned=turned, time=time)
