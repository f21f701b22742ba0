"""A rollout against the tracker: dense reading of all frames is what a tracker with a large k does."""

import numpy as np
import torch

from benchmarks.training.batch import make_batch
from benchmarks.training.clips import DrawClip
from benchmarks.training.config import TrainingConfig
from benchmarks.training.plan import RolloutPlan, draw_plan
from benchmarks.training.rollout import Rollout, _Run
from xmem import MemoryConfig, Tracker, XMem, normalise
from xmem.untrained import draw_state_dict


def test_what_is_trained_is_what_the_tracker_computes(draw: DrawClip, small_training: object) -> None:
    config: TrainingConfig = small_training()  # type: ignore[operator]
    network = XMem(config.model)
    network.load_state_dict(draw_state_dict(config.model))
    counts = (2, 1)
    clips = [draw(i, seed=0, size=48, frames=4, objects=count) for i, count in enumerate(counts)]
    batch = make_batch([clip.frames for clip in clips], [clip.masks for clip in clips], objects=counts)
    # As the tracker does it when it memorises every frame: each is read, and each updates the sensory memory deeply.
    plan = RolloutPlan(reads=((0,), (0, 1), (0, 1, 2)), deep_updates=frozenset({0, 1, 2}))
    seen: list[torch.Tensor] = []
    run = _Run(Rollout(network), batch, plan, hard_fraction=1.0)
    decoder = run.rollout.parts[2]
    decoder.register_forward_hook(lambda _module, _inputs, outputs: seen.append(outputs[0].detach()))
    run.losses()
    from benchmarks.training.aggregation import aggregate_clips

    first = 0
    for clip, count in zip(clips, counts, strict=True):
        tracker = Tracker(network, MemoryConfig(memorise_every=1, top_k=10_000))
        for frame, image in enumerate(clip.frames):
            expected = tracker.step(normalise(torch.from_numpy(image)), clip.masks[0] if frame == 0 else None)
            if frame == 0:
                continue
            found = aggregate_clips(seen[frame - 1], batch.owner, clips=2).probabilities()[first : first + count]
            assert float((found - expected[1:]).abs().max()) < 1e-3, frame
        first += count


def test_plans_read_the_first_frame_and_two_more_at_most() -> None:
    for seed in range(50):
        plan = draw_plan(8, generator=torch.Generator().manual_seed(seed))
        for frame, reads in enumerate(plan.reads, start=1):
            assert reads[0] == 0
            assert 1 <= len(reads) <= 3
            assert list(reads) == sorted(set(reads))
            assert max(reads) < frame
        assert 0 in plan.deep_updates
        assert plan.deep_updates <= plan.memorised


def test_the_latest_frame_is_mostly_read() -> None:
    plans = [draw_plan(6, generator=torch.Generator().manual_seed(seed)) for seed in range(200)]
    assert 0.5 < np.mean([4 in plan.reads[4] for plan in plans]) < 0.7
