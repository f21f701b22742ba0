"""A clip's scene: things painted from back to front on a backdrop, photographed, with the truth beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from benchmarks.demo.camera import Camera, expose, view
from benchmarks.demo.motion import inside, pose_at, seen_through
from benchmarks.demo.texture import Surface, Tile, noise, sample, tile
from benchmarks.demo.thing import Thing, covered, lay, paint

HEIGHT, WIDTH = 192, 336
BACKDROP_SIDE = 512  # pixels after which a backdrop repeats: wider than any view
THING_SIDE = 256  # the same for things


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """All that one demo clip is made from; a clip is drawn from this and nothing else.

    Attributes:
        name: its folder's name.
        about: what makes it difficult, in one line.
        seed: of its textures and its grain.
        frames: how many it has.
        backdrop: the surface behind everything; a second one lies over it in patches.
        things: from back to front.
        camera: who films it.
        shadow: the share of light that things take from what lies behind them, in 0..1.
    """

    name: str
    about: str
    seed: int
    frames: int
    backdrop: tuple[Surface, Surface]
    things: tuple[Thing, ...]
    camera: Camera
    shadow: float = 0.5


def render(clip: Clip) -> Iterator[tuple[UInt8[np.ndarray, "192 336 3"], UInt8[np.ndarray, "192 336"]]]:
    """Each frame's image (RGB) and truth, in time order.

    The truth at a pixel is the label of the front thing that covers more than half of it, 0 where that is a distractor
    or the backdrop. The same clip gives the same arrays each time.
    """
    backdrop = _backdrop_tile(clip)
    textures = [tile(thing.surface, seed=clip.seed, side=THING_SIDE) for thing in clip.things]
    for frame in range(clip.frames):
        yield _render_frame(clip, backdrop, textures, frame=frame)


def _render_frame(
    clip: Clip, backdrop: Float32[np.ndarray, "wide wide 3"], textures: list[Tile], *, frame: int
) -> tuple[UInt8[np.ndarray, "192 336 3"], UInt8[np.ndarray, "192 336"]]:
    camera_view = view(clip.camera, frame=frame, size=(HEIGHT, WIDTH))
    pixels = np.arange(WIDTH)[None, :] + 1j * np.arange(HEIGHT)[:, None]
    canvas = sample(backdrop, inside(camera_view, pixels))
    truth = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    for thing, texture in zip(clip.things, textures, strict=True):
        layer = paint(thing, texture, pose=seen_through(camera_view, pose_at(thing.path, frame)), frame=frame)
        canvas = lay(layer, canvas, shadow=clip.shadow)
        truth[covered(layer, truth.shape)] = thing.label
    # A generator for each frame: its grain depends neither on the frames before it nor on what they held.
    generator = np.random.Generator(np.random.PCG64((clip.seed, frame, 1)))
    return expose(clip.camera, canvas, frame=frame, generator=generator), truth


def _backdrop_tile(clip: Clip) -> Tile:
    below, above = (tile(surface, seed=clip.seed, side=BACKDROP_SIDE) for surface in clip.backdrop)
    generator = np.random.Generator(np.random.PCG64((clip.seed, 0, 2)))
    heights = noise(generator, BACKDROP_SIDE, count=5, octaves=5)
    share = np.clip(0.5 + 9 * (heights - 0.5), 0, 1).astype(np.float32)[..., None]
    blended: Tile = below + share * (above - below)
    return blended
