"""Held-out clips, tracked by the tracker itself and scored as datasets are."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import UInt8

from benchmarks.training.clips import Clip, DrawClip
from benchmarks.training.config import HeldOutConfig
from evaluators import FramePair, ScoringProtocol, SequenceScore, score_sequence
from xmem import MemoryConfig, Tracker, XMem, normalise

SEED = 1_000_003  # is added to that of training: no held-out clip is ever trained on
OBJECTS = (1, 2, 3)  # of one clip after another


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutScore:
    """Means over objects, in 0..1."""

    j: float
    f: float

    @property
    def j_and_f(self) -> float:
        """What the best weights are chosen by."""
        return (self.j + self.f) / 2


def draw_held_out(config: HeldOutConfig, draw: DrawClip, *, seed: int) -> list[Clip]:
    """The clips, once for all looks at them."""
    return [
        draw(index, seed=seed + SEED, size=config.size, frames=config.frames, objects=OBJECTS[index % len(OBJECTS)])
        for index in range(config.clips)
    ]


def score_held_out(
    network: XMem, clips: list[Clip], config: HeldOutConfig, *, autocast: torch.dtype | None
) -> HeldOutScore:
    """J and F of a network in eval mode."""
    device = next(network.parameters()).device
    memory = MemoryConfig(memorise_every=config.memorise_every)
    with torch.autocast(device.type, dtype=autocast, enabled=autocast is not None):
        scores = [_score(_track(network, clip, memory, device), clip) for clip in clips]
    objects = [one for score in scores for one in score.objects]
    return HeldOutScore(
        j=float(np.mean([one.j_statistics.mean for one in objects])),
        f=float(np.mean([one.f_statistics.mean for one in objects])),
    )


def _track(
    network: XMem, clip: Clip, memory: MemoryConfig, device: torch.device
) -> UInt8[np.ndarray, "frames height width"]:
    """The labels of every frame; those of the first are given."""
    tracker = Tracker(network, memory, video_length=len(clip.frames))
    masks = []
    for frame, image in enumerate(clip.frames):
        prompt = clip.masks[0] if frame == 0 else None
        probabilities = tracker.step(normalise(torch.from_numpy(image).to(device)), prompt)
        labels = np.array([0, *tracker.labels], dtype=np.uint8)
        masks.append(labels[probabilities.argmax(dim=0).cpu().numpy()])
    return np.stack(masks)


def _score(predicted: UInt8[np.ndarray, "frames height width"], clip: Clip) -> SequenceScore:
    pairs = [
        FramePair(name=f"{frame:05d}", read_predicted=partial(_given, mask), read_truth=partial(_given, truth))
        for frame, (mask, truth) in enumerate(zip(predicted, clip.masks, strict=True))
    ]
    return score_sequence("held-out", pairs, protocol=ScoringProtocol.FIRST_APPEARANCE)


def _given(mask: UInt8[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width"]:
    """A mask that is in memory already."""
    return mask
