"""Where a run stands: pure functions of the iteration."""

import math
from dataclasses import dataclass

from benchmarks.training.config import LossConfig, OptimiserConfig, Stage, TrainingConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An iteration's place in the curriculum.

    Args:
        index: of the stage.
        stage: itself.
        first_clip: how many clips all iterations before have seen: the index of this one's first.
    """

    index: int
    stage: Stage
    first_clip: int


def place_of(iteration: int, config: TrainingConfig) -> Place:
    """The stage of an iteration, counted from 0, and the clips it sees."""
    clips, start = 0, 0
    for index, stage in enumerate(config.stages):
        end = round(stage.until * config.iterations)
        if iteration < end or index == len(config.stages) - 1:
            first = clips + (iteration - start) * len(stage.objects)
            return Place(index=index, stage=stage, first_clip=first)
        clips += (end - start) * len(stage.objects)
        start = end
    raise AssertionError("the last stage has no end")


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
