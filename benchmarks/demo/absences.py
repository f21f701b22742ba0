"""Clips in which things come and go; back to front, along (frame, x, y) paths on a stage seen 336 x 192."""

from dataclasses import replace

from benchmarks.demo import cast
from benchmarks.demo.camera import Camera
from benchmarks.demo.motion import Path
from benchmarks.demo.scene import Clip
from benchmarks.demo.shape import Blob, Lobe
from benchmarks.demo.thing import Thing

OUT_AND_BACK = Clip(
    name="out-and-back",
    about="A leaf leaves and comes back smaller and turned about; meanwhile its unlabelled twin drifts in.",
    seed=303,
    frames=40,
    backdrop=(cast.DENIM, cast.CARPET),
    things=(
        Thing(
            label=3,
            shape=cast.TILE,
            surface=cast.TWEED,
            path=Path(
                at=((0, 262, 142), (20, 200, 120), (39, 110, 60)),
                degrees=((0, 10), (39, 130)),
                scale=((0, 1), (39, 1.25)),
            ),
        ),
        Thing(
            shape=cast.LEAF,
            surface=replace(cast.JADE, size=36, variant=1),
            path=Path(at=((8, -60, 40), (20, 40, 44), (39, 60, 150)), degrees=((8, 30), (39, 110))),
        ),
        Thing(
            label=1,
            shape=cast.LEAF,
            surface=replace(cast.JADE, size=36),
            path=Path(
                at=((0, 150, 62), (8, 244, 56), (15, 400, 84), (22, 420, 160), (28, 330, 158), (39, 236, 128)),
                degrees=((0, -10), (15, 40), (22, 150), (39, 215)),
                scale=((0, 1.3), (15, 1.2), (28, 0.95), (39, 1)),
            ),
        ),
        Thing(
            label=2,
            shape=cast.STAR,
            surface=cast.CORAL,
            path=Path(at=((0, 70, 134), (14, 120, 84), (26, 172, 116), (39, 282, 58)), degrees=((0, 0), (39, 190))),
        ),
    ),
    camera=Camera(
        path=Path(at=((0, 160, 96), (20, 184, 92), (39, 172, 98)), scale=((0, 1.05), (39, 1))),
        tremor=1.0,
        gain=((0, 1), (18, 1.12), (39, 0.9)),
    ),
)

LATE_ARRIVAL = Clip(
    name="late-arrival",
    about="A third object rushes in at frame 13, while the light fades.",
    seed=505,
    frames=36,
    backdrop=(cast.COBBLES, replace(cast.MOSS, size=12)),
    things=(
        Thing(
            label=1,
            shape=Blob(radius=34, lobes=(Lobe(3, 0.14, 0.02), Lobe(4, 0.08, -0.03))),
            surface=cast.GRANITE,
            path=Path(at=((0, 96, 70), (18, 150, 122), (35, 244, 134)), degrees=((0, 0), (35, 150))),
        ),
        Thing(
            label=2,
            shape=cast.ARROW,
            surface=cast.OCHRE,
            path=Path(
                at=((0, 262, 118), (16, 214, 70), (35, 92, 58)),
                degrees=((0, -160), (35, -240)),
                scale=((0, 1.1), (35, 0.85)),
            ),
        ),
        Thing(
            label=3,
            shape=cast.SWIMMER,
            surface=cast.FERN,
            path=Path(
                at=((12, -66, 150), (13, -18, 148), (18, 66, 132), (26, 150, 92), (35, 206, 78)),
                degrees=((12, -8), (35, -40)),
            ),
        ),
    ),
    camera=Camera(
        path=Path(at=((0, 176, 92), (35, 162, 98)), scale=((0, 1.08), (35, 1))),
        tremor=0.7,
        gain=((0, 1.12), (12, 1.05), (35, 0.62)),
        warmth=((0, 0), (35, -0.5)),
    ),
)
