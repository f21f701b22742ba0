"""What the commands beside `benchmarks.run` are told."""

from dataclasses import dataclass, field

from benchmarks.config.cell import (
    DatasetConfig,
    EngineConfig,
    PathsConfig,
    PrecisionConfig,
    ResolutionConfig,
    VariantConfig,
    check_threads,
)
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


def _require_one_checkpoint(variant: VariantConfig) -> None:
    """What is measured is one network."""
    if len(variant.checkpoints) > 1:
        raise ValueError(f"expected one file in variant.checkpoints, got {list(variant.checkpoints)}")
