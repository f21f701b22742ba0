"""How bodies are built: creatures, vehicles, heaps, cards and bars, drawn at random."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from benchmarks.synthesis.body import Body, Part, Skin
from benchmarks.synthesis.motion import Rotation, Vector, draw_axis, rotation
from benchmarks.synthesis.solid import Kind


def draw_body(generator: np.random.Generator, *, tiles: np.ndarray) -> Body:
    """A body of a kind that is drawn, covered from the given tiles of the bank."""
    make = _MAKERS[generator.choice(len(_MAKERS), p=_SHARES)]
    skins = [draw_skin(generator, tiles) for _ in range(int(generator.choice([1, 2, 3, 5])))]
    return Body(parts=tuple(make(generator, skins)))


def draw_skin(generator: np.random.Generator, tiles: np.ndarray) -> Skin:
    """A cut of one of the tiles, at a scale and with a tint that are drawn."""
    return Skin(
        tile=int(generator.choice(tiles)),
        corner=(float(generator.uniform(0, 256)), float(generator.uniform(0, 256))),
        zoom=float(np.exp(generator.uniform(np.log(15), np.log(160)))),
        gain=(generator.uniform(0.5, 1.2) * generator.uniform(0.8, 1.2, 3)).astype(np.float32),
        lift=generator.normal(0, 14, 3).astype(np.float32),
    )


def draw_outline(generator: np.random.Generator) -> Float64[np.ndarray, "corners 2"]:
    """A closed outline about 1 unit around the origin: a wave on a circle, or a polygon."""
    if generator.random() < 0.6:
        angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        orders = np.arange(2, 8)
        heights = generator.normal(0, generator.choice([0.08, 0.2, 0.5]), 6) / orders**0.7
        phases = generator.uniform(0, 6.3, 6)
        radius = np.clip(
            1 + (heights[:, None] * np.sin(orders[:, None] * angles + phases[:, None])).sum(axis=0), 0.15, 1.6
        )
    else:
        corners = int(generator.integers(3, 11))
        angles = np.sort((np.arange(corners) + generator.uniform(-0.35, 0.35, corners)) * 2 * np.pi / corners)
        radius = generator.uniform(generator.choice([0.3, 0.7, 1.0]), 1.1, corners)
    points = radius[:, None] * np.stack([np.cos(angles), generator.uniform(0.35, 1) * np.sin(angles)], axis=1)
    turn = generator.uniform(0, 2 * np.pi)
    outline: Float64[np.ndarray, "corners 2"] = points @ rotation(np.array([0.0, 0.0, 1.0]), turn)[:2, :2]
    return outline


def _hang(
    generator: np.random.Generator,
    skins: list[Skin],
    radii: Vector,
    *,
    parent: int = -1,
    joint: Vector | None = None,
    centre: Vector | None = None,
    kind: Kind = Kind.ELLIPSOID,
    swing: float = 0.5,
) -> Part:
    still = generator.random() < 0.35
    return Part(
        parent=parent,
        joint=np.zeros(3) if joint is None else joint,
        centre=np.zeros(3) if centre is None else centre,
        rest=rotation(draw_axis(generator), float(generator.normal(0, 0.5 if parent >= 0 else 0.0))),
        axis=draw_axis(generator),
        swing=0.0 if still else float(generator.normal(0, swing)),
        rate=float(generator.uniform(0.3, 3)),
        phase=float(generator.uniform(0, 2 * np.pi)),
        kind=kind,
        radii=radii,
        skin=skins[int(generator.integers(len(skins)))],
    )


def _creature(generator: np.random.Generator, skins: list[Skin]) -> list[Part]:
    """A trunk with limbs of two pieces, thick or very thin, and a head: animals, people."""
    long, broad, deep = generator.uniform(0.35, 0.65), generator.uniform(0.16, 0.4), generator.uniform(0.14, 0.35)
    trunk = np.array([long, broad, deep])
    parts = [_hang(generator, skins, trunk, swing=0.1)]
    thin = generator.uniform(0.03, 0.13)
    for _ in range(int(generator.integers(2, 6))):
        joint = trunk * draw_axis(generator) * (1.0, 0.8, 0.8)
        length = generator.uniform(0.15, 0.4)
        away = np.array([length, 0, 0])
        upper = _hang(
            generator, skins, np.array([length, thin * 1.3, thin * 1.3]), parent=0, joint=joint, centre=away, swing=0.7
        )
        parts.append(replace(upper, rest=_facing(generator, joint)))
        if generator.random() < 0.7:
            lower = np.array([generator.uniform(0.15, 0.35), thin, thin])
            parts.append(
                _hang(generator, skins, lower, parent=len(parts) - 1, joint=away, centre=lower * (1, 0, 0), swing=0.7)
            )
    head = generator.uniform(0.1, 0.26) * generator.uniform(0.7, 1.3, 3)
    parts.append(_hang(generator, skins, head, parent=0, joint=trunk * (1, 0, 0), centre=head * (0.7, 0, 0), swing=0.5))
    return parts


def _vehicle(generator: np.random.Generator, skins: list[Skin]) -> list[Part]:
    """Boxes upon a box, with wheels."""
    hull = np.array([generator.uniform(0.5, 0.8), generator.uniform(0.12, 0.35), generator.uniform(0.2, 0.4)])
    parts = [_hang(generator, skins, hull, kind=Kind.BOX, swing=0.05)]
    for _ in range(int(generator.integers(1, 4))):
        box = hull * generator.uniform((0.15, 0.3, 0.5), (0.7, 1.2, 1.0))
        joint = hull * (generator.uniform(-0.6, 0.6), -1, generator.uniform(-0.2, 0.2))
        kind = Kind.BOX if generator.random() < 0.7 else Kind.ELLIPSOID
        parts.append(
            _hang(generator, skins, box, parent=0, joint=joint, centre=box * (0, -0.9, 0), kind=kind, swing=0.05)
        )
    wheel = generator.uniform(0.1, 0.28)
    for along in (-0.7, 0.7):
        for across in (-1, 1):
            radii = np.array([wheel, wheel, generator.uniform(0.02, 0.1)])
            joint = hull * (along, 1, across)
            part = _hang(generator, skins, radii, parent=0, joint=joint, kind=Kind.CYLINDER, swing=0.0)
            parts.append(
                replace(part, rest=np.eye(3), axis=np.array([0.0, 0.0, 1.0]), swing=float(generator.uniform(0, 9)))
            )
    return parts


def _heap(generator: np.random.Generator, skins: list[Skin]) -> list[Part]:
    """A few solids stuck into each other."""
    parts: list[Part] = []
    kinds = list(Kind)
    for _ in range(int(generator.integers(1, 6))):
        radii = generator.uniform(0.12, 0.5, 3)
        anchored = len(parts) > 0
        joint = parts[0].radii * draw_axis(generator) if anchored else None
        parts.append(
            _hang(
                generator,
                skins,
                radii,
                parent=0 if anchored else -1,
                joint=joint,
                kind=kinds[int(generator.integers(3))],
                swing=0.4,
            )
        )
    return parts


def _card(generator: np.random.Generator, skins: list[Skin]) -> list[Part]:
    """Flat plates with blobby, spiky, many-cornered or ring-like outlines, one behind another."""
    parts = []
    for depth in range(int(generator.choice([1, 1, 2, 3]))):
        size = generator.uniform(0.4, 0.9) if depth == 0 else generator.uniform(0.15, 0.5)
        outline = size * draw_outline(generator)
        part = _hang(
            generator, skins, np.array([size, size, 0.01]), joint=np.append(generator.normal(0, 0.25, 2), -0.05 * depth)
        )
        ring = depth == 0 and generator.random() < 0.2
        hole = outline * generator.uniform(0.4, 0.75) if ring else None
        parts.append(replace(part, outline=outline, hole=hole, swing=0.2 * part.swing))
    return parts


def _bars(generator: np.random.Generator, skins: list[Skin]) -> list[Part]:
    """Rods in all directions, hung on each other: frames, ropes, stalks."""
    girth = generator.uniform(0.02, 0.08)
    parts: list[Part] = []
    for _ in range(int(generator.integers(2, 6))):
        parent = int(generator.integers(-1, len(parts)))
        length = generator.uniform(0.2, 0.6)
        joint = parts[parent].radii * (generator.choice([-1, 1]), 0, 0) if parent >= 0 else None
        parts.append(
            replace(
                _hang(
                    generator,
                    skins,
                    np.array([length, girth, girth]),
                    parent=parent,
                    joint=joint,
                    centre=np.array([length * generator.choice([0, 1]), 0, 0]),
                    swing=0.5,
                ),
                rest=rotation(draw_axis(generator), float(generator.uniform(-2, 2))),
            )
        )
    return parts


_MAKERS = (_creature, _vehicle, _heap, _card, _bars)
_SHARES = (0.35, 0.18, 0.15, 0.26, 0.06)


def _facing(generator: np.random.Generator, outwards: Vector) -> Rotation:
    """A rotation whose x axis points about outwards."""
    x = outwards + generator.normal(0, 0.15, 3)
    x /= np.linalg.norm(x) + 1e-6
    y = np.cross(draw_axis(generator), x)
    y /= np.linalg.norm(y) + 1e-6
    return np.stack([x, y, np.cross(x, y)], axis=1)
