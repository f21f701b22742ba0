"""What a cell is made of: YAML chooses, these dataclasses define."""

import os
from dataclasses import dataclass, field, fields
from enum import StrEnum

from benchmarks.config.inputs import DatasetConfig, VariantConfig
from xmem.config import MemoryConfig

REPEATS_LIMIT = 1000
SEED_LIMIT = 2**32  # of NumPy


class Autocast(StrEnum):
    """The type torch autocast computes in where it may."""

    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionConfig:
    """Number formats.

    Args:
        name: as in tables.
        autocast: type of torch autocast around every step; None computes in fp32 throughout.
        tf32: whether CUDA may round fp32 products to TF32.
    """

    name: str
    autocast: Autocast | None = None
    tf32: bool = False

    def __post_init__(self) -> None:
        if self.autocast is not None and self.tf32:
            raise ValueError("expected precision.tf32 or precision.autocast, found both; choose another precision=")
        named = {None: "tf32" if self.tf32 else "fp32", Autocast.FLOAT16: "amp", Autocast.BFLOAT16: "bf16"}
        if self.name != named[self.autocast]:
            raise ValueError(
                f"expected a precision that is what its name says, found {self.name} for autocast={self.autocast} "
                f"tf32={self.tf32}; choose another precision="
            )


class Engine(StrEnum):
    """How the network is executed (`benchmarks.engine`)."""

    EAGER = "eager"
    COMPILED = "compiled"
    GRAPHS = "graphs"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How the network is executed, never what it computes.

    Args:
        name: as in tables.
    """

    name: Engine = Engine.EAGER


@dataclass(frozen=True, slots=True, kw_only=True)
class PassConfig:
    """One way in which the frames of a video are given to the model.

    Args:
        size: the shorter side in pixels; None leaves frames as they are.
        flip: whether they are mirrored, left to right.
    """

    size: int | None
    flip: bool = False

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 16:
            raise ValueError(f"expected resolution.size >= 16 pixels, got {self.size}")

    @property
    def name(self) -> str:
        """As in tables and run folders."""
        return ("native" if self.size is None else f"{self.size}p") + ("_flip" if self.flip else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionConfig:
    """Size at which frames are segmented; in several passes, whose probabilities are averaged, or in one.

    Args:
        size: the shorter side in pixels; None leaves frames as they are.
        passes: multi-scale: the passes, instead of the one that `size` stands for.
    """

    size: int | None = None
    passes: tuple[PassConfig, ...] = ()

    def __post_init__(self) -> None:
        if self.passes and self.size is not None:
            raise ValueError(
                f"expected resolution.size or resolution.passes, found both; for another size than {self.name} "
                f"take resolution=paper resolution.size={self.size}"
            )
        if len(set(self.each_pass)) < len(self.each_pass):
            raise ValueError(f"expected passes that differ in resolution.passes, found {self.name}")

    @property
    def each_pass(self) -> tuple[PassConfig, ...]:
        """The passes, be it one or several."""
        return self.passes or (PassConfig(size=self.size),)

    @property
    def name(self) -> str:
        """As in tables and run folders."""
        return "+".join(one.name for one in self.each_pass)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsConfig:
    """Where things are.

    Args:
        data: folder of all datasets.
        weights: folder of checkpoints.
        runs: folder for all that is made.
        lock: file with the checksums of all that was fetched, or used when somebody had put it there.
    """

    data: str = "data"
    weights: str = "weights"
    runs: str = "runs"
    lock: str = "checksums.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellConfig:
    """One cell of a results table: everything that decides its masks, and where to find and put things.

    Args:
        variant: the weights.
        dataset: the videos.
        precision: number formats.
        engine: how the network is executed.
        resolution: size at which frames are segmented.
        memory: what is remembered, and how often.
        sequences: names of the sequences to run; all of them where it is left out.
        keep_probabilities: whether the run folder keeps the probabilities of every written frame, compressed, so that
            passes computed apart can be merged (`benchmarks.merge`).
        repeats: how often every sequence is run: for the spread of its speed, and to see whether its masks stay the
            same. Where they do not, each repeat is scored.
        seed: of every random number generator in the first repeat; in each further one, one more.
        device: `auto` takes the GPU if there is one; `cpu` and `cuda` are taken at their word.
        threads: CPU threads of the model; torch decides where it is left out.
        videos: how many sequences are segmented together, as one batch: with several, more frames are done in a
            second, but under another timing contract than that of published figures.
        paths: folders.
    """

    variant: VariantConfig
    dataset: DatasetConfig
    precision: PrecisionConfig
    resolution: ResolutionConfig
    engine: EngineConfig = field(default_factory=EngineConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    sequences: tuple[str, ...] | None = None
    keep_probabilities: bool = False
    repeats: int = 1
    seed: int = 0
    device: str = "auto"
    threads: int | None = None
    videos: int = 1
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        check_threads(self.threads)
        if self.videos < 1:
            raise ValueError(f"expected videos >= 1, got {self.videos}")
        if not 1 <= self.repeats <= REPEATS_LIMIT:
            raise ValueError(f"expected repeats in 1..{REPEATS_LIMIT}, got {self.repeats}")
        if not 0 <= self.seed <= SEED_LIMIT - self.repeats:
            raise ValueError(f"expected seed in 0..{SEED_LIMIT - self.repeats}, got {self.seed}")
        if self.sequences is not None and not self.sequences:
            raise ValueError("expected names in sequences=[...], got none; leave it out to run them all")

    @property
    def name(self) -> str:
        """What was chosen, in words; of memory, engine and videos only what differs from the usual."""
        usual = MemoryConfig(memorise_every=self.dataset.memorise_every)
        unusual = [
            f"{part.name}_{value}"
            for part in fields(MemoryConfig)
            if (value := getattr(self.memory, part.name)) != getattr(usual, part.name)
        ]
        engine = [self.engine.name] if self.engine != EngineConfig() else []
        together = [f"videos_{self.videos}"] if self.videos > 1 else []
        return "-".join([self.variant.name, self.precision.name, self.resolution.name, *unusual, *engine, *together])


def check_threads(threads: int | None) -> None:
    """Torch crashes where it is asked for more threads than the system gives."""
    cores = os.cpu_count() or 1
    if threads is not None and not 1 <= threads <= cores:
        raise ValueError(f"expected threads in 1..{cores}, got {threads}")
