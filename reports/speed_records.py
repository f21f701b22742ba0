"""What measuring speed and memory leaves behind, beside runs."""

from dataclasses import dataclass

from reports.records import EnvironmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """How long one stage took, each time it was timed.

    Args:
        engine: that executed it.
        precision: of the numbers.
        objects: that it was done for.
        stage: in words.
        memory_frames: that memory held; None of stages that do not read it.
        milliseconds: of each time; those of one place in different records of a run were timed together.
    """

    engine: str
    precision: str
    objects: int
    stage: str
    memory_frames: int | None
    milliseconds: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRecord:
    """The stages of a step, timed in turn on one machine; a value is encoded every `memorise_every` steps."""

    started: str
    height: int
    width: int
    memorise_every: int
    stages: tuple[StageRecord, ...]
    environment: EnvironmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class EnduranceMark:
    """How a long run stood after some of its frames.

    Args:
        frames: that were done.
        memory: elements of working and long-term memory.
        peak_memory_bytes: of the process on the CPU, of the GPU on CUDA, until then.
        milliseconds: median per frame since the mark before; of the first mark, since the hundredth frame or the half.
    """

    frames: int
    memory: tuple[int, int]
    peak_memory_bytes: int
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EnduranceRecord:
    """A long video, and whether memory and time per frame stayed flat."""

    started: str
    variant: str
    precision: str
    height: int
    width: int
    objects: int
    marks: tuple[EnduranceMark, ...]
    environment: EnvironmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalePoint:
    """A video of some length, size and number of objects.

    Args:
        frames: its length.
        objects: shown in the first frame.
        size: height in pixels.
    """

    frames: int
    objects: int
    size: int

    @property
    def width(self) -> int:
        """Of frames of 16 to 9."""
        return round(self.size * 16 / 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleResult:
    """What a point took, or what it failed of.

    Args:
        point: that was measured.
        milliseconds: median per frame, of the second half of the video; None where it failed.
        memory: elements of working and long-term memory in the end.
        peak_memory_bytes: of the process on the CPU, of the GPU on CUDA.
        failure: in words; None where there was none.
    """

    point: ScalePoint
    milliseconds: float | None = None
    memory: tuple[int, int] | None = None
    peak_memory_bytes: int | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRecord:
    """How time and memory grow; `memory_limit_bytes` is what was allowed, None where nothing was forbidden."""

    started: str
    variant: str
    precision: str
    engine: str
    memory_limit_bytes: int | None
    results: tuple[ScaleResult, ...]
    environment: EnvironmentRecord
