"""The table of one run: every sequence, and all of them."""

from evaluators import DatasetScore
from reports.run_folder import RunFolder
from reports.table import markdown_table, percent
from reports.throughput import fps

FIGURES = ("J&F", "J", "F")


def score_table(score: DatasetScore, *, speeds: dict[str, str] | None = None) -> str:
    """J&F, J and F of each sequence, and their means over all objects.

    Args:
        score: what was scored.
        speeds: FPS by sequence, and of all under the empty name, to be shown beside the scores.
    """
    rows = [
        [sequence.name, str(len(sequence.objects)), *map(percent, (sequence.j_and_f, sequence.j_mean, sequence.f_mean))]
        for sequence in score.sequences
    ]
    objects = sum(len(sequence.objects) for sequence in score.sequences)
    rows.append(["**all**", str(objects), *map(percent, (score.j_and_f, score.j_mean, score.f_mean))])
    headers = ["sequence", "objects", *FIGURES]
    if speeds is not None:
        headers.append("FPS")
        for row, name in zip(rows, [*(sequence.name for sequence in score.sequences), ""], strict=True):
            row.append(speeds[name])
    return markdown_table(headers, rows)


def run_table(folder: RunFolder) -> str:
    """What a finished run came to, with a line above the table that says what was run."""
    run, score = folder.read_run(), folder.read_scores()
    records = folder.read_sequences()
    speeds = {record.name: fps([record]) for record in records} | {"": fps(records)}
    shown = len(run.dataset.sequences)
    part = "all" if shown == run.dataset.available else f"{shown} of {run.dataset.available}"
    title = (
        f"{run.cell['variant']['name']} on {run.dataset.name} ({part} sequences), {run.cell['precision']['name']}, "
        f"{run.cell['resolution']['name']}, on {run.environment.gpu or run.environment.cpu}"
    )
    if score is not None:
        table = score_table(score, speeds=speeds)
    else:
        rows = [[record.name, str(len(record.labels)), speeds[record.name]] for record in records]
        table = markdown_table(["sequence", "objects", "FPS"], [*rows, ["**all**", "", speeds[""]]])
    return f"{title}\n\n{table}\n"
