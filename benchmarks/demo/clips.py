"""The six clips, in the order in which they are written and shown."""

from typing import Final

from benchmarks.demo.absences import LATE_ARRIVAL, OUT_AND_BACK
from benchmarks.demo.encounters import FOUR_IN_A_CROWD, PICK_THE_TWIN, RING_OVER_SWIMMER, TWO_DISCS_CROSS
from benchmarks.demo.scene import Clip

CLIPS: Final[tuple[Clip, ...]] = (
    TWO_DISCS_CROSS,
    RING_OVER_SWIMMER,
    OUT_AND_BACK,
    PICK_THE_TWIN,
    LATE_ARRIVAL,
    FOUR_IN_A_CROWD,
)
"""The demo; 220 frames in all."""
