"""Held-out scores: those of the tracker, by the evaluators, on clips that training never sees."""

from functools import partial

import pytest
import torch

from benchmarks.training.clips import Clip, DrawClip
from benchmarks.training.config import HeldOutConfig, TrainingConfig
from benchmarks.training.validation import SEED, draw_held_out, score_held_out
from xmem import XMem
from xmem.untrained import draw_state_dict

CONFIG = HeldOutConfig(every=1, clips=3, size=48, frames=5, memorise_every=2)


@pytest.fixture
def network(small_training: partial[TrainingConfig]) -> XMem:
    model = small_training().model
    drawn = XMem(model)
    drawn.load_state_dict(draw_state_dict(model))
    return drawn


def test_held_out_clips_are_of_another_seed_and_of_one_to_three_objects(draw: DrawClip) -> None:
    asked = []

    def listening(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
        asked.append((index, seed, objects))
        return draw(index, seed=seed, size=size, frames=frames, objects=objects)

    draw_held_out(CONFIG, listening, seed=4)
    assert asked == [(0, 4 + SEED, 1), (1, 4 + SEED, 2), (2, 4 + SEED, 3)]


def test_a_network_that_says_nothing_true_scores_low_and_the_same_each_time(network: XMem, draw: DrawClip) -> None:
    clips = draw_held_out(CONFIG, draw, seed=0)
    first, second = (score_held_out(network, clips, CONFIG, autocast=None) for _ in range(2))
    assert first == second
    assert 0 <= first.j_and_f < 0.6
    assert first.j_and_f == pytest.approx((first.j + first.f) / 2)


def test_a_perfect_tracker_scores_one(
    network: XMem, draw: DrawClip, monkeypatch: pytest.MonkeyPatch, without_shape_checks: None
) -> None:
    from benchmarks.training import validation

    assert without_shape_checks is None
    clips = draw_held_out(CONFIG, draw, seed=0)
    truth = {clip.frames.tobytes(): clip.masks for clip in clips}
    monkeypatch.setattr(validation, "_track", lambda _network, clip, *_rest: truth[clip.frames.tobytes()])
    assert score_held_out(network, clips, CONFIG, autocast=torch.bfloat16).j_and_f == 1
