"""What was measured of a published figure: found among all runs, or why there is nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluators import DatasetScore
from reports.published import PublishedRow, PublishedTable
from reports.records import Lack, NotRunRecord
from reports.result import Result, Results
from reports.spread import Source, Spread, spread_of
from reports.throughput import throughput
from reports.training_runs import training_runs

SPEEDS: Mapping[str, str] = {"FPS": "fp32", "FPS (AMP)": "amp"}  # columns of speed, and the precision that they are of
ACCURATE = "fp32"  # the precision of all other columns

OF_SCORE: Mapping[str, Callable[[DatasetScore], float | None]] = {
    "J&F": lambda score: score.j_and_f,
    "J": lambda score: score.j_mean,
    "F": lambda score: score.f_mean,
    "G": lambda score: None if score.overall is None else score.overall.g,
    "J-Seen": lambda score: None if score.overall is None else score.overall.j_seen,
    "F-Seen": lambda score: None if score.overall is None else score.overall.f_seen,
    "J-Unseen": lambda score: None if score.overall is None else score.overall.j_unseen,
    "F-Unseen": lambda score: None if score.overall is None else score.overall.f_unseen,
}


class Origin(StrEnum):
    """Who computed a figure."""

    HERE = "here"
    LOCAL = "local"  # here, of a score whose official code is not public
    SERVER = "server"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure in the unit of the published one.

    Attributes:
        spread: over training runs, or of one run (n = 1).
        origin: who computed it.
        devices: what the runs ran on, by model name.
        runs: names of their folders.
    """

    spread: Spread
    origin: Origin
    devices: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Why nothing was measured.

    Attributes:
        lack: what is lacking.
        reason: in one line.
        untried: of a cell that nobody has tried, the name of its runs; None of others.
    """

    lack: Lack
    reason: str
    untried: str | None = None


def measure(
    table: PublishedTable,
    row: PublishedRow,
    column: str,
    *,
    results: Results,
) -> Measured | Absent:
    """The figure of the newest runs that are of this very cell, over the whole dataset.

    Args:
        table: that the figure is published in.
        row: likewise.
        column: likewise.
        results: all that there are.
    """
    name = f"{row.variant}-{SPEEDS.get(column, ACCURATE)}-{row.resolution}"
    of_cell = [one for one in results.runs if (one.run.dataset.name, one.run.name) == (table.dataset, name)]
    whole = [one for one in of_cell if one.lack is None]
    if not whole:
        return _absent(name, table, of_cell, results.not_run)
    found = {one.name: _figure(one, column) for one in whole}
    with_figure = [one for one in whole if found[one.name] is not None]
    if not with_figure:
        return _unscored(whole, name, table, results.not_run)
    newest = max(training_runs(with_figure), key=lambda runs: max(one.run.started for one in runs))
    figures = {one.name: figure for one in newest if (figure := found[one.name]) is not None}
    origins = {figure.origin for figure in figures.values()}
    origin = Origin.SERVER if Origin.SERVER in origins else origins.pop()
    chosen = [one for one in newest if figures[one.name].origin is origin]
    return Measured(
        spread=spread_of(
            [figures[one.name].value for one in chosen],
            source=Source.TIMING if column in SPEEDS else Source.TRAINING_RUNS,
        ),
        origin=origin,
        devices=", ".join(dict.fromkeys(one.run.devices for one in chosen)),
        runs=tuple(one.name for one in chosen),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    value: float
    origin: Origin


def _figure(result: Result, column: str) -> _Figure | None:
    """In percent or frames per second; the server's goes before one that was computed here."""
    if column in SPEEDS:
        if not any(record.milliseconds for record in result.records):
            return None
        return _Figure(value=throughput(result.records).fps, origin=Origin.CLOCK)
    answered = {} if result.server is None else {name.lower(): one for name, one in result.server.figures.items()}
    if (fraction := answered.get(column.lower())) is not None:
        return _Figure(value=100 * fraction, origin=Origin.SERVER)
    if result.score is None or len(result.score.sequences) < result.run.dataset.whole:
        return None
    fraction = OF_SCORE[column](result.score)
    local = result.score.overall is not None
    return None if fraction is None else _Figure(value=100 * fraction, origin=Origin.LOCAL if local else Origin.HERE)


def _absent(name: str, table: PublishedTable, partial: Sequence[Result], not_run: Sequence[NotRunRecord]) -> Absent:
    if partial:
        return Absent(lack=Lack.RUN, reason=f"{partial[-1].name}: {partial[-1].lack}")
    for record in not_run:
        if (record.dataset, record.name) == (table.dataset, name):
            return Absent(lack=record.lack, reason=record.reason)
    return Absent(lack=Lack.RUN, reason=f"there is no run {name} yet", untried=name)


def _unscored(whole: Sequence[Result], name: str, table: PublishedTable, not_run: Sequence[NotRunRecord]) -> Absent:
    for record in not_run:
        if (record.dataset, record.name, record.lack) == (table.dataset, name, Lack.SCORES):
            return Absent(lack=Lack.SCORES, reason=record.reason)
    if whole[-1].run.dataset.submission is not None:
        return Absent(lack=Lack.SERVER, reason=f"{whole[-1].name}: no answer of the evaluation server is recorded")
    return Absent(lack=Lack.SCORES, reason=f"{whole[-1].name}: not every sequence was scored")
