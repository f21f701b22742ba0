"""All that a run came to, read from its folder."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePath
from typing import TypeVar

from evaluators import DatasetScore
from reports.determinism import DeterminismRecord
from reports.records import NotRunRecord, RunRecord, SequenceRecord
from reports.run_folder import RunFolder, RunFolderError, find_not_run, find_runs, read_not_run
from reports.server import ServerRecord

Place = TypeVar("Place")
Record = TypeVar("Record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """What came of running the sequences once more.

    Attributes:
        records: of all sequences.
        score: where its masks are not those of the first; None where they are, or nothing was scored.
    """

    records: Sequence[SequenceRecord]
    score: DatasetScore | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run and what came of it.

    Attributes:
        folder: where it is.
        name: of its folder.
        run: what ran.
        score: computed here; None where nothing was scored.
        records: of the sequences that are finished.
        repeats: further ones that are finished, in order.
        determinism: whether these had the same masks, as far as they were compared; None where there was but one.
        server: what an evaluation server answered; None where nothing was recorded.
    """

    folder: RunFolder
    name: str
    run: RunRecord
    score: DatasetScore | None
    records: Sequence[SequenceRecord]
    repeats: Sequence[Repeat]
    determinism: DeterminismRecord | None
    server: ServerRecord | None

    @property
    def timed(self) -> list[list[SequenceRecord]]:
        """The records of each repeat, the first among them."""
        return [list(self.records), *(list(one.records) for one in self.repeats)]

    @property
    def scores(self) -> list[DatasetScore]:
        """Scores over which there is a spread: of each repeat where their masks differ, else the only one, if any."""
        if self.score is None:
            return []
        if self.determinism is None or self.determinism.deterministic:
            return [self.score]
        others = {one.repeat for one in self.determinism.differences}
        compared = self.repeats[: self.determinism.n - 1]
        found = [one.score if number in others else self.score for number, one in enumerate(compared, 2)]
        return [self.score, *(score for score in found if score is not None)]

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
    run, records, score = folder.read_run(), folder.read_sequences(), folder.read_scores()
    if score is not None:
        _require_own(folder, score, records)
    return Result(
        folder=folder,
        name=folder.path.name,
        run=run,
        score=score,
        records=records,
        repeats=tuple(_read_repeats(folder, finished=len(records))),
        determinism=folder.read_determinism(),
        server=folder.read_server(),
    )


def _require_own(folder: RunFolder, score: DatasetScore, records: Sequence[SequenceRecord]) -> None:
    """Raises RunFolderError where frames were scored that the run did not write."""
    written = {record.name: set(record.frames) for record in records}
    for sequence in score.sequences:
        for one in sequence.objects:
            if strange := set(one.frames) - written.get(sequence.name, set(one.frames)):
                raise RunFolderError(
                    f"{folder.scores_file}: expected scores of frames that the run wrote, found frame {min(strange)} "
                    f"of {sequence.name}, which it did not; run the cell again to have it scored anew"
                )


def _read_repeats(folder: RunFolder, *, finished: int) -> Iterator[Repeat]:
    """Those in which all sequences are finished that the first has."""
    for number in count(2):
        records = folder.read_sequences(repeat=number)
        if len(records) < max(finished, 1):
            return
        yield Repeat(records=records, score=folder.repeat(number).read_scores())
