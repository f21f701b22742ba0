"""All runs on one page: a table per dataset, a row per run."""

from collections.abc import Iterable

from reports.run_folder import RunFolder
from reports.table import markdown_table, percent
from reports.throughput import fps

HEADERS = ("run", "sequences", "scored", "objects", "J&F", "J", "F", "FPS", "device")


def results_page(folders: Iterable[RunFolder]) -> str:
    """A Markdown page. Runs that are not finished or have no truth show what they have.

    Raises:
        RunFolderError: a record is damaged.
    """
    tables: dict[str, list[list[str]]] = {}
    for folder in folders:
        tables.setdefault(folder.read_run().dataset.name, []).append(_row(folder))
    sections = [f"## {dataset}\n\n{markdown_table(HEADERS, rows)}\n" for dataset, rows in sorted(tables.items())]
    return "# Results\n\n" + ("\n".join(sections) if sections else "No runs yet: `make demo` makes the first.\n")


def _row(folder: RunFolder) -> list[str]:
    run, score, records = folder.read_run(), folder.read_scores(), folder.read_sequences()
    figures = ["-"] * 3 if score is None else list(map(percent, (score.j_and_f, score.j_mean, score.f_mean)))
    objects = "-" if score is None else str(sum(len(sequence.objects) for sequence in score.sequences))
    return [
        folder.path.name,
        f"{len(records)} of {run.dataset.available}",
        "0" if score is None else str(len(score.sequences)),
        objects,
        *figures,
        fps(records),
        run.environment.gpu or run.environment.cpu,
    ]
