"""Small networks, and clips that are cheap to draw: textured discs that move over noise."""

from functools import partial

import numpy as np
import pytest

from benchmarks.training.clips import Clip, DrawClip, DrawnClip
from benchmarks.training.config import BatchShape, HeldOutConfig, Stage, TrainingConfig
from xmem import ModelConfig

SMALL = ModelConfig(
    key_dim=8,
    value_dim=32,
    sensory_dim=8,
    key_width=4,
    key_blocks=(1, 2, 1),
    value_width=8,
    value_blocks=(1, 1, 1),
    decoder_dims=(32, 16, 16),
    sensory_update_dim=8,
)


def draw_discs(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
    rng = np.random.default_rng([seed, index])
    rows, columns = np.mgrid[:size, :size]
    drawn = np.empty((frames, size, size, 3), np.uint8)
    masks = np.zeros((frames, size, size), np.uint8)
    drawn[:] = rng.integers(60, 130, (size, size, 3))
    corners = rng.permutation(4)[:objects]
    for label, corner in enumerate(corners, start=1):
        centre = size * (0.27 + 0.46 * np.array([corner // 2, corner % 2]))
        speed, radius = rng.uniform(-1, 1, 2) * size / 64, size * rng.uniform(0.12, 0.2)
        colour, stripes = rng.uniform(0, 255, 3), rng.uniform(0.2, 1)
        for frame in range(frames):
            row, column = rows - centre[0] - speed[0] * frame, columns - centre[1] - speed[1] * frame
            inside = row**2 + column**2 < radius**2
            texture = colour * (0.7 + 0.3 * np.sin(stripes * row))[..., None]
            drawn[frame][inside] = texture[inside].clip(0, 255)
            masks[frame][inside] = label
    return DrawnClip(frames=drawn, masks=masks)


@pytest.fixture
def draw() -> DrawClip:
    return draw_discs


@pytest.fixture
def small_training() -> partial[TrainingConfig]:
    """Six iterations in two stages, to be called with what shall be different."""
    return partial(
        TrainingConfig,
        model=SMALL,
        iterations=6,
        stages=(
            Stage(until=0.5, batches=(BatchShape(size=32, frames=3, objects=(1, 2)),)),
            Stage(until=1.0, batches=(BatchShape(size=48, frames=4, objects=(1, 3)),)),
        ),
        held_out=HeldOutConfig(every=100, clips=2, size=48, frames=4, memorise_every=2),
        log_every=2,
        workers=0,
        threads=1,
    )
