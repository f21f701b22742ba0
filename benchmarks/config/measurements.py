"""What the commands that measure speed and memory are told."""

from dataclasses import dataclass, field

from benchmarks.config.cell import EngineConfig, PathsConfig, PrecisionConfig, check_threads
from benchmarks.config.inputs import VariantConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedConfig:
    """What is timed, stage by stage: every engine in every precision, and so on.

    Args:
        engines: names of engines, each an `engine=` of a cell; the first is what others are compared with. Left out,
            all that the device has, `eager` first.
        precisions: names of number formats, each a `precision=` of a cell; left out, all that the device has.
        objects: numbers of objects to time.
        memory_frames: numbers of frames in working memory when it is read; about 14 have the elements of a full memory.
        height: of the frames, in pixels.
        width: of the frames, in pixels.
        repeats: times that each stage is timed, after one round of warm-up.
        device: `auto` takes the GPU if there is one.
        threads: CPU threads of the model; torch decides where it is left out.
        paths: folders; the record is written below `paths.runs`.
    """

    engines: tuple[str, ...] | None = None
    precisions: tuple[str, ...] | None = None
    objects: tuple[int, ...] = (1, 2, 5)
    memory_frames: tuple[int, ...] = (5, 14)
    height: int = 480
    width: int = 854
    repeats: int = 5
    device: str = "auto"
    threads: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        names = [one for one in (self.engines, self.precisions) if one is not None]
        lists = (*names, self.objects, self.memory_frames)
        counts = (self.height, self.width, self.repeats, *self.objects, *self.memory_frames, *map(len, lists))
        check_threads(self.threads)
        if min(counts) < 1:
            raise ValueError(f"expected sizes and counts of at least 1, got {self}")
        if any(len(set(one)) < len(one) for one in lists):
            raise ValueError(f"expected lists without repetitions, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnduranceConfig:
    """A long video, and when to look at memory and time.

    Args:
        variant: the weights.
        precision: number formats.
        frames: length of the video.
        marks: numbers of frames after which memory and time are noted.
        size: shorter side at which frames are segmented.
        device: `auto` takes the GPU if there is one.
        threads: CPU threads of the model; torch decides where it is left out.
        paths: folders; the record is written below `paths.runs`.
    """

    variant: VariantConfig
    precision: PrecisionConfig
    frames: int = 10_000
    marks: tuple[int, ...] = (1_000, 5_000, 10_000)
    size: int = 96
    device: str = "auto"
    threads: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        check_threads(self.threads)
        _require_one_checkpoint(self.variant)
        if list(self.marks) != sorted(set(self.marks)) or not self.marks or self.marks[0] < 2:
            raise ValueError(f"expected rising numbers of frames from 2 on in marks=[...], got {list(self.marks)}")
        if self.frames < self.marks[-1]:
            raise ValueError(f"expected frames >= {self.marks[-1]}, the last of marks, got {self.frames}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingConfig:
    """Videos of growing length, number of objects and size: one axis after another, from the first value of each.

    Args:
        variant: the weights.
        precision: number formats.
        engine: how the network is executed.
        lengths: in frames.
        object_counts: objects in the first frame.
        sizes: heights of frames, 16 to 9, in pixels.
        memory_gib: what may be used, in GiB: of the process's data on the CPU, of the GPU on CUDA. Beyond it a point
            fails, which is a result; None leaves it to the machine.
        device: `auto` takes the GPU if there is one.
        threads: CPU threads of the model; torch decides where it is left out.
        paths: folders; the record is written below `paths.runs`.
    """

    variant: VariantConfig
    precision: PrecisionConfig
    engine: EngineConfig
    lengths: tuple[int, ...] = (60, 120, 480)
    object_counts: tuple[int, ...] = (1, 2, 5, 10)
    sizes: tuple[int, ...] = (480, 240, 720, 1080)
    memory_gib: float | None = None
    device: str = "auto"
    threads: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        check_threads(self.threads)
        _require_one_checkpoint(self.variant)
        if not (self.lengths and self.object_counts and self.sizes):
            raise ValueError("expected values in lengths, object_counts and sizes, got none in one of them")
        if min(self.lengths) < 2 or not 1 <= min(self.object_counts) <= max(self.object_counts) <= 255:
            raise ValueError(f"expected lengths of 2 and more, and 1..255 objects, got {self}")
        if min(self.sizes) < 16 or (self.memory_gib is not None and self.memory_gib <= 0):
            raise ValueError(f"expected sizes of 16 and more, and memory_gib above 0, got {self}")


def _require_one_checkpoint(variant: VariantConfig) -> None:
    """What is measured is one network."""
    if len(variant.checkpoints) > 1:
        raise ValueError(f"expected one file in variant.checkpoints, got {list(variant.checkpoints)}")
