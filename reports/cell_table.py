"""The table of one run: every sequence, and all of them."""

from collections.abc import Mapping, Sequence

from evaluators import DatasetScore
from reports.local_overall import overall_table
from reports.records import DatasetRecord, SequenceRecord
from reports.run_folder import RunFolder
from reports.server_table import server_table
from reports.table import markdown_table, percent
from reports.throughput import fps

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
    return table if score.overall is None else f"{table}\n\n{overall_table(score.overall)}"


def run_table(folder: RunFolder) -> str:
    """What a finished run came to, with a line above the table that says what was run; below, a server's answer."""
    server = folder.read_server()
    answered = "" if server is None else f"\n{server_table({folder.path.name: server})}\n"
    return f"{_local_table(folder)}{answered}"


def _local_table(folder: RunFolder) -> str:
    run, score, records = folder.read_run(), folder.read_scores(), folder.read_sequences()
    speeds = {record.name: fps([record]) for record in records} | {"": fps(records)}
    scored = 0 if score is None else len(score.sequences)
    title = (
        f"{folder.path.name} on {run.dataset.name}: {len(records)} of {run.dataset.whole} sequences, "
        f"{scored} scored, on {run.devices}"
    )
    if score is not None:
        table = score_table(score, speeds=speeds)
    else:
        rows = [[record.name, str(len(record.labels)), speeds[record.name]] for record in records]
        table = markdown_table(["sequence", "objects", "FPS"], [*rows, ["**all**", "", speeds[""]]])
    remarks = [f"{record.name}: {remark}." for record in records for remark in record.remarks]
    notes = [*shortfall_notes(run.dataset), *unscored_notes(score, records), *remarks]
    return "\n\n".join([title, table, *notes]) + "\n"


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
