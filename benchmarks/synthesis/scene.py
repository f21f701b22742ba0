"""A scene: bodies that are followed, others, what stands before and behind them, and how all of it moves."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.body import Body, Part, draw_body, draw_outline, draw_skin, recovered
from benchmarks.synthesis.lens import Canvas, Lens, draw_lens, expose, smear, soften
from benchmarks.synthesis.motion import Vector, Wander, draw_axis, draw_wander, rotation
from benchmarks.synthesis.render import Layer, Light, Pose, render
from benchmarks.synthesis.solid import Kind

Backdrop: TypeAlias = UInt8[np.ndarray, "wide wide 3"]

WARP_KNOTS = 4  # of elastic deformation, a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A body on its way.

    Args:
        label: in masks; 0 is no object.
        path: middle (x, y) in shares of the frame, logarithm of pixels per unit, and yaw, pitch, roll in radians.
        parallax: 0 moves by itself on the screen, 1 stands still in the world, above 1 stands before it.
        warp: elastic displacement of WARP_KNOTS x WARP_KNOTS points, in shares of the body's window; over time it
            swings by `warp_rate` turns.
        mirrored: how it is turned around, besides.
    """

    body: Body
    label: int
    path: Wander
    parallax: float
    warp: Float32[np.ndarray, "2 knots knots"]
    warp_rate: float


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
    pace = float(np.exp(generator.uniform(np.log(0.12), np.log(1.3))))
    few = generator.choice(tiles, int(generator.integers(3, 12)), replace=False)
    body_tiles = few if generator.random() < 0.6 else tiles
    light = Light(towards=_towards_light(generator), hardness=float(generator.uniform(0, 1)))
    largest = 0.55 if objects == 1 else 0.38
    actors = [
        _draw_actor(
            generator, draw_body(generator, tiles=body_tiles), label=label, pace=pace, size=size, largest=largest
        )
        for label in range(1, objects + 1)
    ]
    actors += _draw_distractors(generator, actors, tiles=few, pace=pace, size=size)
    generator.shuffle(actors)
    actors += _draw_occluders(generator, tiles=few, pace=pace, size=size)
    return Scene(
        actors=tuple(actors),
        backdrop=_draw_clutter(
            generator, _draw_backdrop(generator, bank, few, size), actors, bank=bank, tiles=few, light=light
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
            _lay(layer, canvas, mask, label=actor.label, shadow=scene.shadow)
    return expose(scene.lens, canvas, time=time, generator=generator), mask


def _draw_actor(
    generator: np.random.Generator, body: Body, *, label: int, pace: float, size: int, largest: float
) -> Actor:
    flat = body.parts[0].outline is not None
    scale = size * np.exp(generator.uniform(np.log(0.11), np.log(largest)))
    upright = generator.normal(0, 0.3) + generator.choice([0, np.pi / 2], p=[0.6, 0.4])
    turn = generator.choice([0.3, 1.0, 2.5])
    start = np.array([*generator.uniform(0.2, 0.8, 2), np.log(scale), 0, 0, upright])
    if not flat:
        start[3:5] = generator.uniform(-np.pi, np.pi), generator.normal(0, 0.4)
    drift = np.array([0.28, 0.22, 0.55, turn * (0.3 if flat else 1), 0.2 * turn, 0.35 * turn])
    swing = np.array([0.08, 0.08, 0.1, 0.3, 0.15, 0.2])
    bend = generator.choice([0, 0.05, 0.12]) if flat else generator.choice([0, 0.04])
    return Actor(
        body=body,
        label=label,
        path=draw_wander(generator, start, drift=pace * drift, swing=pace * swing, rate=1.5),
        parallax=0.0,
        warp=(bend * generator.normal(0, 1, (2, WARP_KNOTS, WARP_KNOTS))).astype(np.float32),
        warp_rate=float(pace * generator.uniform(0.3, 2)),
    )


def _draw_distractors(
    generator: np.random.Generator, followed: list[Actor], *, tiles: np.ndarray, pace: float, size: int
) -> list[Actor]:
    """Bodies without a label; many are twins of a followed one, or share its cloth, or stand about in numbers."""
    actors: list[Actor] = []
    for _ in range(int(generator.choice([0, 1, 2, 4], p=[0.25, 0.3, 0.3, 0.15]))):
        model = followed[int(generator.integers(len(followed)))]
        body = recovered(model.body, generator) if generator.random() < 0.5 else draw_body(generator, tiles=tiles)
        actor = _draw_actor(generator, body, label=0, pace=pace, size=size, largest=0.35)
        start = actor.path.start.copy()
        start[:2] = generator.uniform(-0.2, 1.2, 2)
        if generator.random() < 0.5:
            start[2] = model.path.start[2] + generator.normal(0, 0.3)
        standing = generator.random() < 0.6
        still = replace(actor.path, start=start, drift=actor.path.drift * 0, swing=actor.path.swing * 0)
        actors.append(
            replace(actor, path=still, parallax=float(generator.uniform(0.8, 1)))
            if standing
            else replace(actor, path=replace(actor.path, start=start))
        )
    return actors


def _draw_occluders(generator: np.random.Generator, *, tiles: np.ndarray, pace: float, size: int) -> list[Actor]:
    """Trunks, posts and leaves in the foreground."""
    count = int(generator.choice([0, 1, 2, 5], p=[0.55, 0.2, 0.15, 0.1]))
    skin = draw_skin(generator, tiles)
    bars = generator.random() < 0.6
    actors = []
    for _ in range(count):
        wide = float(np.exp(generator.uniform(np.log(0.015), np.log(0.12))))
        outline = (
            np.array([[-wide, -3], [wide, -3], [wide * 0.8, 3], [-wide * 0.8, 3]])
            if bars
            else 0.3 * draw_outline(generator)
        )
        part = Part(
            parent=-1, joint=np.zeros(3), centre=np.zeros(3), rest=np.eye(3), axis=draw_axis(generator), swing=0.0,
            rate=0.0, phase=0.0, kind=Kind.BOX, radii=np.ones(3), skin=skin, outline=outline,
        )  # fmt: skip
        actor = _draw_actor(generator, Body(parts=(part,)), label=0, pace=pace, size=size, largest=0.3)
        start = np.array([*generator.uniform(-0.3, 1.3, 2), np.log(0.5 * size), 0, 0, generator.normal(0, 0.2)])
        path = replace(actor.path, start=start, drift=actor.path.drift * 0.2, swing=actor.path.swing * 0.2)
        actors.append(replace(actor, path=path, parallax=float(generator.uniform(1, 1.6))))
    return actors


def _draw_backdrop(generator: np.random.Generator, bank: TextureBank, tiles: np.ndarray, size: int) -> Backdrop:
    """Regions of several textures, twice the frame a side."""
    wide = 2 * size
    canvas = np.zeros((wide, wide, 3), dtype=np.uint8)
    for layer in range(int(generator.integers(1, 6))):
        colour = bank.cloth(draw_skin(generator, tiles), side=wide, repeats=float(generator.choice([0.5, 1, 2, 3])))
        region = np.full((wide, wide), 255 if layer == 0 else 0, dtype=np.uint8)
        if generator.random() < 0.4:
            region[int(generator.uniform(0.1, 0.9) * wide) :] = 255
        for _ in range(int(generator.choice([0, 1, 4, 12]))):
            radius = wide * np.exp(generator.uniform(np.log(0.03), np.log(0.35)))
            outline = radius * draw_outline(generator) + generator.uniform(0, wide, 2)
            cv2.fillPoly(region, [outline.astype(np.int32)], 255)
        cv2.copyTo(colour, region, canvas)
    return canvas


def _draw_clutter(
    generator: np.random.Generator,
    backdrop: Backdrop,
    actors: list[Actor],
    *,
    bank: TextureBank,
    tiles: np.ndarray,
    light: Light,
) -> Backdrop:
    """The backdrop with things that stand about in it; half of them are twins of those in the scene."""
    count = int(generator.choice([0, 3, 9], p=[0.45, 0.3, 0.25]))
    canvas = backdrop.astype(np.float32)
    size = canvas.shape[0]
    unlabelled = np.zeros((size, size), dtype=np.uint8)
    body = draw_body(generator, tiles=tiles)
    for _ in range(count):
        model = actors[int(generator.integers(len(actors)))]
        stranger = generator.random() < 0.5
        scale = 0.3 * model.path.start[2] + 0.7 * np.log(0.08 * size) + generator.normal(0, 0.3)
        pose = Pose(
            middle=(float(generator.uniform(0, size)), float(generator.uniform(0, size))),
            scale=float(np.exp(scale)),
            turned=rotation(draw_axis(generator), float(generator.uniform(-np.pi, np.pi))),
            time=float(generator.uniform(0, 9)),
        )
        twin = recovered(body if stranger else model.body, generator)
        layer = render(twin, pose, bank=bank, light=light, size=size)
        if layer is not None:
            _lay(soften(layer, sigma=0.6), canvas, unlabelled, label=0, shadow=0.0)
    cluttered: Backdrop = np.clip(canvas, 0, 255).astype(np.uint8)
    return cluttered


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


def _pose(actor: Actor, scene: Scene, *, time: float, size: int) -> Pose:
    x, y, log_scale, yaw, pitch, roll = actor.path.at(time)
    place, scale = np.array([x, y]), float(np.exp(log_scale))
    if actor.parallax > 0:  # carried along by the camera
        now, start = scene.camera.at(time), scene.camera.start
        zoom = float(np.exp(actor.parallax * now[2]))
        place = 0.5 + (place - 0.5 - actor.parallax * (now[:2] - start[:2])) @ rotation(
            np.array([0.0, 0.0, 1.0]), float(-now[3])
        )[:2, :2] * zoom  # fmt: skip
        scale *= zoom
        roll += now[3]
    turned = (
        rotation(np.array([0.0, 0.0, 1.0]), roll)
        @ rotation(np.array([1.0, 0.0, 0.0]), pitch)
        @ rotation(np.array([0.0, 1.0, 0.0]), yaw)
    )
    return Pose(middle=(float(place[0] * size), float(place[1] * size)), scale=scale, turned=turned, time=time)


def _film_actor(actor: Actor, scene: Scene, *, bank: TextureBank, time: float, step: float, size: int) -> Layer | None:
    pose = _pose(actor, scene, time=time, size=size)
    layer = render(actor.body, pose, bank=bank, light=scene.light, size=size)
    if layer is None:
        return None
    if actor.warp.any():
        layer = _warped(layer, actor.warp * np.float32(np.sin(2 * np.pi * actor.warp_rate * time)))
    layer = soften(layer, sigma=scene.softness)
    before = _pose(actor, scene, time=time - step, size=size)
    velocity = (np.asarray(pose.middle) - before.middle) * scene.lens.shutter
    return replace(layer, pixels=smear(layer.pixels, velocity, longest=size // 10))


def _warped(layer: Layer, warp: Float32[np.ndarray, "2 knots knots"]) -> Layer:
    high, wide = layer.pixels.shape[:2]
    reach = np.float32(max(high, wide))
    flow = [np.asarray(cv2.resize(part, (wide, high), interpolation=cv2.INTER_CUBIC)) * reach for part in warp]
    x = np.arange(wide, dtype=np.float32)[None, :] + flow[0]
    y = np.arange(high, dtype=np.float32)[:, None] + flow[1]
    pixels = cv2.remap(layer.pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return replace(layer, pixels=np.asarray(pixels, dtype=np.float32))


def _lay(layer: Layer, canvas: Canvas, mask: UInt8[np.ndarray, "size size"], *, label: int, shadow: float) -> None:
    """Put a layer over what is there, in place."""
    size = canvas.shape[0]
    top, left = max(layer.top, 0), max(layer.left, 0)
    high, wide = layer.pixels.shape[:2]
    bottom, right = min(layer.top + high, size), min(layer.left + wide, size)
    if bottom <= top or right <= left:
        return
    there = layer.pixels[top - layer.top : bottom - layer.top, left - layer.left : right - layer.left]
    here = canvas[top:bottom, left:right]
    coverage = there[..., 3:]
    if shadow > 0:
        _darken(canvas, coverage[..., 0], top=top, left=left, shadow=shadow)
    here *= 1 - coverage
    here += there[..., :3]
    mask[top:bottom, left:right][coverage[..., 0] > 0.5] = label


def _darken(
    canvas: Canvas, coverage: Float32[np.ndarray, "rows columns"], *, top: int, left: int, shadow: float
) -> None:
    """Let what covers a window cast a soft shadow to the lower right, in place; computed at a quarter of the size."""
    size = canvas.shape[0]
    reach = max(coverage.shape) / 8 + 1
    whole = np.zeros((size, size), dtype=np.float32)
    whole[top : top + coverage.shape[0], left : left + coverage.shape[1]] = coverage
    small = cv2.resize(whole, (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, reach / 8], [0, 1, reach / 4]], dtype=np.float32)
    dark = cv2.GaussianBlur(cv2.warpAffine(small, shift, small.shape[::-1]), (0, 0), reach / 8)
    canvas *= (1 - np.float32(shadow) * np.asarray(cv2.resize(dark, (size, size))))[..., None]
