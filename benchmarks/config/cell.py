"""What a cell is made of: YAML chooses, these dataclasses define."""

import os
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from benchmarks.names import is_plain_name
from evaluators import ScoringProtocol
from xmem.config import MemoryConfig

REPEATS_LIMIT = 1000
SEED_LIMIT = 2**32  # of NumPy


class Layout(StrEnum):
    """How a dataset lies on disk (`benchmarks.datasets`)."""

    DAVIS_2016 = "davis_2016"
    DAVIS_2017 = "davis_2017"
    DAVIS_2017_TEST_DEV = "davis_2017_test_dev"
    YOUTUBE_VOS = "youtube_vos"
    YOUTUBE_VOS_SPARSE = "youtube_vos_sparse"
    LONG_VIDEO = "long_video"
    LONG_VIDEO_X3 = "long_video_x3"
    FOLDER = "folder"
    DEMO = "demo"


class Submission(StrEnum):
    """The zip that an evaluation server takes (`benchmarks.submission.server_zip`).

    DAVIS: folders of sequences at the root, a mask for every frame.
    YOUTUBE_VOS: `Annotations/<video>/<frame>.png`, a mask for every frame that meta.json lists.
    """

    DAVIS = "davis"
    YOUTUBE_VOS = "youtube_vos"


class Autocast(StrEnum):
    """The type torch autocast computes in where it may."""

    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantConfig:
    """A kind of network, and the weights of it that there are.

    Args:
        name: as in tables.
        checkpoints: file names below `paths.weights`, one for each training run; a cell is run with each of them.
        shipped: whether they come with the code instead: they are in `xmem/weights`, and looked for nowhere else.
        source: address of the folder where released files can be had.
        released: names of the files that are there; others are somebody's own.
        sensory: whether the network has sensory memory; a file without it is of another architecture.
        untrained: sizes (`xmem.ModelConfig`) of a network whose weights are drawn, not trained; its file is made when
            missing. Empty where weights are trained. Not typed here, because OmegaConf can neither fill in an
            optional frozen dataclass nor say in one line that an optional dict is none.
    """

    name: str
    checkpoints: tuple[str, ...]
    shipped: bool = False
    source: str | None = None
    released: tuple[str, ...] = ()
    sensory: bool = True
    untrained: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._require_one_origin()
        _require_plain_name(self.name, "variant.name")
        plain = all(is_plain_name(name) for name in self.checkpoints)
        if not self.checkpoints or not plain or len(set(self.checkpoints)) < len(self.checkpoints):
            raise ValueError(
                "expected names of files below paths.weights, each once, in variant.checkpoints, found "
                f"{list(self.checkpoints)}"
            )
        if self.untrained and len(self.checkpoints) > 1:
            raise ValueError("expected one file in variant.checkpoints, because drawn weights are drawn but once")

    def _require_one_origin(self) -> None:
        released = "released" if self.source is None else "source"
        origins = {"shipped": self.shipped, released: self.source or self.released, "untrained": self.untrained}
        found = [f"variant.{name}" for name, given in origins.items() if given]
        if len(found) > 1:
            raise ValueError(
                f"expected weights of one origin for variant {self.name}, found {' and '.join(found)}; "
                "drawn weights must not pass for trained ones, nor those that come with the code for released ones"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """An archive that a dataset, or a part of it, is unpacked from.

    Args:
        url: where it can be had.
        root: the folder inside the archive whose content is unpacked.
        target: the folder below `paths.data` that it is unpacked to.
        full_resolution: whether only sizes other than 480p need it.
    """

    url: str
    root: str
    target: str
    full_resolution: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsConfig:
    """How much a complete copy of a dataset holds; None where nobody has said."""

    sequences: int | None = None
    frames: int | None = None
    objects: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetConfig:
    """A split of a dataset, and the protocol under which it is run and scored.

    Args:
        name: as in tables.
        title: in full, for messages.
        layout: how it lies on disk.
        root: its folder below `paths.data`.
        scoring: which objects and frames count.
        source: where it can be had, for the message when it is missing.
        archives: what `benchmarks.fetch` downloads.
        manual: the steps by which a person gets what cannot be downloaded by a program, one a line.
        size: shorter side in pixels at which results on it are published (`resolution=paper`); None is frames as they
            are.
        memorise_every: frames, as results on it are published (`memory=paper`).
        counts: what a complete copy holds.
        submission: what its evaluation server takes; None where truth is public.
        seen_categories: YouTube-VOS: categories of the training split; None reads them from its meta.json.
    """

    name: str
    title: str
    layout: Layout
    root: str
    scoring: ScoringProtocol
    source: str | None = None
    archives: tuple[ArchiveConfig, ...] = ()
    manual: tuple[str, ...] = ()
    size: int | None = 480
    memorise_every: int = MemoryConfig().memorise_every
    counts: CountsConfig = field(default_factory=CountsConfig)
    submission: Submission | None = None
    seen_categories: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _require_plain_name(self.name, "dataset.name")


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


def _require_plain_name(name: str, option: str) -> None:
    """It becomes part of a folder's name."""
    if not is_plain_name(name):
        raise ValueError(f"expected a plain name in {option}, found {name!r}")


def check_threads(threads: int | None) -> None:
    """Torch crashes where it is asked for more threads than the system gives."""
    cores = os.cpu_count() or 1
    if threads is not None and not 1 <= threads <= cores:
        raise ValueError(f"expected threads in 1..{cores}, got {threads}")
