"""What happens in which frame of a rollout, drawn before anything is computed."""

from dataclasses import dataclass

import torch

MEMORY_FRAMES = 3  # that a frame reads at most, as XMem trains (section 4, "Implementation details")
LATEST = 0.6  # chance that the frame just before is among them: in tracking it mostly is not, but it teaches most
DEEP_UPDATE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """Shared by all clips of a batch.

    Args:
        reads: for each frame but the first, the earlier frames that it reads, the first among them.
        deep_updates: memorised frames at which the sensory memory is updated by the value, not by the decoder.
    """

    reads: tuple[tuple[int, ...], ...]
    deep_updates: frozenset[int]

    @property
    def memorised(self) -> frozenset[int]:
        """Frames that a later one reads; no other needs a value."""
        return frozenset(frame for read in self.reads for frame in read)


def draw_plan(frames: int, *, generator: torch.Generator) -> RolloutPlan:
    """A plan for clips of so many frames. The first frame is always memorised and deeply updated."""
    reads = tuple(_draw_reads(frame, generator) for frame in range(1, frames))
    memorised = {frame for read in reads for frame in read}
    deep = {frame for frame in sorted(memorised - {0}) if _chance(DEEP_UPDATE, generator)}
    return RolloutPlan(reads=reads, deep_updates=frozenset(deep | {0}))


def _draw_reads(frame: int, generator: torch.Generator) -> tuple[int, ...]:
    further = min(MEMORY_FRAMES - 1, frame - 1)
    if not further:
        return (0,)
    latest = [frame - 1] if _chance(LATEST, generator) else []
    between = torch.randperm(frame - 2, generator=generator).add_(1).tolist() if frame > 2 else []
    return (0, *sorted(latest + between[: further - len(latest)]))


def _chance(probability: float, generator: torch.Generator) -> bool:
    return bool(torch.rand((), generator=generator) < probability)
