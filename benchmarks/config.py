"""What a cell is made of: YAML chooses, these dataclasses define. The only place where one becomes the other."""

import os
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from benchmarks.errors import InputError
from evaluators import ScoringProtocol
from xmem.config import MemoryConfig, ModelConfig

Config = TypeVar("Config")


class Layout(StrEnum):
    """How a dataset lies on disk (`benchmarks.datasets`)."""

    DAVIS_2016 = "davis_2016"
    DAVIS_2017 = "davis_2017"
    FOLDER = "folder"
    DEMO = "demo"


class Autocast(StrEnum):
    """The type torch autocast computes in where it may."""

    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantConfig:
    """A set of weights.

    Args:
        name: as in tables.
        checkpoint: file name below `paths.weights`.
        source: where the file can be had, for the message when it is missing.
        untrained: sizes (`xmem.ModelConfig`) of a network whose weights are drawn, not trained; its file is made when
            missing. Empty where weights are trained. Not typed here, because OmegaConf can neither fill in an
            optional frozen dataclass nor say in one line that an optional dict is none.
    """

    name: str
    checkpoint: str
    source: str | None = None
    untrained: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source is not None and self.untrained:
            raise ValueError(
                f"expected variant.untrained sizes or a variant.source, found both for variant {self.name}; "
                "drawn weights must not pass for trained ones"
            )


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
    """

    name: str
    title: str
    layout: Layout
    root: str
    scoring: ScoringProtocol
    source: str | None = None


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
        named = {None: "tf32" if self.tf32 else "fp32", Autocast.FLOAT16: "amp", Autocast.BFLOAT16: "bf16"}
        if self.name != named[self.autocast]:
            raise ValueError(
                f"expected a precision that is what its name says, found {self.name} for autocast={self.autocast} "
                f"tf32={self.tf32}; choose another precision="
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionConfig:
    """Size at which frames are segmented: the shorter side in pixels, or None for frames as they are."""

    name: str
    size: int | None

    def __post_init__(self) -> None:
        if self.size is not None and self.size < 16:
            raise ValueError(f"expected resolution.size >= 16 pixels, got {self.size}")
        if self.name != (named := "native" if self.size is None else f"{self.size}p"):
            raise ValueError(
                f"expected a resolution that is what its name says, found {self.name} for size={self.size}; "
                f"add resolution.name={named}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsConfig:
    """Folders: what is given (`data`, `weights`) and what is made (`runs`)."""

    data: str = "data"
    weights: str = "weights"
    runs: str = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellConfig:
    """One cell of a results table: everything that decides its masks, and where to find and put things.

    Args:
        variant: the weights.
        dataset: the videos.
        precision: number formats.
        resolution: size at which frames are segmented.
        memory: what is remembered, and how often.
        sequences: names of the sequences to run; None is all of them.
        device: `auto` takes the GPU if there is one; `cpu` and `cuda` are taken at their word.
        threads: CPU threads of the model; None leaves it to torch.
        paths: folders.
    """

    variant: VariantConfig
    dataset: DatasetConfig
    precision: PrecisionConfig
    resolution: ResolutionConfig
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    sequences: tuple[str, ...] | None = None
    device: str = "auto"
    threads: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        _check_threads(self.threads)
        if self.sequences is not None and not self.sequences:
            raise ValueError("expected names in sequences=[...], got none; leave it out to run them all")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """Masks that already exist, to be scored against a dataset.

    Args:
        masks: folder with a folder of masks for each sequence.
        dataset: the truth.
        sequences: names of the sequences to score; None is all of them.
        paths: folders; scores are written below `paths.runs`.
    """

    masks: str
    dataset: DatasetConfig
    sequences: tuple[str, ...] | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedConfig:
    """What is timed, stage by stage.

    Args:
        precision: number formats.
        objects: numbers of objects to time.
        height: of the frames, in pixels.
        width: of the frames, in pixels.
        working_frames: frames in working memory when it is read.
        repeats: times that each stage is timed, after one round of warm-up.
        device: `auto` takes the GPU if there is one.
        threads: CPU threads of the model; None leaves it to torch.
        paths: folders; the record is written below `paths.runs`.
    """

    precision: PrecisionConfig
    objects: tuple[int, ...] = (1, 2)
    height: int = 480
    width: int = 854
    working_frames: int = 10
    repeats: int = 5
    device: str = "auto"
    threads: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        counts = (self.height, self.width, self.working_frames, self.repeats, *self.objects, len(self.objects))
        _check_threads(self.threads)
        if min(counts) < 1:
            raise ValueError(f"expected sizes and counts of at least 1, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetConfig:
    """A picture of a run: frames side by side under the masks that were written.

    Args:
        run: the run folder.
        output: the picture to write, .png or .jpg; None makes it sheet.png in the run folder.
        columns: frames shown of each sequence, spread evenly.
        width: of each frame in the picture, in pixels.
    """

    run: str
    output: str | None = None
    columns: int = 5
    width: int = 336

    def __post_init__(self) -> None:
        if min(self.columns, self.width) < 1:
            raise ValueError(f"expected columns and width of at least 1, got {self.columns} and {self.width}")


def register_schemas() -> None:
    """Tell Hydra the types, so that an unknown key or a value of a wrong type fails as the YAML is composed."""
    store = ConfigStore.instance()
    store.store(name="cell_schema", node=_schema(CellConfig))
    store.store(name="score_schema", node=_schema(ScoreConfig))
    store.store(name="speed_schema", node=_schema(SpeedConfig))
    store.store(name="sheet_schema", node=_schema(SheetConfig))


def to_config(composed: DictConfig, kind: type[Config]) -> Config:
    """The composed YAML as a frozen dataclass.

    Raises:
        InputError: a key is unknown, or a value is missing, of a wrong type or out of range.
    """
    values = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    if unknown := _unknown_keys(values, kind):
        raise InputError(f"configuration: expected keys of {kind.__name__}, found {', '.join(unknown)}")
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise InputError(f"configuration: {error}") from error


def to_model_config(sizes: dict[str, Any]) -> ModelConfig:
    """The sizes of an untrained variant.

    Raises:
        InputError: a size is unknown, of a wrong type or out of range.
    """
    unknown = sorted(set(sizes) - {size.name for size in fields(ModelConfig)})
    if unknown:
        raise InputError(f"configuration: expected sizes of xmem.ModelConfig in variant.untrained, found {unknown}")
    try:
        return msgspec.convert(sizes, ModelConfig)
    except msgspec.ValidationError as error:
        raise InputError(f"configuration: variant.untrained: {error}") from error


def _unknown_keys(values: Any, kind: Any) -> list[str]:
    """Keys that the dataclass does not have: `+key=value` gets them past the schema, and msgspec would drop them."""
    if not (isinstance(values, dict) and is_dataclass(kind)):
        return []
    parts = {part.name: part.type for part in fields(kind)}
    unknown = [str(key) for key in values if key not in parts]
    nested = [f"{name}.{key}" for name in parts.keys() & values for key in _unknown_keys(values[name], parts[name])]
    return unknown + sorted(nested)


def _check_threads(threads: int | None) -> None:
    """Torch crashes where it is asked for more threads than the system gives."""
    cores = os.cpu_count() or 1
    if threads is not None and not 1 <= threads <= cores:
        raise ValueError(f"expected threads in 1..{cores}, got {threads}")


def _schema(kind: type[Any]) -> DictConfig:
    """The dataclass as a typed tree that can still be written to (a frozen dataclass makes it read-only)."""
    tree: DictConfig = OmegaConf.structured(kind)
    OmegaConf.set_readonly(tree, None)
    for part in fields(kind):
        if isinstance(part.type, type) and is_dataclass(part.type):
            tree[part.name] = _schema(part.type)
    return tree
