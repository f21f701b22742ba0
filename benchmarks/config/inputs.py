"""What a cell reads: weights and videos."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from benchmarks.names import is_plain_name
from evaluators import ScoringProtocol
from xmem.config import MemoryConfig


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


def _require_plain_name(name: str, option: str) -> None:
    """It becomes part of a folder's name."""
    if not is_plain_name(name):
        raise ValueError(f"expected a plain name in {option}, found {name!r}")
