"""Clips in which things meet; back to front, along (frame, x, y) paths on a stage seen 336 x 192."""

from dataclasses import replace

from benchmarks.demo import cast
from benchmarks.demo.camera import Camera
from benchmarks.demo.motion import Path
from benchmarks.demo.scene import Clip
from benchmarks.demo.shape import Blob, Lobe, Ring
from benchmarks.demo.thing import Thing

TWO_DISCS_CROSS = Clip(
    name="two-discs-cross",
    about="Two discs of the same stone cross and hide each other while they spin.",
    seed=101,
    frames=30,
    backdrop=(cast.GRAVEL, cast.MOSS),
    things=(
        Thing(
            label=1,
            shape=cast.PEBBLE_DISC,
            surface=cast.PEBBLES,
            path=Path(
                at=((0, 58, 62), (14, 172, 88), (29, 286, 138)),
                degrees=((0, 0), (29, 210)),
                scale=((0, 0.95), (29, 1.1)),
            ),
        ),
        Thing(
            label=2,
            shape=replace(cast.PEBBLE_DISC, radius=35),
            surface=replace(cast.PEBBLES, variant=1),
            path=Path(
                at=((0, 284, 126), (15, 164, 102), (29, 60, 58)),
                degrees=((0, 0), (29, -160)),
                scale=((0, 1), (15, 1.1)),
            ),
        ),
    ),
    camera=Camera(path=Path(at=((0, 160, 92), (29, 178, 100)), scale=((0, 1), (29, 1.06))), tremor=0.8),
)

RING_OVER_SWIMMER = Clip(
    name="ring-over-swimmer",
    about="A bending swimmer passes beneath a tumbling ring and shows through its hole.",
    seed=202,
    frames=36,
    backdrop=(cast.SLATE, cast.GRANITE),
    things=(
        Thing(
            label=1,
            shape=cast.SWIMMER,
            surface=cast.LICHEN,
            path=Path(
                at=((0, 66, 138), (12, 132, 118), (22, 196, 84), (35, 282, 62)),
                degrees=((0, -10), (14, -32), (35, 6)),
                scale=((0, 1.05), (20, 1.2), (35, 0.95)),
            ),
        ),
        Thing(
            label=2,
            shape=Ring(radius=38, width=17, tilt=0.5, period=20),
            surface=replace(cast.AGATE, size=36),
            path=Path(
                at=((0, 262, 66), (14, 168, 92), (22, 158, 100), (35, 82, 132)),
                degrees=((0, 20), (35, 250)),
                scale=((0, 0.9), (18, 1.2), (35, 1)),
            ),
        ),
    ),
    camera=Camera(
        path=Path(at=((0, 178, 92), (35, 160, 100)), degrees=((0, -4), (35, 5))),
        tremor=0.8,
        warmth=((0, -0.5), (35, 0.2)),
        blur=((0, 0.5), (18, 0.9), (35, 0.5)),
    ),
)

PICK_THE_TWIN = Clip(
    name="pick-the-twin",
    about="Two labelled stars among unlabelled twins of the same shape and cloth, which pass in front of them.",
    seed=404,
    frames=32,
    backdrop=(cast.WICKER, replace(cast.CARPET, size=9)),
    things=(
        Thing(
            shape=cast.STAR,
            surface=replace(cast.TWEED, variant=2),
            path=Path(at=((0, 176, 40), (31, 96, 150)), degrees=((0, 30), (31, -60))),
        ),
        Thing(
            label=1,
            shape=cast.STAR,
            surface=cast.TWEED,
            path=Path(
                at=((0, 64, 60), (15, 150, 104), (31, 270, 140)),
                degrees=((0, 0), (31, 120)),
                scale=((0, 1.15), (31, 1)),
            ),
        ),
        Thing(
            label=2,
            shape=replace(cast.STAR, radius=27),
            surface=replace(cast.TWEED, variant=1),
            path=Path(
                at=((0, 268, 62), (13, 240, 130), (31, 90, 70)),
                degrees=((0, 0), (31, -150)),
                scale=((0, 1.1), (31, 1.3)),
            ),
        ),
        Thing(
            shape=replace(cast.STAR, radius=26),
            surface=replace(cast.TWEED, variant=3),
            path=Path(
                at=((0, 120, 152), (13, 162, 90), (31, 214, 38)),
                degrees=((0, 10), (31, 140)),
                scale=((0, 1), (31, 1.1)),
            ),
        ),
    ),
    camera=Camera(
        path=Path(at=((0, 164, 100), (31, 172, 92)), degrees=((0, 3), (31, -5)), scale=((0, 1), (31, 1.08))), tremor=0.6
    ),
)

FOUR_IN_A_CROWD = Clip(
    name="four-in-a-crowd",
    about="Four objects circle, overlap, grow and shrink under a hand-held zoom.",
    seed=606,
    frames=46,
    backdrop=(cast.SLATE, replace(cast.COBBLES, size=15)),
    things=(
        Thing(
            label=1,
            shape=Blob(radius=36, lobes=(Lobe(2, 0.1, 0.03), Lobe(3, 0.08, -0.02))),
            surface=cast.AMBER,
            path=Path(at=((0, 84, 58), (15, 220, 54), (30, 250, 136), (45, 110, 134)), degrees=((0, 0), (45, 200))),
        ),
        Thing(
            label=2,
            shape=cast.TILE,
            surface=replace(cast.WICKER, size=8),
            path=Path(
                at=((0, 250, 136), (15, 110, 136), (30, 88, 60), (45, 232, 62)),
                degrees=((0, 20), (45, -200)),
                scale=((0, 0.9), (22, 1.3), (45, 1)),
            ),
        ),
        Thing(
            label=3,
            shape=Ring(radius=29, width=14, tilt=0.55, period=23),
            surface=replace(cast.HONEYCOMB, size=9),
            path=Path(
                at=((0, 168, 100), (15, 196, 110), (30, 140, 84), (45, 176, 98)),
                degrees=((0, 0), (45, 260)),
                scale=((0, 1), (15, 1.35), (45, 0.9)),
            ),
        ),
        Thing(
            label=4,
            shape=replace(cast.SWIMMER, period=19),
            surface=replace(cast.AGATE, size=36),
            path=Path(
                at=((0, 262, 50), (15, 256, 140), (30, 100, 140), (45, 56, 60)),
                degrees=((0, 40), (15, 130), (30, 190), (45, 280)),
                scale=((0, 0.9), (30, 1.1), (45, 0.9)),
            ),
        ),
    ),
    camera=Camera(
        path=Path(at=((0, 166, 96), (22, 172, 98), (45, 166, 94)), scale=((0, 1), (22, 1.18), (45, 0.95))),
        tremor=1.4,
        gain=((0, 0.92), (22, 1.1), (45, 0.95)),
        warmth=((0, 0.3), (45, -0.3)),
    ),
)
