"""Textures to train on: square tiles that repeat without a seam. None of the demo's families is among them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Tile: TypeAlias = UInt8[np.ndarray, "side side 3"]
Palette: TypeAlias = Float32[np.ndarray, "colours 3"]
Heights: TypeAlias = Float32[np.ndarray, "side side"]

SIDE: Final = 256
"""Pixels along a tile."""


def draw_palette(generator: np.random.Generator, *, colours: int) -> Palette:
    """Colours in 0..255 that go together: around one of them, closely or not at all."""
    base = generator.uniform(10, 245, 3)
    if generator.random() < 0.7:  # most of what is filmed is greyish
        base = base.mean() + generator.uniform(0.1, 0.6) * (base - base.mean())
    spread = generator.choice([12, 35, 80])
    palette = base + generator.normal(0, spread, (colours, 3)) * generator.uniform(0.3, 1, 3)
    palette += generator.normal(0, spread, (colours, 1))  # more in brightness than in hue
    return np.clip(palette, 0, 255).astype(np.float32)


def draw_tile(generator: np.random.Generator) -> Tile:
    """A tile of a family, palette and scale that are drawn."""
    families = list(FAMILIES)
    family = FAMILIES[families[generator.choice(len(families), p=SHARES)]]
    return family(generator)


def spectral(generator: np.random.Generator) -> Tile:
    """Noise whose amplitude falls with frequency to some power, stretched along one axis or not."""
    return _paint(_noise(generator), draw_palette(generator, colours=int(generator.integers(2, 6))))


def plain(generator: np.random.Generator) -> Tile:
    """One colour, hardly uneven: paint, cloth, metal."""
    colour = draw_palette(generator, colours=1)[0]
    uneven = (_noise(generator) - 0.5) * generator.uniform(2, 24)
    return _to_tile(colour + uneven[..., None])


def gradient(generator: np.random.Generator) -> Tile:
    """Slow waves of colour."""
    y, x = _axes()
    wave = sum(
        np.sin(2 * np.pi * (generator.integers(0, 3) * x + generator.integers(0, 3) * y) + generator.uniform(0, 6.3))
        for _ in range(3)
    )
    heights = _unit(np.broadcast_to(wave, (SIDE, SIDE)) + generator.uniform(0, 0.5) * _noise(generator))
    return _paint(heights, draw_palette(generator, colours=3))


def stripes(generator: np.random.Generator) -> Tile:
    """Bands, hard or soft, straight or wavy; sometimes crossed by others."""
    y, x = _axes()
    heights = np.zeros((SIDE, SIDE), dtype=np.float32)
    for _ in range(1 + int(generator.random() < 0.25)):
        across, down = generator.integers(-14, 15, 2)
        wobble = generator.choice([0, 0, 0.3, 1.0]) * _noise(generator)
        wave = np.sin(2 * np.pi * (across * x + (down or 3) * y + wobble))
        heights += np.tanh(wave * generator.choice([1, 3, 12])).astype(np.float32)
    return _paint(_unit(heights), draw_palette(generator, colours=int(generator.integers(2, 4))))


def leaves(generator: np.random.Generator) -> Tile:
    """Dead leaves: overlapping shapes of all sizes, the law of occlusion that natural images follow."""
    palette = draw_palette(generator, colours=24)
    canvas = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    canvas[:] = palette[0]
    count = int(generator.integers(40, 260))
    smallest, largest = generator.uniform(2, 6), generator.uniform(20, 70)
    power = generator.uniform(1, 2)
    radii = smallest * (largest / smallest) ** (generator.random(count) ** power)
    squareness = generator.uniform(0.2, 1)
    for radius in np.sort(radii)[::-1] if generator.random() < 0.5 else radii:
        outline = _outline(generator, radius=radius, squareness=squareness)
        colour = tuple(int(value) for value in palette[generator.integers(24)])
        for shifted in _wrapped(outline, generator.uniform(0, SIDE, 2), radius):
            cv2.fillPoly(canvas, [shifted], colour)
    grain = (_noise(generator) - 0.5) * generator.uniform(0, 60)
    return _to_tile(canvas + grain[..., None])


def glyphs(generator: np.random.Generator) -> Tile:
    """Lines of letter-like signs, as on signs and clothes."""
    palette = draw_palette(generator, colours=3)
    palette[0] = np.clip(palette[0] + generator.choice([-90, 90]), 0, 255)
    canvas = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    canvas[:] = palette[0]
    height = int(generator.integers(10, 64))
    for top in range(height, SIDE + 1, int(height * generator.uniform(1.1, 2))):
        text = "".join(chr(code) for code in generator.integers(33, 127, SIDE // height * 2))
        colour = tuple(int(value) for value in palette[generator.integers(1, 3)])
        font = int(generator.integers(0, 8))
        cv2.putText(
            canvas, text, (int(generator.integers(-20, 20)), top - 2), font, height / 32, colour, max(height // 10, 1)
        )
    return canvas


def courses(generator: np.random.Generator) -> Tile:
    """Bricks, panes and panels: rows of boxes, each a little other than the next."""
    palette = draw_palette(generator, colours=4)
    canvas = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    canvas[:] = palette[0]
    rows, columns = (2 ** generator.integers(2, 6, 2)).tolist()
    gap = generator.uniform(0.03, 0.3)
    high, wide = SIDE / rows, SIDE / columns
    offset = wide / 2 if generator.random() < 0.5 else 0.0
    for row in range(rows):
        for column in range(-1, columns):
            colour = (
                palette[1] + generator.normal(0, 12) if generator.random() < 0.8 else palette[generator.integers(1, 4)]
            )
            left, top = column * wide + offset * (row % 2), row * high
            corner, opposite = ((int(left + edge * wide), int(top + edge * high)) for edge in (gap / 2, 1 - gap / 2))
            cv2.rectangle(canvas, corner, opposite, tuple(int(value) for value in np.clip(colour, 0, 255)), -1)
    return _to_tile(canvas + ((_noise(generator) - 0.5) * generator.uniform(0, 50))[..., None])


def scratches(generator: np.random.Generator) -> Tile:
    """Strokes in all directions, or mostly in one: grass, hair, branches, wires."""
    palette = draw_palette(generator, colours=12)
    canvas = np.empty((SIDE, SIDE, 3), dtype=np.uint8)
    canvas[:] = palette[0]
    length, width = generator.uniform(8, 90), int(generator.integers(1, 5))
    direction, spread = generator.uniform(0, 2 * np.pi), generator.choice([0.15, 0.6, 3])
    for _ in range(int(generator.integers(60, 400))):
        angle = direction + generator.normal(0, spread)
        bend = angle + generator.normal(0, 0.5)
        steps = (
            length
            / 2
            * np.array(
                [[0, 0], [np.cos(angle), np.sin(angle)], [np.cos(angle) + np.cos(bend), np.sin(angle) + np.sin(bend)]]
            )
        )
        colour = tuple(int(value) for value in palette[generator.integers(12)])
        for shifted in _wrapped(steps.astype(np.float32), generator.uniform(0, SIDE, 2), length):
            cv2.polylines(canvas, [shifted], isClosed=False, color=colour, thickness=width)
    return canvas


FAMILIES: Final[Mapping[str, Callable[[np.random.Generator], Tile]]] = MappingProxyType(
    {
        "spectral": spectral,
        "plain": plain,
        "gradient": gradient,
        "stripes": stripes,
        "leaves": leaves,
        "glyphs": glyphs,
        "courses": courses,
        "scratches": scratches,
    }
)
SHARES: Final = (0.22, 0.16, 0.08, 0.1, 0.2, 0.06, 0.08, 0.1)
"""How often each family is drawn."""


def _noise(generator: np.random.Generator) -> Heights:
    """Gaussian noise in 0..1 with amplitudes 1 / f^power."""
    power = generator.uniform(0.6, 2.2)
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :]
    if generator.random() < 0.3:
        down = down * generator.uniform(1, 6)
    frequency = np.sqrt(down**2 + across**2)
    frequency[0, 0] = np.inf
    phase = generator.uniform(0, 2 * np.pi, frequency.shape)
    return _unit(np.fft.irfft2(np.exp(1j * phase) * frequency**-power, s=(SIDE, SIDE)))


def _unit(values: np.ndarray) -> Heights:
    """Spread over 0..1; the outermost percents are cut."""
    low, high = np.percentile(values[::4, ::4], (1, 99))
    heights: Heights = np.clip((values - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)
    return heights


def _axes() -> tuple[Float32[np.ndarray, "side 1"], Float32[np.ndarray, "1 side"]]:
    axis = np.arange(SIDE, dtype=np.float32) / SIDE
    return axis[:, None], axis[None, :]


def _paint(heights: Heights, palette: Palette) -> Tile:
    """Colours from the first of the palette where `heights` are 0 to the last where they are 1."""
    levels = np.arange(256) / 255
    stops = np.linspace(0, 1, len(palette))
    ramp = np.stack([np.interp(levels, stops, palette[:, channel]) for channel in range(3)], axis=1)
    tile: Tile = ramp.astype(np.uint8)[(heights * 255).astype(np.uint8)]
    return tile


def _to_tile(values: np.ndarray) -> Tile:
    tile: Tile = np.clip(values, 0, 255).astype(np.uint8)
    return tile


def _outline(generator: np.random.Generator, *, radius: float, squareness: float) -> Float32[np.ndarray, "points 2"]:
    """Points around the origin: an ellipse with few or many corners."""
    corners = int(generator.choice([3, 4, 4, 5, 6, 14]))
    angles = (
        np.sort(generator.uniform(0, 2 * np.pi, corners))
        if corners < 14
        else np.linspace(0, 6.283, corners, endpoint=False)
    )
    points = radius * np.stack([np.cos(angles), squareness * np.sin(angles)], axis=1)
    turn = generator.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    outline: Float32[np.ndarray, "points 2"] = (points @ rotation).astype(np.float32)
    return outline


def _wrapped(points: np.ndarray, centre: np.ndarray, reach: float) -> list[np.ndarray]:
    """The points around a centre, once for each side of the tile that they cross."""
    x_shifts = [0] + ([SIDE] if centre[0] < reach else [-SIDE] if centre[0] > SIDE - reach else [])
    y_shifts = [0] + ([SIDE] if centre[1] < reach else [-SIDE] if centre[1] > SIDE - reach else [])
    return [(points + centre + (x, y)).astype(np.int32) for x in x_shifts for y in y_shifts]
