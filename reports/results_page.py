"""All runs on one page: a table per dataset, a row per run, and one beneath the training runs of one variant."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from evaluators import DatasetScore
from reports.local_overall import LOCAL_FIGURES, LOCAL_NOTE, local_figures
from reports.records import NotRunRecord, RunRecord, SequenceRecord
from reports.run_folder import RunFolder, RunFolderError
from reports.server import ServerRecord
from reports.server_table import server_table
from reports.spread import percent_spread, spread_label
from reports.table import markdown_table, percent
from reports.throughput import fps
from reports.training_runs import all_but_checkpoint, spread_by_heading

HEADERS = ("run", "checkpoint", "sequences", "scored", "objects", *LOCAL_FIGURES, "J&F", "J", "F", "FPS", "device")
OPTIONAL = LOCAL_FIGURES  # columns that only a table has in which some row has them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """All that is shown of one run."""

    name: str
    run: RunRecord
    score: DatasetScore | None
    records: Sequence[SequenceRecord]
    server: ServerRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    """A Markdown page, and the records that could not be read for it, in a line each."""

    text: str
    unread: tuple[str, ...]


def results_page(folders: Iterable[RunFolder], not_run: Iterable[NotRunRecord] = ()) -> ResultsPage:
    """Runs that are not finished or have no truth show what they have; those that cannot be read are named.

    Args:
        folders: of all runs.
        not_run: cells of sweeps that could not be run; each stands under its dataset with the reason.
    """
    datasets: dict[str, list[_Result]] = {}
    unread: list[str] = []
    for folder in folders:
        try:
            result = _read(folder)
        except RunFolderError as error:
            unread.append(" ".join(str(error).split()))
        else:
            datasets.setdefault(result.run.dataset.name, []).append(result)
    missing: dict[str, list[NotRunRecord]] = {}
    for record in not_run:
        missing.setdefault(record.dataset, []).append(record)
    sections = [
        f"## {dataset}\n\n{_section(datasets.get(dataset, []), missing.get(dataset, []))}\n"
        for dataset in sorted(datasets.keys() | missing.keys())
    ]
    if unread:
        sections.append("## Not read\n\n" + "".join(f"- {line}\n" for line in unread))
    text = "# Results\n\n" + ("\n".join(sections) if sections else "No runs yet: `make demo` makes the first.\n")
    return ResultsPage(text=text, unread=tuple(unread))


def _read(folder: RunFolder) -> _Result:
    return _Result(
        name=folder.path.name,
        run=folder.read_run(),
        score=folder.read_scores(),
        records=folder.read_sequences(),
        server=folder.read_server(),
    )


def _section(results: Sequence[_Result], not_run: Sequence[NotRunRecord]) -> str:
    """What there is of a dataset: its runs, and the cells that could not be run."""
    parts = [_runs(results)] if results else []
    if not_run:
        parts.append(
            "\n".join(f"- {record.lack}: {record.name} ({record.checkpoint}): {record.reason}" for record in not_run)
        )
    return "\n\n".join(parts)


def _runs(results: Sequence[_Result]) -> str:
    """The table of a dataset, what must be known to read it, and what its server answered."""
    alike: dict[bytes, list[_Result]] = {}
    for result in results:
        alike.setdefault(all_but_checkpoint(result.run, result.score), []).append(result)
    rows = [row for group in alike.values() for row in [*map(_row, group), *_spread_rows(group)]]
    headers = [heading for heading in HEADERS if heading not in OPTIONAL or any(heading in row for row in rows)]
    table = markdown_table(headers, [[row.get(heading, "-") for heading in headers] for row in rows])
    answers = {result.name: result.server for result in results if result.server is not None}
    return "\n\n".join([table, *_notes(tuple(alike.values()), headers), *([server_table(answers)] if answers else [])])


def _row(result: _Result) -> dict[str, str]:
    """The cells of a run by heading; without figures where nothing was scored."""
    run, score, records = result.run, result.score, result.records
    return {
        "run": result.name,
        "checkpoint": _checkpoint(result),
        "sequences": f"{len(records)} of {run.dataset.whole}",
        "scored": "0" if score is None else str(len(score.sequences)),
        "objects": "-" if score is None else str(sum(len(sequence.objects) for sequence in score.sequences)),
        **{heading: percent(figure) for heading, figure in _figures(score).items()},
        "FPS": fps(records),
        "device": run.devices,
    }


def _figures(score: DatasetScore | None) -> dict[str, float | None]:
    """Fractions by heading."""
    if score is None:
        return {}
    local = {} if score.overall is None else local_figures(score.overall)
    return local | {"J&F": score.j_and_f, "J": score.j_mean, "F": score.f_mean}


def _spread_rows(group: Sequence[_Result]) -> list[dict[str, str]]:
    """The row beneath runs that differ in their checkpoint alone; none where fewer than two were scored."""
    by_checkpoint = {result.run.checkpoint.sha256: result for result in group}
    if len(by_checkpoint) < 2 or group[0].score is None or _exchanged(group):
        return []
    spreads = spread_by_heading([_figures(result.score) for result in by_checkpoint.values()])
    label = spread_label(next(spread for spread in spreads.values() if spread is not None))  # J&F is never missing
    figures = {heading: percent_spread(spread) for heading, spread in spreads.items()}
    return [_row(group[0]) | {"run": f"{group[0].run.name}: {label}", "checkpoint": "-", "FPS": "-"} | figures]


def _checkpoint(result: _Result) -> str:
    """The name of its file."""
    return PurePath(result.run.checkpoint.path).name


def _exchanged(group: Sequence[_Result]) -> list[str]:
    """Names of checkpoints that were other files in other runs: these are no training runs of one variant."""
    files = Counter(name for name, _ in {(_checkpoint(result), result.run.checkpoint.sha256) for result in group})
    return sorted(name for name, count in files.items() if count > 1)


def _notes(groups: Sequence[Sequence[_Result]], headers: Sequence[str]) -> list[str]:
    """What local figures are, why a run has no G, and what is not as it seems."""
    exchanged = [
        f"No ± for {group[0].run.name}: {', '.join(names)} was not the same file in all of its runs."
        for group in groups
        if (names := _exchanged(group))
    ]
    results = [result for group in groups for result in group]
    shortfalls = [
        f"{result.name}: not the complete dataset: {shortfall}."
        for result in results
        if (shortfall := result.run.dataset.shortfall) is not None
    ]
    reasons = [
        f"{result.name}: no G, because {result.score.overall.reason}."
        for result in results
        if result.score is not None and result.score.overall is not None and result.score.overall.reason is not None
    ]
    return [*([LOCAL_NOTE] if set(LOCAL_FIGURES) & set(headers) else []), *reasons, *shortfalls, *exchanged]
