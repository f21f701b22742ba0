"""Batches: the same for an iteration, whoever draws it and wherever a run began."""

import os
from functools import partial

import pytest
import torch

from benchmarks.training.clips import Clip, DrawClip
from benchmarks.training.config import TrainingConfig
from benchmarks.training.loader import YIELDING, load_batches

Training = partial[TrainingConfig]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_later_start_gets_the_batches_that_would_have_come(
    small_training: Training, draw: DrawClip, workers: int
) -> None:
    whole = list(load_batches(small_training(), draw, first=0))
    rest = list(load_batches(small_training(workers=workers), draw, first=2))
    assert len(rest) == len(whole) - 2
    for one, other in zip(whole[2:], rest, strict=True):
        assert torch.equal(one.frames, other.frames)
        assert torch.equal(one.masks, other.masks)


def test_batches_follow_the_curriculum(small_training: Training, draw: DrawClip) -> None:
    shapes = [tuple(batch.frames.shape) for batch in load_batches(small_training(), draw, first=0)]
    assert shapes == [(3, 2, 32, 32, 3)] * 3 + [(4, 2, 48, 48, 3)] * 3


def test_no_clip_comes_twice(small_training: Training, draw: DrawClip) -> None:
    asked = []

    def listening(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
        asked.append(index)
        return draw(index, seed=seed, size=size, frames=frames, objects=objects)

    list(load_batches(small_training(), listening, first=0))
    assert sorted(asked) == list(range(12))


def test_drawing_gives_way_to_the_network(small_training: Training, draw: DrawClip) -> None:
    def telling(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
        clip = draw(index, seed=seed, size=size, frames=frames, objects=objects)
        clip.frames[0, 0, 0, 0] = os.nice(0)
        return clip

    batch = next(load_batches(small_training(workers=1), telling, first=0))
    assert int(batch.frames[0, 0, 0, 0, 0]) == min(19, os.nice(0) + YIELDING)
