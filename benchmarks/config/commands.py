"""What the commands beside `benchmarks.run` are told."""

from dataclasses import dataclass, field

from benchmarks.config.cell import PathsConfig, ResolutionConfig, check_threads
from benchmarks.config.inputs import DatasetConfig, VariantConfig
from benchmarks.training.config import TrainingConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """Masks that already exist, to be scored against a dataset.

    Args:
        masks: a folder with a folder of masks for each sequence, a run folder, a zip, or an archive of masks.
        dataset: the truth.
        sequences: names of the sequences to score; all of them where it is left out.
        processes: that score side by side; None is one for each processor, where there is enough to score.
        paths: folders; scores are written below `paths.runs`.
    """

    masks: str
    dataset: DatasetConfig
    sequences: tuple[str, ...] | None = None
    processes: int | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        if self.processes is not None and self.processes < 1:
            raise ValueError(f"expected processes >= 1, got {self.processes}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareConfig:
    """Two sets of masks that already exist, to be compared.

    Args:
        masks: the first (A): a folder with a folder of masks for each sequence, a run folder, a zip, or an archive.
        other: the second (B), likewise.
        dataset: what they are masks of; without truth, only their agreement is looked at.
        sequences: names of the sequences to compare; all of them where it is left out.
        paths: folders; the record is written below `paths.runs`.
    """

    masks: str
    other: str
    dataset: DatasetConfig
    sequences: tuple[str, ...] | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOfficialConfig:
    """Masks to be scored here and by the official package.

    Args:
        official: the checkout of davis2017-evaluation.
        masks: a folder with a folder of masks for each sequence, a run folder, a zip, or an archive of masks; None is
            the newest run on the dataset that was scored.
        python: an interpreter that has the packages which the checkout needs; None is that of this command.
        dataset: the truth, under one of the DAVIS protocols.
        sequences: names of the sequences to score; all of them where it is left out.
        paths: folders; the record is written below `paths.runs`.
    """

    dataset: DatasetConfig
    official: str | None = None
    masks: str | None = None
    python: str | None = None
    sequences: tuple[str, ...] | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskArchiveConfig:
    """Masks to be packed into one file.

    Args:
        masks: a run folder, which has to be finished; a folder with a folder of masks for each sequence, a zip, or
            another archive.
        output: the file to write, .json or .json.gz.
    """

    masks: str
    output: str

    def __post_init__(self) -> None:
        if not self.output.endswith((".json", ".json.gz")):
            raise ValueError(f"expected an output that ends in .json or .json.gz, got {self.output}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchConfig:
    """What is fetched, and how it is checked.

    Args:
        variant: whose checkpoints are fetched; None is of no variant.
        dataset: whose archives are fetched; None is of no dataset.
        full_resolution: whether the dataset's archives are fetched too that only sizes other than 480p need.
        keep: whether archives are kept when they are unpacked.
        timeout: seconds that a server may be silent.
        attempts: how often in a row a server may be asked in vain.
        paths: folders; checkpoints are put below `paths.weights`, datasets below `paths.data`.
    """

    variant: VariantConfig | None = None
    dataset: DatasetConfig | None = None
    full_resolution: bool = False
    keep: bool = False
    timeout: float = 30.0
    attempts: int = 5
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        if self.timeout <= 0 or self.attempts < 1:
            raise ValueError(f"expected timeout > 0 and attempts >= 1, got {self.timeout} and {self.attempts}")
        if self.full_resolution and self.dataset is None:
            raise ValueError("expected dataset=NAME with full_resolution=true, found none")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetConfig:
    """A picture of a run: frames side by side under the masks that were written.

    Args:
        run: the run folder.
        data: the folder that holds all datasets; None is where it was when the run was made.
        output: the picture to write, .png or .jpg; None makes it sheet.png in the run folder.
        columns: frames shown of each sequence, spread evenly.
        width: of each frame in the picture, in pixels.
    """

    run: str
    data: str | None = None
    output: str | None = None
    columns: int = 5
    width: int = 336

    def __post_init__(self) -> None:
        if min(self.columns, self.width) < 1:
            raise ValueError(f"expected columns and width of at least 1, got {self.columns} and {self.width}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsConfig:
    """Where results are read from.

    Args:
        runs: holds all run folders.
    """

    runs: str = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageConfig:
    """The results page: all runs there are, in one file.

    Args:
        output: the page to write.
        data: a folder that holds datasets, for their frames; one not in it is where it was when the run was made.
        paths: where runs are read from.
    """

    output: str = "report.html"
    data: str | None = None
    paths: RunsConfig = field(default_factory=RunsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunConfig:
    """A run to be repeated from its own record.

    Args:
        run: the run folder.
        output: a folder for the new run, which gets one of its own in it; None is `reruns` beside the run's dataset.
        data: the folder that holds all datasets; None is where it was when the run was made.
        weights: the folder of the checkpoint; None likewise.
    """

    run: str
    output: str | None = None
    data: str | None = None
    weights: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitConfig:
    """Masks for an evaluation server, or what it answered.

    Args:
        run: the run folder; None where masks were made elsewhere.
        masks: folder with a folder of PNG files for each sequence, instead of a run; these very files are packed.
        dataset: what the masks are of; None where a run says it.
        answer: the text that the server gave for the masks of the run (lines, CSV, a table or JSON), to be recorded;
            None makes the zip.
        output: the zip to write; None makes it submission.zip in the run folder.
        data: for a run: the folder that holds all datasets; None is where it was when the run was made.
        paths: for masks made elsewhere: folders.
    """

    run: str | None = None
    masks: str | None = None
    dataset: DatasetConfig | None = None
    answer: str | None = None
    output: str | None = None
    data: str | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorConfig:
    """What is looked through.

    Args:
        dataset: the one to look at; None with no variant either is all that there are.
        variant: the one whose checkpoints to look at; None with no dataset either is all that there are.
        thorough: whether every image is decoded, and not only its first and last bytes looked at.
        paths: folders.
    """

    dataset: DatasetConfig | None = None
    variant: VariantConfig | None = None
    thorough: bool = False
    paths: PathsConfig = field(default_factory=PathsConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConfig:
    """Runs of single passes, to be merged into one of all.

    Args:
        runs: run folders that kept their probabilities.
        resolution: the passes, each of which one of the runs must have.
        data: the folder that holds all datasets; None is where it was when the first run was made.
        paths: folders; the merged run is written below `paths.runs`.
    """

    runs: tuple[str, ...]
    resolution: ResolutionConfig
    data: str | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise ValueError(f"expected two run folders or more in runs=[...], got {list(self.runs)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A network to be trained from nothing on drawn clips.

    Args:
        name: of the folder for the weights, the log and the state, below `training` in `paths.runs`.
        training: what is trained, and how.
        device: `auto` takes the GPU if there is one.
        paths: folders.
    """

    name: str = "tiny"
    training: TrainingConfig = field(default_factory=TrainingConfig)
    device: str = "auto"
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        check_threads(self.training.threads)
