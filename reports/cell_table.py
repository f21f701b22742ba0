"""The table of one run: every sequence, and all of them."""

from collections.abc import Mapping, Sequence

from evaluators import DatasetScore
from reports.bootstrap import interval_label, interval_text, intervals_of_score
from reports.local_overall import overall_table
from reports.records import DatasetRecord, SequenceRecord
from reports.result import Result, read_result
from reports.run_folder import RunFolder
from reports.server_table import server_table
from reports.spread import Source, percent_spread, spread_label, spread_of
from reports.table import markdown_table, percent
from reports.timing import fps_text, step_contract
from reports.timing_table import timing_tables
from reports.validity import Mode, why_invalid

FIGURES = ("J&F", "J", "F")


def score_table(score: DatasetScore, *, speeds: Mapping[str, str] | None = None) -> str:
    """J&F, J and F of each sequence, and their means over all objects; below, where there is one, the local G.

    Args:
        score: what was scored.
        speeds: FPS by sequence to be shown beside the scores, and of all under the empty name. Sequences that were not
            scored get a row all the same.
    """
    rows = {
        sequence.name: [str(len(sequence.objects)), *_figures(sequence.j_and_f, sequence.j_mean, sequence.f_mean)]
        for sequence in score.sequences
    }
    objects = sum(len(sequence.objects) for sequence in score.sequences)
    rows[""] = [str(objects), *_figures(score.j_and_f, score.j_mean, score.f_mean)]
    headers = ["sequence", "objects", *FIGURES]
    if speeds is not None:
        rows = {name: [*rows.get(name, ["-"] * 4), fps] for name, fps in speeds.items()}
        headers.append("FPS")
    table = markdown_table(headers, [[name or "**all**", *row] for name, row in rows.items()])
    parts = _interval_parts(score)
    parts += [] if score.overall is None else [overall_table(score.overall)]
    return "\n\n".join([table, *parts])


def _interval_parts(score: DatasetScore) -> list[str]:
    intervals = intervals_of_score(score)
    if intervals is None:
        return []
    texts = [
        f"{name}: {interval_text(one)}"
        for name, one in zip(FIGURES, (intervals.j_and_f, intervals.j, intervals.f), strict=True)
    ]
    return [f"{', '.join(texts)} ({interval_label(intervals.j_and_f)})."]


def run_table(folder: RunFolder) -> str:
    """What a finished run came to, with a line above the table that says what was run; below, a server's answer."""
    result = read_result(folder)
    answered = [] if result.server is None else [server_table({result.name: result.server})]
    return "\n\n".join([*_local_parts(result), *timing_tables(result.timed), *answered]) + "\n"


def _local_parts(result: Result) -> list[str]:
    run, score, records = result.run, result.score, result.records
    contract = step_contract(result.timed)
    speeds = {record.name: fps_text(_alone(record.name, result), contract) for record in records}
    speeds[""] = fps_text(result.timed, contract)
    scored = 0 if score is None else len(score.sequences)
    title = (
        f"{result.name} on {run.dataset.name}: {len(records)} of {run.dataset.whole} sequences, "
        f"{scored} scored, on {run.devices}"
    )
    if score is not None:
        table = score_table(score, speeds=speeds)
    else:
        rows = [[record.name, str(len(record.labels)), speeds[record.name]] for record in records]
        table = markdown_table(["sequence", "objects", "FPS"], [*rows, ["**all**", "", speeds[""]]])
    remarks = [f"{record.name}: {remark}." for record in records for remark in record.remarks]
    return [title, table, *invalid_notes(result), *unscored_notes(score, records), *remarks, *repeat_notes(result)]


def _alone(name: str, result: Result) -> list[list[SequenceRecord]]:
    """The records of one sequence, of each repeat."""
    return [[one for one in records if one.name == name] for records in result.timed]


def repeat_notes(result: Result) -> list[str]:
    """What came of repeats: that they had the same masks, or how far their scores scatter."""
    if result.determinism is None:
        return []
    spread = spread_of([one.j_and_f for one in result.scores], source=Source.REPEATS) if result.scores else None
    if spread is None or spread.std is None:
        return [f"Masks of repeats: {result.determinism.verdict}."]
    scatter = f"J&F {percent_spread(spread)}, {spread_label(spread)}"
    return [
        f"Masks of repeats: {result.determinism.verdict}; {scatter}.",
        "Figures of sequences and objects are those of the first repeat, and so are intervals.",
    ]


def invalid_notes(result: Result) -> list[str]:
    """Why the run may not stand beside published figures, and for which of them."""
    modes: dict[str, list[Mode]] = {}
    for mode in Mode:
        for reason in why_invalid(result, mode):
            modes.setdefault(reason, []).append(mode)
    return [f"INVALID for {' and '.join(each)}: {reason}." for reason, each in modes.items()]


def unscored_notes(score: DatasetScore | None, records: Sequence[SequenceRecord]) -> list[str]:
    """A sentence where a part was scored: a mean over it must not pass for one over all."""
    scored = set() if score is None else {sequence.name for sequence in score.sequences}
    others = [record.name for record in records if record.name not in scored]
    return [f"Not scored: {', '.join(others)}."] if scored and others else []


def shortfall_notes(dataset: DatasetRecord) -> list[str]:
    """A sentence where the copy of the dataset is not complete: figures over less must not pass for those over all."""
    return [] if dataset.shortfall is None else [f"Not the complete dataset: {dataset.shortfall}."]


def _figures(*fractions: float) -> list[str]:
    return [percent(fraction) for fraction in fractions]
