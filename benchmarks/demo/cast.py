"""Who takes part in the clips: the surfaces and shapes that they share."""

from benchmarks.demo.shape import Blob, Hinge, Lobe, Polygon
from benchmarks.demo.texture import Surface

PEBBLES = Surface(family="cells", colours=((46, 30, 34), (176, 84, 52), (240, 206, 150)), size=13)
COBBLES = Surface(family="cells", colours=((38, 44, 40), (104, 106, 88), (168, 160, 128)), size=22)
HONEYCOMB = Surface(family="cells", colours=((70, 42, 16), (214, 146, 40), (252, 220, 120)), size=11)
TWEED = Surface(family="weave", colours=((34, 40, 58), (96, 112, 134), (206, 204, 190)), size=6)
DENIM = Surface(family="weave", colours=((22, 28, 42), (58, 72, 94), (120, 128, 134)), size=9)
CARPET = Surface(family="weave", colours=((52, 30, 38), (128, 62, 62), (188, 132, 102)), size=7)
WICKER = Surface(family="weave", colours=((60, 38, 20), (168, 118, 62), (236, 200, 140)), size=9)
LICHEN = Surface(family="marble", colours=((18, 46, 56), (66, 116, 116), (192, 212, 194)), size=40)
FERN = Surface(family="marble", colours=((26, 48, 26), (88, 122, 54), (196, 200, 126)), size=40)
AMBER = Surface(family="marble", colours=((86, 44, 18), (200, 130, 46), (250, 222, 156)), size=54)
OCHRE = Surface(family="cells", colours=((56, 48, 26), (150, 122, 62), (210, 188, 124)), size=12)
JADE = Surface(family="marble", colours=((14, 58, 52), (58, 138, 108), (196, 226, 184)), size=60)
SLATE = Surface(family="marble", colours=((46, 54, 68), (88, 98, 112), (138, 146, 150)), size=110)
AGATE = Surface(family="marble", colours=((28, 38, 76), (80, 104, 150), (214, 214, 206)), size=50)
GRANITE = Surface(family="speckle", colours=((38, 38, 46), (128, 120, 122), (222, 214, 206)), size=9)
GRAVEL = Surface(family="speckle", colours=((58, 50, 42), (132, 116, 92), (198, 184, 152)), size=12)
MOSS = Surface(family="speckle", colours=((24, 40, 22), (74, 98, 48), (150, 160, 88)), size=10)
CORAL = Surface(family="speckle", colours=((92, 28, 36), (176, 80, 62), (232, 190, 148)), size=11)

PEBBLE_DISC = Blob(radius=32, lobes=(Lobe(2, 0.07, 0.03), Lobe(3, 0.05, -0.02, 0.3)))
STAR = Blob(radius=29, lobes=(Lobe(5, 0.22), Lobe(2, 0.08, 0.04), Lobe(3, 0.05, -0.03)))
LEAF = Polygon(corners=((-36, 0), (-12, -13), (16, -10), (38, 0), (14, 11), (-14, 12)), breath=0.14, period=18)
TILE = Polygon(corners=((-22, -22), (22, -22), (22, 22), (-22, 22)), rounding=7, breath=0.12, period=26)
ARROW = Polygon(corners=((34, 0), (0, -27), (2, -11), (-30, -11), (-30, 11), (2, 11), (0, 27)), rounding=4)
SWIMMER = Hinge(lengths=(38, 46), girths=(12, 16, 6), bend=62, period=15)
