"""All that a run came to, read from its folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeVar

from evaluators import DatasetScore
from reports.records import NotRunRecord, RunRecord, SequenceRecord
from reports.run_folder import RunFolder, RunFolderError, find_not_run, find_runs, read_not_run
from reports.server import ServerRecord

Place = TypeVar("Place")
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run and what came of it.

    Attributes:
        folder: where it is.
        name: of its folder.
        run: what ran.
        score: computed here; None where nothing was scored.
        records: of the sequences that are finished.
        server: what an evaluation server answered; None where nothing was recorded.
    """

    folder: RunFolder
    name: str
    run: RunRecord
    score: DatasetScore | None
    records: Sequence[SequenceRecord]
    server: ServerRecord | None

    @property
    def checkpoint(self) -> str:
        """The name of its file."""
        return PurePath(self.run.checkpoint.path).name

    @property
    def lack(self) -> str | None:
        """What it lacks to be a run over the whole dataset, in words; None where it lacks nothing."""
        if self.run.dataset.shortfall is not None:
            return self.run.dataset.shortfall
        if len(self.records) < self.run.dataset.whole:
            return f"{len(self.records)} of {self.run.dataset.whole} sequences were run"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All that there is to report of.

    Attributes:
        runs: that can be read.
        not_run: cells of sweeps that could not be run, or not be scored.
        unread: of records that cannot be read, a line each that says why not.
    """

    runs: tuple[Result, ...] = ()
    not_run: tuple[NotRunRecord, ...] = ()
    unread: tuple[str, ...] = ()


def read_results(root: Path) -> Results:
    """All that is below the folder of runs; what cannot be read keeps nothing else out."""
    unread: list[str] = []
    return Results(
        runs=tuple(_read_each(find_runs(root), read_result, unread)),
        not_run=tuple(_read_each(find_not_run(root), read_not_run, unread)),
        unread=tuple(unread),
    )


def _read_each(places: Iterable[Place], read: Callable[[Place], Record], unread: list[str]) -> Iterator[Record]:
    for place in places:
        try:
            yield read(place)
        except RunFolderError as error:
            unread.append(" ".join(str(error).split()))


def read_result(folder: RunFolder) -> Result:
    """Raises RunFolderError where a record is damaged, or of another version."""
    return Result(
        folder=folder,
        name=folder.path.name,
        run=folder.read_run(),
        score=folder.read_scores(),
        records=folder.read_sequences(),
        server=folder.read_server(),
    )
