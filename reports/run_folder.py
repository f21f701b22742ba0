"""Where things are in a run folder, and reading them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from evaluators import DatasetScore
from reports.records import SCHEMA, RunRecord, SequenceRecord

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    """The part of a run's record that every version has: enough to tell whether the rest can be read."""

    schema: int


class RunFolderError(ValueError):
    """A file of a run folder is not what this version writes; the message names it."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`run.json`, `sequences/<name>.json`, `masks/<name>/<frame>.png`, `scores.json` and `table.md`.

    `run.json` comes first, a sequence's record after its last mask, scores after the last sequence. Every file is
    written whole or not at all, so what is there can be trusted.
    """

    path: Path

    @property
    def run_file(self) -> Path:
        """What ran, and where."""
        return self.path / "run.json"

    @property
    def scores_file(self) -> Path:
        """Scores of all sequences, per object and frame."""
        return self.path / "scores.json"

    @property
    def table_file(self) -> Path:
        """The scores as a Markdown table."""
        return self.path / "table.md"

    @property
    def masks(self) -> Path:
        """A folder of masks for each sequence."""
        return self.path / "masks"

    def sequence_file(self, name: str) -> Path:
        """The record of one finished sequence."""
        return self.path / "sequences" / f"{name}.json"

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

    def read_sequence(self, name: str) -> SequenceRecord | None:
        """The record of a sequence; None while it is not finished."""
        path = self.sequence_file(name)
        return _read(path, SequenceRecord, called=SequenceRecord.__name__) if path.exists() else None

    def read_sequences(self) -> list[SequenceRecord]:
        """The records of the sequences that are finished, in the order of the run."""
        names = self.read_run().dataset.sequences
        return [record for name in names if (record := self.read_sequence(name)) is not None]

    def read_scores(self) -> DatasetScore | None:
        """The scores; None where there are none, yet or ever (no truth)."""
        path = self.scores_file
        return _read(path, DatasetScore, called=DatasetScore.__name__) if path.exists() else None


def find_runs(root: Path) -> list[RunFolder]:
    """Every run folder below `root`, by path."""
    return [RunFolder(path.parent) for path in sorted(root.glob("*/*/run.json"))]


def _read(path: Path, kind: type[Record], *, called: str) -> Record:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.MsgspecError as error:
        raise RunFolderError(
            f"{path}: expected a {called} as this version writes it, found a damaged or foreign file ({error}); "
            "remove it to have it made again"
        ) from error
    except OSError as error:
        raise RunFolderError(f"{path}: expected a {called}, cannot read it: {error.strerror}") from error
