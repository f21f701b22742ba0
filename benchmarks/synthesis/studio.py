"""Clips to train on, by number."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.scene import draw_scene, film

TILES_AT_HAND = 400  # from which one clip may choose
TILES_PER_CLIP = 0.25  # new ones that come with every clip, as old ones go
LEAST_SHARE = 0.006  # of the first frame that each object must cover
ATTEMPTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingClip:
    """Frames (RGB) in time order, and what is seen of each object in them: 0 is background, then 1, 2, ..."""

    frames: UInt8[np.ndarray, "frames size size 3"]
    masks: UInt8[np.ndarray, "frames size size"]


class Studio:
    """Draws clips. The seed and a clip's number decide all that is in it; the object only keeps textures at hand."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bank = TextureBank(seed)

    def draw(self, number: int, *, size: int, frames: int, objects: int) -> TrainingClip:
        """A clip of size x size pixels in which each object is to be seen in the first frame.

        Raises:
            RuntimeError: no such scene came up in ATTEMPTS trials, which says that too many objects were asked for.
        """
        first = int(number * TILES_PER_CLIP)
        tiles = np.arange(first, first + TILES_AT_HAND)
        for attempt in range(ATTEMPTS):
            generator = np.random.Generator(np.random.PCG64((self._seed, number, attempt)))
            scene = draw_scene(generator, bank=self._bank, tiles=tiles, size=size, objects=objects)
            times = _draw_times(generator, frames)
            filmed = []
            for index, time in enumerate(times):
                step = times[1] - times[0] if index == 0 else time - times[index - 1]
                filmed.append(film(scene, bank=self._bank, time=time, step=step, size=size, generator=generator))
                if index == 0 and not _all_seen(filmed[0][1], objects):
                    break
            else:
                return TrainingClip(
                    frames=np.stack([image for image, _ in filmed]), masks=np.stack([mask for _, mask in filmed])
                )
        raise RuntimeError(f"expected a scene that shows {objects} objects at once, found none in {ATTEMPTS} trials")


def _draw_times(generator: np.random.Generator, frames: int) -> list[float]:
    """Moments in 0..1, not quite evenly spaced."""
    steps = generator.uniform(0.5, 1.5, frames - 1)
    return [0.0, *(np.cumsum(steps) / steps.sum()).tolist()]


def _all_seen(mask: UInt8[np.ndarray, "size size"], objects: int) -> bool:
    counts = np.bincount(mask.ravel(), minlength=objects + 1)[1:]
    return bool((counts >= LEAST_SHARE * mask.size).all() and (counts <= 0.7 * mask.size).all())
