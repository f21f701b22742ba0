"""Where things are in a run folder, and reading them."""

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from evaluators import DatasetScore
from reports.determinism import DeterminismRecord
from reports.records import SCHEMA, NotRunRecord, RunRecord, SequenceRecord
from reports.server import ServerRecord, SubmissionRecord, combine_hashes

DIGEST_SHOWN = 8  # of a run's digest, in the name of its folder

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    """The part of a run's record that every version has: enough to tell whether the rest can be read."""

    schema: int


class RunFolderError(ValueError):
    """A file of a run folder is not what this version writes; the message names it."""


@dataclass(frozen=True, slots=True)
class RepeatFolder:
    """What running all sequences once leaves: `sequences/<name>.json`, `masks/<name>/<frame>.png` and `scores.json`.

    A sequence's record comes after its last mask, scores after the last sequence. Every file is written whole or not
    at all, so what is there can be trusted.
    """

    path: Path

    @property
    def scores_file(self) -> Path:
        """Scores of all sequences, per object and frame."""
        return self.path / "scores.json"

    @property
    def masks(self) -> Path:
        """A folder of masks for each sequence."""
        return self.path / "masks"

    @property
    def probabilities(self) -> Path:
        """A folder for each sequence of what its masks were made of, where it was kept."""
        return self.path / "probabilities"

    def sequence_file(self, name: str) -> Path:
        """The record of one finished sequence."""
        return self.path / "sequences" / f"{name}.json"

    def read_sequence(self, name: str) -> SequenceRecord | None:
        """The record of a sequence; None while it is not finished."""
        path = self.sequence_file(name)
        return _read(path, SequenceRecord, called=SequenceRecord.__name__) if path.exists() else None

    def read_scores(self) -> DatasetScore | None:
        """The scores; None where there are none, yet or ever (no truth)."""
        path = self.scores_file
        return _read(path, DatasetScore, called=DatasetScore.__name__) if path.exists() else None


@dataclass(frozen=True, slots=True)
class RunFolder(RepeatFolder):
    """A run: `run.json`, which comes first, `table.md`, and what the first of its repeats left.

    Of further repeats there are `repeats/<number>`, without the masks that are those of the first, and what came of
    comparing them in `determinism.json`. `submission.json` and `server.json` are there where the masks went to an
    evaluation server.
    """

    @property
    def run_file(self) -> Path:
        """What ran, and where."""
        return self.path / "run.json"

    @property
    def determinism_file(self) -> Path:
        """Whether repeats had the same masks."""
        return self.path / "determinism.json"

    @property
    def table_file(self) -> Path:
        """The scores as a Markdown table."""
        return self.path / "table.md"

    @property
    def submission_file(self) -> Path:
        """What was packed for an evaluation server."""
        return self.path / "submission.json"

    @property
    def server_file(self) -> Path:
        """What an evaluation server answered."""
        return self.path / "server.json"

    def repeat(self, number: int) -> RepeatFolder:
        """The folder of one repeat, counted from 1; the first is the run's own."""
        return self if number == 1 else RepeatFolder(self.path / "repeats" / str(number))

    def read_run(self) -> RunRecord:
        """What ran, and where.

        Raises:
            RunFolderError: the file is damaged, or of another schema.
        """
        found = _read(self.run_file, _Versioned, called=RunRecord.__name__).schema
        if found != SCHEMA:
            raise RunFolderError(
                f"{self.run_file}: expected schema {SCHEMA}, found {found}; read it with the version that wrote it, "
                "or run the cell again"
            )
        return _read(self.run_file, RunRecord, called=RunRecord.__name__)

    def read_sequences(self, repeat: int = 1) -> list[SequenceRecord]:
        """The records of the sequences that are finished in a repeat, in the order of the run."""
        names, folder = self.read_run().dataset.sequences, self.repeat(repeat)
        return [record for name in names if (record := folder.read_sequence(name)) is not None]

    def read_determinism(self) -> DeterminismRecord | None:
        """Whether repeats had the same masks; None where there was but one."""
        path = self.determinism_file
        return _read(path, DeterminismRecord, called=DeterminismRecord.__name__) if path.exists() else None

    def read_submission(self) -> SubmissionRecord | None:
        """What was packed for an evaluation server; None where nothing was."""
        path = self.submission_file
        return _read(path, SubmissionRecord, called=SubmissionRecord.__name__) if path.exists() else None

    def read_server(self) -> ServerRecord | None:
        """What an evaluation server answered; None where nothing was recorded.

        Raises:
            RunFolderError: the file is damaged, or the answer is to other masks than those of this run.
        """
        path = self.server_file
        if not path.exists():
            return None
        server = _read(path, ServerRecord, called=ServerRecord.__name__)
        if server.masks_sha256 != combine_hashes({one.name: one.masks_sha256 for one in self.read_sequences()}):
            raise RunFolderError(
                f"{path}: expected the server's answer to the masks of this run, found that to others; "
                "finish the run as it was, or remove the file"
            )
        return server


def run_folder(root: Path, run: RunRecord) -> RunFolder:
    """Where a run belongs below `root`, the folder that holds all run folders."""
    return RunFolder(root / run.dataset.name / f"{run.name}-{run.digest[:DIGEST_SHOWN]}")


def find_runs(root: Path) -> list[RunFolder]:
    """Every run folder below `root`, by path."""
    return [RunFolder(path.parent) for path in sorted(root.glob("*/*/run.json"))]


def find_runs_of(root: Path, *, dataset: str, name: str) -> list[RunFolder]:
    """The run folders of one cell, by path: they differ in what their hash is over."""
    digests = "?" * DIGEST_SHOWN
    return [RunFolder(path.parent) for path in sorted((root / dataset).glob(f"{glob.escape(name)}-{digests}/run.json"))]


def not_run_file(root: Path, *, dataset: str, name: str, checkpoint: str) -> Path:
    """Where it is written that a cell could not be run; its name needs no hash, for which something was missing."""
    return root / dataset / f"{name}-{Path(checkpoint).stem}.not_run.json"


def find_not_run(root: Path) -> list[Path]:
    """The file of every cell below `root` that could not be run when it was last tried, by path."""
    return sorted(root.glob("*/*.not_run.json"))


def read_not_run(path: Path) -> NotRunRecord:
    """The record of a cell that could not be run.

    Raises:
        RunFolderError: it is damaged.
    """
    return _read(path, NotRunRecord, called=NotRunRecord.__name__)


def _read(path: Path, kind: type[Record], *, called: str) -> Record:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RunFolderError(
            f"{path}: expected a {called} as this version writes it, found a damaged or foreign file ({error}); "
            "remove it to have it made again"
        ) from error
    except OSError as error:
        raise RunFolderError(f"{path}: expected a {called}, cannot read it: {error.strerror}") from error
