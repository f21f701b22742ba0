"""What is trained, on which clips, and for how long."""

import itertools
from dataclasses import dataclass, field

from xmem.config import ModelConfig

MAX_OBJECTS = 4  # in one clip


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShape:
    """The clips of one iteration.

    Args:
        size: sides of the square frames, in pixels; a multiple of 16.
        frames: in a clip.
        objects: in each clip, whose number this is too.
    """

    size: int
    frames: int
    objects: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.size < 16 or self.size % 16:
            raise ValueError(f"expected clips whose size is a multiple of 16, got {self.size}")
        if self.frames < 2:
            raise ValueError(f"expected clips of at least 2 frames, got {self.frames}")
        if not self.objects or min(self.objects) < 1 or max(self.objects) > MAX_OBJECTS:
            raise ValueError(f"expected 1..{MAX_OBJECTS} objects for each clip, got {self.objects}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of the curriculum.

    Args:
        until: the fraction of all iterations at which it ends.
        batches: their shapes, which iterations have in turn.
    """

    until: float
    batches: tuple[BatchShape, ...]

    def __post_init__(self) -> None:
        if not 0 < self.until <= 1:
            raise ValueError(f"expected a stage until a fraction in 0..1, got {self.until}")
        if not self.batches:
            raise ValueError("expected at least one batch shape in a stage, got none")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimiserConfig:
    """AdamW and its schedule.

    Args:
        peak: learning rate after the warm-up.
        projections: share of it that the projections to key, shrinkage and selection have. What they give is an
            exponent: at the full rate every query soon reads one element alone, and matching stops to learn.
        floor: learning rate at the end, reached along a cosine.
        warm_up: iterations over which the learning rate rises.
        weight_decay: of weights; biases and scales have none.
        clip: largest norm of all gradients together.
        average: decay of the average over iterations that is kept of the weights; less in the beginning.
    """

    peak: float = 1e-3
    projections: float = 0.1
    floor: float = 1e-5
    warm_up: int = 200
    weight_decay: float = 0.05
    clip: float = 3.0
    average: float = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """How losses are weighed.

    Args:
        affinity_weight: of the affinity's own loss.
        all_pixels_until: fraction of the schedule up to which cross-entropy is taken over all pixels.
        hard_pixels_from: fraction of the schedule from which it is taken over `hard_fraction` of them.
        hard_fraction: the hardest pixels that remain.
    """

    affinity_weight: float = 2.0
    all_pixels_until: float = 0.3
    hard_pixels_from: float = 0.7
    hard_fraction: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutConfig:
    """Clips that are never trained on, tracked as videos are.

    Args:
        every: iterations between two looks.
        clips: how many, with 1, 2, 3, 1, ... objects.
        size: sides of their frames, in pixels.
        frames: in a clip.
        memorise_every: frames between insertions into memory.
    """

    every: int = 500
    clips: int = 18
    size: int = 256
    frames: int = 16
    memorise_every: int = 3


# A quarter of the published widths.
TINY = ModelConfig(
    key_dim=32,
    value_dim=128,
    sensory_dim=32,
    key_width=16,
    key_blocks=(2, 3, 4),
    value_width=16,
    value_blocks=(2, 2, 2),
    decoder_dims=(128, 64, 64),
    sensory_update_dim=64,
)

# For an hour or two of two CPU cores: most steps are small, the last are nearest to what is tracked.
CURRICULUM = (
    Stage(until=0.3, batches=(BatchShape(size=128, frames=4, objects=(1, 1, 1, 1, 2, 2, 2, 3)),)),
    Stage(until=0.7, batches=(BatchShape(size=192, frames=5, objects=(1, 1, 2, 3)),)),
    Stage(until=1.0, batches=(BatchShape(size=256, frames=7, objects=(1, 2)),)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """One training run; what decides its weights, and how it is run.

    Args:
        model: sizes of the network.
        iterations: steps of the optimiser in all.
        begin: weights to begin from (a checkpoint of the same sizes), which are the best until others score higher on
            the held-out clips; None begins from nothing.
        stages: the curriculum; the last one ends at 1.
        seed: of weights, clips and plans.
        optimiser: AdamW and its schedule.
        loss: weights of the losses.
        held_out: the validation.
        frozen_from: fraction of the schedule from which statistics of batch norm stay.
        bf16: convolutions compute in bfloat16.
        compiled: torch compiles the stages; on two CPU cores that is slower, on a GPU it was never measured.
        log_every: iterations between two lines of the log.
        save_minutes: minutes between two saved states.
        minutes: after which to save and stop, though the schedule has not ended; None is never.
        workers: processes that draw clips.
        threads: of the network on the CPU; None leaves it to torch.
    """

    model: ModelConfig = TINY
    iterations: int = 4900
    begin: str | None = None
    stages: tuple[Stage, ...] = CURRICULUM
    seed: int = 0
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    held_out: HeldOutConfig = field(default_factory=HeldOutConfig)
    frozen_from: float = 0.85
    bf16: bool = True
    compiled: bool = False
    log_every: int = 20
    save_minutes: float = 5.0
    minutes: float | None = None
    workers: int = 2
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.iterations < 1:
            raise ValueError(f"expected iterations >= 1, got {self.iterations}")
        ends = [stage.until for stage in self.stages]
        if not ends or ends[-1] != 1 or any(a >= b for a, b in itertools.pairwise(ends)):
            raise ValueError(f"expected stages whose ends rise to 1, got {ends}")
