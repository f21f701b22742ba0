"""What is not followed: others of the same kind, what stands in the way, and what is behind it all."""

from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np
from jaxtyping import UInt8

from benchmarks.synthesis.actor import Actor, draw_actor
from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.body import Body, Part, recovered
from benchmarks.synthesis.build import draw_body, draw_outline, draw_skin
from benchmarks.synthesis.compositing import lay
from benchmarks.synthesis.lens import soften
from benchmarks.synthesis.motion import draw_axis, rotation
from benchmarks.synthesis.render import Light, Pose, render
from benchmarks.synthesis.solid import Kind

Backdrop: TypeAlias = UInt8[np.ndarray, "wide wide 3"]


def draw_distractors(
    generator: np.random.Generator, followed: list[Actor], *, tiles: np.ndarray, pace: float, size: int
) -> list[Actor]:
    """Bodies without a label; some are twins of a followed one."""
    actors: list[Actor] = []
    for _ in range(int(generator.choice([0, 1, 2, 4], p=[0.35, 0.3, 0.25, 0.1]))):
        model = followed[int(generator.integers(len(followed)))]
        body = recovered(model.body, generator) if generator.random() < 0.4 else draw_body(generator, tiles=tiles)
        actor = draw_actor(generator, body, label=0, pace=pace, size=size, largest=0.35)
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


def draw_occluders(generator: np.random.Generator, *, tiles: np.ndarray, pace: float, size: int) -> list[Actor]:
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
        actor = draw_actor(generator, Body(parts=(part,)), label=0, pace=pace, size=size, largest=0.3)
        start = np.array([*generator.uniform(-0.3, 1.3, 2), np.log(0.5 * size), 0, 0, generator.normal(0, 0.2)])
        path = replace(actor.path, start=start, drift=actor.path.drift * 0.2, swing=actor.path.swing * 0.2)
        actors.append(replace(actor, path=path, parallax=float(generator.uniform(1, 1.6))))
    return actors


def draw_backdrop(generator: np.random.Generator, bank: TextureBank, tiles: np.ndarray, size: int) -> Backdrop:
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


def draw_clutter(
    generator: np.random.Generator,
    backdrop: Backdrop,
    actors: list[Actor],
    *,
    bank: TextureBank,
    tiles: np.ndarray,
    light: Light,
) -> Backdrop:
    """The backdrop with things that stand about in it; some of them are twins of those in the scene."""
    count = int(generator.choice([0, 4, 12, 30], p=[0.25, 0.3, 0.3, 0.15]))
    canvas = backdrop.astype(np.float32)
    size = canvas.shape[0]
    unlabelled = np.zeros((size, size), dtype=np.uint8)
    body = draw_body(generator, tiles=tiles)
    for _ in range(count):
        model = actors[int(generator.integers(len(actors)))]
        stranger = generator.random() < 0.8
        scale = 0.3 * model.path.start[2] + 0.7 * np.log(0.08 * size) + generator.normal(0, 0.5)
        pose = Pose(
            middle=(float(generator.uniform(0, size)), float(generator.uniform(0, size))),
            scale=float(np.exp(scale)),
            turned=rotation(draw_axis(generator), float(generator.uniform(-np.pi, np.pi))),
            time=float(generator.uniform(0, 9)),
        )
        twin = recovered(body if stranger else model.body, generator)
        layer = render(twin, pose, bank=bank, light=light, size=size)
        if layer is not None:
            lay(soften(layer, sigma=0.6), canvas, unlabelled, label=0, shadow=0.0)
    cluttered: Backdrop = np.clip(canvas, 0, 255).astype(np.uint8)
    return cluttered
