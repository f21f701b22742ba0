"""A scene: bodies that are followed, all around them, and how it is filmed."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from jaxtyping import UInt8

from benchmarks.synthesis.actor import Actor, draw_actor, pose_of
from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.body import recovered
from benchmarks.synthesis.build import draw_body
from benchmarks.synthesis.compositing import bend, lay
from benchmarks.synthesis.lens import Lens, draw_lens, expose, smear, soften
from benchmarks.synthesis.motion import Vector, Wander, draw_axis, draw_wander
from benchmarks.synthesis.render import Canvas, Layer, Light, render
from benchmarks.synthesis.surroundings import (
    Backdrop,
    draw_backdrop,
    draw_clutter,
    draw_distractors,
    draw_occluders,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All of it.

    Args:
        actors: from back to front.
        backdrop: what is behind all; it repeats.
        camera: x, y of the view (shares of the frame), logarithm of its zoom, and its roll (radians) over time.
        light: where it comes from.
        lens: how the scene is filmed.
        shadow: the share of light that an actor takes from what is behind it.
        softness: standard deviation of edges in pixels.
    """

    actors: tuple[Actor, ...]
    backdrop: Backdrop
    camera: Wander
    light: Light
    lens: Lens
    shadow: float
    softness: float


def draw_scene(
    generator: np.random.Generator, *, bank: TextureBank, tiles: np.ndarray, size: int, objects: int
) -> Scene:
    """A scene with a number of labelled objects, covered from the given tiles of the bank."""
    pace = float(np.exp(generator.uniform(np.log(0.1), np.log(1.1))))
    few = generator.choice(tiles, int(generator.integers(3, 12)), replace=False)
    body_tiles = few if generator.random() < 0.25 else tiles
    light = Light(towards=_towards_light(generator), hardness=float(generator.uniform(0, 1)))
    actors = _draw_followed(generator, tiles=body_tiles, pace=pace, size=size, objects=objects)
    actors += draw_distractors(generator, actors, tiles=few, pace=pace, size=size)
    generator.shuffle(actors)
    actors += draw_occluders(generator, tiles=few, pace=pace, size=size)
    return Scene(
        actors=tuple(actors),
        backdrop=draw_clutter(
            generator, draw_backdrop(generator, bank, few, size), actors, bank=bank, tiles=few, light=light
        ),
        camera=draw_wander(
            generator,
            np.append(generator.uniform(0, 2, 2), [0.0, 0.0]),
            drift=pace * np.array([0.5, 0.3, 0.2, 0.15]) * generator.choice([0.1, 1, 2]),
            swing=pace * np.array([0.05, 0.05, 0.03, 0.05]),
            rate=2.0,
        ),
        light=light,
        lens=draw_lens(generator),
        shadow=float(generator.choice([0, 0.25, 0.5])),
        softness=float(generator.uniform(0.4, 0.8)),
    )


def film(
    scene: Scene, *, bank: TextureBank, time: float, step: float, size: int, generator: np.random.Generator
) -> tuple[UInt8[np.ndarray, "size size 3"], UInt8[np.ndarray, "size size"]]:
    """The frame at a time, with the mask of what is seen of each object; `step` is the time between frames."""
    canvas = _film_backdrop(scene, time=time, step=step, size=size)
    mask = np.zeros((size, size), dtype=np.uint8)
    for actor in scene.actors:
        layer = _film_actor(actor, scene, bank=bank, time=time, step=step, size=size)
        if layer is not None:
            lay(layer, canvas, mask, label=actor.label, shadow=scene.shadow)
    return expose(scene.lens, canvas, time=time, generator=generator), mask


def _draw_followed(
    generator: np.random.Generator, *, tiles: np.ndarray, pace: float, size: int, objects: int
) -> list[Actor]:
    """The labelled ones. The first two may be twins, which only where they were and how they move tells apart."""
    largest = 0.55 if objects == 1 else 0.38
    bodies = [draw_body(generator, tiles=tiles) for _ in range(objects)]
    twins = objects > 1 and generator.random() < 0.25
    if twins:
        bodies[1] = recovered(bodies[0], generator)
    actors = [
        draw_actor(generator, body, label=label, pace=pace, size=size, largest=largest)
        for label, body in enumerate(bodies, start=1)
    ]
    if twins:
        first, second = (actor.path for actor in actors[:2])
        start = np.array([*second.start[:2], first.start[2] + generator.normal(0, 0.15), *second.start[3:]])
        actors[1] = replace(actors[1], path=replace(second, start=start))
    return actors


def _towards_light(generator: np.random.Generator) -> Vector:
    axis = draw_axis(generator)
    return np.array([axis[0], -abs(axis[1]), -abs(axis[2])])  # from above, and from the camera's side


def _camera_matrix(scene: Scene, *, time: float, size: int) -> tuple[Vector, float, float]:
    x, y, zoom, roll = scene.camera.at(time)
    return size * np.array([x, y]), float(np.exp(zoom)), float(roll)


def _film_backdrop(scene: Scene, *, time: float, step: float, size: int) -> Canvas:
    shift, zoom, roll = _camera_matrix(scene, time=time, size=size)
    centre = (size - 1) / 2
    x = np.arange(size, dtype=np.float32)[None, :] - np.float32(centre)
    y = np.arange(size, dtype=np.float32)[:, None] - np.float32(centre)
    cosine, sine = np.float32(np.cos(roll) / zoom), np.float32(np.sin(roll) / zoom)
    seen = cv2.remap(
        scene.backdrop,
        cosine * x + sine * y + np.float32(shift[0]),
        -sine * x + cosine * y + np.float32(shift[1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    before, _, _ = _camera_matrix(scene, time=time - step, size=size)
    return np.ascontiguousarray(
        smear(np.asarray(seen, dtype=np.float32), (shift - before) * scene.lens.shutter * zoom, longest=size // 8)
    )


def _film_actor(actor: Actor, scene: Scene, *, bank: TextureBank, time: float, step: float, size: int) -> Layer | None:
    pose = pose_of(actor, scene.camera, time=time, size=size)
    layer = render(actor.body, pose, bank=bank, light=scene.light, size=size)
    if layer is None:
        return None
    if actor.warp.any():
        layer = bend(layer, actor.warp * np.float32(np.sin(2 * np.pi * actor.warp_rate * time)))
    layer = soften(layer, sigma=scene.softness)
    before = pose_of(actor, scene.camera, time=time - step, size=size)
    velocity = (np.asarray(pose.middle) - before.middle) * scene.lens.shutter
    return replace(layer, pixels=smear(layer.pixels, velocity, longest=size // 10))
