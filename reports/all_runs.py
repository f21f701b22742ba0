"""All runs: a table per dataset, a row per run, and one beneath the training runs of one variant."""

from collections.abc import Iterator, Sequence

from evaluators import DatasetScore
from reports.bootstrap import Interval, interval_source, interval_text, intervals_of_score
from reports.cell_table import invalid_notes, repeat_notes, unscored_notes
from reports.local_overall import LOCAL_FIGURES, LOCAL_NOTE, local_figures
from reports.records import NotRunRecord
from reports.result import Result, Results
from reports.server_table import server_parts
from reports.spread import Source, Spread, percent_spread, spread_by_heading, spread_label
from reports.table import Part, Section, Table, markdown_sections, percent
from reports.timing import TimingContract, contract_note, fps_spread, fps_text, step_contract
from reports.training_runs import exchanged, group_alike, training_runs
from reports.validity import Mode, why_invalid

OFFLINE = f"FPS ({TimingContract.OFFLINE})"
END_TO_END = f"FPS ({TimingContract.END_TO_END})"
SPEEDS = {"FPS": TimingContract.XMEM, OFFLINE: TimingContract.OFFLINE, END_TO_END: TimingContract.END_TO_END}
INTERVAL = "J&F, interval"
HEADERS = (
    *("run", "checkpoint", "INVALID for", "sequences", "scored", "objects"),
    *(*LOCAL_FIGURES, "J&F", INTERVAL, "J", "F"),
    *(*SPEEDS, "device"),
)
# Columns that only a table has in which some row has them.
OPTIONAL = (*LOCAL_FIGURES, "INVALID for", INTERVAL, OFFLINE)


def all_runs(results: Results) -> str:
    """A section for each dataset, in Markdown; where there is none, how to make the first run."""
    sections = run_sections(results)
    return markdown_sections(sections) if sections else "No runs yet: `make demo` makes the first."


def run_sections(results: Results) -> tuple[Section, ...]:
    """A section for each dataset. Runs that are not finished or have no truth show what they have.

    Cells of sweeps that could not be run stand under their dataset with the reason.
    """
    datasets: dict[str, list[Result]] = {}
    for result in results.runs:
        datasets.setdefault(result.run.dataset.name, []).append(result)
    missing: dict[str, list[NotRunRecord]] = {}
    for record in results.not_run:
        missing.setdefault(record.dataset, []).append(record)
    return tuple(
        Section(title=dataset, parts=tuple(_parts(datasets.get(dataset, []), missing.get(dataset, []))))
        for dataset in sorted(datasets.keys() | missing.keys())
    )


def clock_notes(results: Results) -> tuple[str, ...]:
    """What the speeds are that runs have, which no table explains for itself."""
    offline = any(_is_offline(result) for result in results.runs)
    headings = [heading for heading in SPEEDS if heading != OFFLINE or offline]
    return tuple(contract_note(SPEEDS[heading], heading) for heading in headings)


def _is_offline(result: Result) -> bool:
    return step_contract(result.timed) is TimingContract.OFFLINE


def _parts(results: Sequence[Result], not_run: Sequence[NotRunRecord]) -> Iterator[Part]:
    """What there is of a dataset: its runs, and the cells that could not be run."""
    if results:
        yield from _runs(results)
    if not_run:
        yield tuple(f"{record.lack}: {record.name} ({record.checkpoint}): {record.reason}" for record in not_run)


def _runs(results: Sequence[Result]) -> list[Part]:
    """The table of a dataset, what must be known to read it, and what its server answered."""
    groups = group_alike(results)
    rows = [row for group in groups for row in [*map(_row, group), *_spread_rows(group)]]
    headers = [heading for heading in HEADERS if heading not in OPTIONAL or any(heading in row for row in rows)]
    table = Table(headers=headers, rows=[[row.get(heading, "-") for heading in headers] for row in rows])
    answers = {result.name: result.server for result in results if result.server is not None}
    return [table, *_notes(groups, headers), *(server_parts(answers) if answers else [])]


def _row(result: Result) -> dict[str, str]:
    """The cells of a run by heading; without figures where nothing was scored."""
    run, score, records = result.run, result.score, result.records
    return {
        "run": result.name,
        "checkpoint": result.checkpoint,
        **_invalid(result),
        "sequences": f"{len(records)} of {run.dataset.whole}",
        "scored": "0" if score is None else str(len(score.sequences)),
        "objects": "-" if score is None else str(sum(len(sequence.objects) for sequence in score.sequences)),
        **{heading: percent_spread(figure) for heading, figure in _figures(result).items()},
        **({} if (interval := _interval(result)) is None else {INTERVAL: interval_text(interval)}),
        **_speeds(result),
        "device": run.devices,
    }


def _speeds(result: Result) -> dict[str, str]:
    headings = [heading for heading in SPEEDS if heading != OFFLINE or _is_offline(result)]
    return {heading: fps_text(result.timed, SPEEDS[heading]) for heading in headings}


def _invalid(result: Result) -> dict[str, str]:
    """The modes in which its figures may not stand beside published ones."""
    modes = [str(mode) for mode in Mode if why_invalid(result, mode)]
    return {"INVALID for": " and ".join(modes)} if modes else {}


def _interval(result: Result) -> Interval | None:
    intervals = None if result.score is None else intervals_of_score(result.score)
    return None if intervals is None else intervals.j_and_f


def _figures(result: Result) -> dict[str, Spread | None]:
    """By heading; over repeats where their masks differ, none where nothing was scored."""
    values = [_fractions(score) for score in result.scores]
    return spread_by_heading(values, source=Source.REPEATS) if values else {}


def _fractions(score: DatasetScore) -> dict[str, float | None]:
    local = {} if score.overall is None else local_figures(score.overall)
    return local | {"J&F": score.j_and_f, "J": score.j_mean, "F": score.f_mean}


def _spread_rows(group: Sequence[Result]) -> list[dict[str, str]]:
    """Rows beneath runs that differ in their checkpoint alone; none where fewer than two were scored."""
    runs, *others = training_runs(group)
    if len(runs) < 2 or group[0].score is None or others:
        return []
    values = [
        {heading: None if figure is None else figure.mean for heading, figure in _figures(result).items()}
        for result in runs
    ]
    spreads = spread_by_heading(values, source=Source.TRAINING_RUNS)
    label = spread_label(next(spread for spread in spreads.values() if spread is not None))  # J&F is never missing
    means = {heading: percent_spread(spread) for heading, spread in spreads.items()}
    medians = {heading: percent(None if spread is None else spread.median) for heading, spread in spreads.items()}
    first = _row(group[0])
    row = first | {heading: "-" for heading in ("checkpoint", INTERVAL, *SPEEDS) if heading in first}
    name = group[0].run.name
    return [row | {"run": f"{name}: {label}"} | means, row | {"run": f"{name}: median"} | medians]


def _notes(groups: Sequence[Sequence[Result]], headers: Sequence[str]) -> list[str]:
    """What local figures are, and what of the figures is not as it seems."""
    notes = [note for group in groups for result in group for note in _notes_on(result)]
    intervals = [interval for group in groups for one in group if (interval := _interval(one)) is not None]
    sources = dict.fromkeys(f"{INTERVAL}: {interval_source(interval)}." for interval in intervals)
    timed = [spread for group in groups for one in group if (spread := fps_spread(one.timed, step_contract(one.timed)))]
    scatters = dict.fromkeys(f"FPS: {spread_label(spread)}." for spread in timed if spread.std is not None)
    warnings = [
        f"No ± for {group[0].run.name}: {', '.join(names)} was not the same file in all of its runs."
        for group in groups
        if (names := exchanged(group))
    ]
    return [*([LOCAL_NOTE] if set(LOCAL_FIGURES) & set(headers) else []), *sources, *scatters, *notes, *warnings]


def _notes_on(result: Result) -> Iterator[str]:
    """Why a run has no G, what it is not of, and what was odd about its input."""
    overall = None if result.score is None else result.score.overall
    if overall is not None and overall.reason is not None:
        yield f"{result.name}: no G, because {overall.reason}."
    for note in (*invalid_notes(result), *unscored_notes(result.score, result.records), *repeat_notes(result)):
        yield f"{result.name}: {note}"
    for record in result.records:
        yield from (f"{result.name}: {record.name}: {remark}." for remark in record.remarks)
