"""What was measured of a published figure: found among all runs, or why there is nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from evaluators import DatasetScore
from reports.published import PublishedRow, PublishedTable
from reports.records import Lack, NotRunRecord
from reports.result import Result, Results
from reports.spread import Source, Spread, spread_of
from reports.timing import fps_values
from reports.training_runs import training_runs
from reports.validity import Mode, why_invalid

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


def cell_name(variant: str, column: str, resolution: str) -> str:
    """Of the runs that a figure is measured by: with the column's precision, and with the paper's memory."""
    return f"{variant}-{SPEEDS.get(column, ACCURATE)}-{resolution}"


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
    name = cell_name(row.variant, column, row.resolution)
    mode = Mode.PERFORMANCE if column in SPEEDS else Mode.ACCURACY
    of_cell = [one for one in results.runs if (one.run.dataset.name, one.run.name) == (table.dataset, name)]
    valid = [one for one in of_cell if not why_invalid(one, mode)]
    if not valid:
        return _absent(name, table, of_cell, results.not_run, mode=mode)
    found = {one.name: _figure(one, column) for one in valid}
    with_figure = [one for one in valid if found[one.name] is not None]
    if not with_figure:
        return _unscored(valid, name, table, results.not_run)
    newest = max(training_runs(with_figure), key=lambda runs: max(one.run.began for one in runs))
    figures = {one.name: figure for one in newest if (figure := found[one.name]) is not None}
    origins = {figure.origin for figure in figures.values()}
    origin = Origin.SERVER if Origin.SERVER in origins else origins.pop()
    chosen = [one for one in newest if figures[one.name].origin is origin]
    return Measured(
        spread=_spread([figures[one.name] for one in chosen]),
        origin=origin,
        devices=", ".join(dict.fromkeys(one.run.devices for one in chosen)),
        runs=tuple(one.name for one in chosen),
    )


def _spread(figures: Sequence["_Figure"]) -> Spread:
    """Of speed, over all that was timed; else over training runs, or what the repeats of the only one came to."""
    if figures[0].origin is Origin.CLOCK:
        return spread_of([value for figure in figures for value in figure.values], source=Source.TIMING)
    if len(figures) > 1:
        return spread_of([fmean(figure.values) for figure in figures], source=Source.TRAINING_RUNS)
    return spread_of(figures[0].values, source=Source.REPEATS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    """Of one run: a value for each of its repeats, where these differ."""

    values: tuple[float, ...]
    origin: Origin


def _figure(result: Result, column: str) -> _Figure | None:
    """In percent or frames per second; the server's goes before one that was computed here."""
    if column in SPEEDS:
        speeds = fps_values(result.timed)
        return _Figure(values=tuple(speeds), origin=Origin.CLOCK) if speeds else None
    answered = {} if result.server is None else {name.lower(): one for name, one in result.server.figures.items()}
    if (fraction := answered.get(column.lower())) is not None:
        return _Figure(values=(100 * fraction,), origin=Origin.SERVER)
    whole = [score for score in result.scores if len(score.sequences) >= result.run.dataset.whole]
    fractions = [fraction for score in whole if (fraction := OF_SCORE[column](score)) is not None]
    if not fractions:
        return None
    return _Figure(
        values=tuple(100 * fraction for fraction in fractions),
        origin=Origin.HERE if whole[0].overall is None else Origin.LOCAL,
    )


def _absent(
    name: str, table: PublishedTable, invalid: Sequence[Result], not_run: Sequence[NotRunRecord], *, mode: Mode
) -> Absent:
    if invalid:
        newest = max(invalid, key=lambda one: one.run.began)
        return Absent(lack=Lack.VALIDITY, reason=f"{newest.name}: {'; '.join(why_invalid(newest, mode))}")
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
