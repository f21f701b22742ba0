"""Where clips come from: the one place that knows the generator."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from benchmarks.synthesis import Studio


@runtime_checkable
class Clip(Protocol):
    """A short video and its masks."""

    @property
    def frames(self) -> UInt8[np.ndarray, "frames height width 3"]:
        """RGB."""

    @property
    def masks(self) -> UInt8[np.ndarray, "frames height width"]:
        """0 is the background; labels are 1 to the number of objects, all to be seen in the first frame."""


@runtime_checkable
class DrawClip(Protocol):
    """Draws clip `index`; the same for the same arguments, in any process. Must be picklable."""

    def __call__(self, index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
        """Square frames of `size` pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnClip:
    """A `Clip` in memory."""

    frames: UInt8[np.ndarray, "frames height width 3"]
    masks: UInt8[np.ndarray, "frames height width"]


def draw_synthetic(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
    """A clip of `benchmarks.synthesis`."""
    return _studio(seed).draw(index, size=size, frames=frames, objects=objects)


@lru_cache(maxsize=1)
def _studio(seed: int) -> Studio:
    """Each process keeps one, for the textures that it has at hand."""
    return Studio(seed)
