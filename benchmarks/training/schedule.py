"""Where a run stands: pure functions of the iteration."""

import math
from dataclasses import dataclass

from benchmarks.training.config import BatchShape, LossConfig, OptimiserConfig, TrainingConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An iteration's place in the curriculum.

    Args:
        stage: its index.
        batch: the shape of the iteration's clips.
        first_clip: how many clips all iterations before have seen: the index of this one's first.
    """

    stage: int
    batch: BatchShape
    first_clip: int


def place_of(iteration: int, config: TrainingConfig) -> Place:
    """The stage of an iteration, counted from 0, and the clips it sees."""
    clips, start = 0, 0
    for index, stage in enumerate(config.stages):
        end = round(stage.until * config.iterations)
        rounds, turn = divmod(min(iteration, end) - start, len(stage.batches))
        numbers = [len(batch.objects) for batch in stage.batches]
        clips += rounds * sum(numbers) + sum(numbers[:turn])
        if iteration < end:
            return Place(stage=index, batch=stage.batches[turn], first_clip=clips)
        start = end
    raise ValueError(f"expected an iteration below {config.iterations}, got {iteration}")


def learning_rate(iteration: int, config: OptimiserConfig, *, iterations: int) -> float:
    """Linear warm-up to the peak, then a cosine to the floor."""
    if iteration < config.warm_up:
        return config.peak * (iteration + 1) / config.warm_up
    progress = (iteration - config.warm_up) / max(1, iterations - config.warm_up)
    return config.floor + (config.peak - config.floor) * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def hard_fraction(progress: float, config: LossConfig) -> float:
    """The fraction of pixels that cross-entropy is taken over, falling linearly between two points of progress."""
    span = config.hard_pixels_from - config.all_pixels_until
    passed = min(1.0, max(0.0, (progress - config.all_pixels_until) / span))
    return 1 - passed * (1 - config.hard_fraction)


def average_decay(iteration: int, config: OptimiserConfig) -> float:
    """How much of the average stays in a step: little in the beginning, when weights are far from where they go."""
    return min(config.average, (1 + iteration) / (10 + iteration))
