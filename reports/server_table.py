"""The table of what evaluation servers answered, apart from all that was computed here."""

from collections.abc import Iterator, Mapping

from reports.consistency import Discrepancy, find_discrepancy
from reports.server import ServerRecord
from reports.table import Part, Table, markdown_parts, percent


def server_table(answers: Mapping[str, ServerRecord]) -> str:
    """The table and what is odd about it, in Markdown."""
    return markdown_parts(server_parts(answers))


def server_parts(answers: Mapping[str, ServerRecord]) -> list[Part]:
    """A row for each run, by its name; all of one dataset. Every heading says that the figure is the server's.

    Beneath, a sentence for each run whose figures contradict each other.
    """
    headers = ["run", *(f"{name} (server)" for name in next(iter(answers.values())).figures)]
    rows = [[run, *map(percent, answer.figures.values())] for run, answer in answers.items()]
    notes = [f"{run}: {note}" for run, answer in answers.items() for note in _contradictions(answer)]
    return [Table(headers=headers, rows=rows), *notes]


def _contradictions(answer: ServerRecord) -> Iterator[str]:
    """What is odd about the figures; nothing can be told where one of them was not given."""
    mean, *parts = answer.figures
    given = answer.given
    if given.keys() != answer.figures.keys():
        return
    found = find_discrepancy(given[mean], [given[part] for part in parts])
    if found is not None:
        shown, computed = _told_apart(found)
        yield (
            f"the server's figures contradict each other: {mean} is given as {shown}, and the mean of "
            f"{', '.join(parts[:-1])} and {parts[-1]} is {computed}."
        )


def _told_apart(found: Discrepancy) -> tuple[str, str]:
    """Both in percent, with as many decimals as it takes to see that they differ."""
    if percent(found.given) != percent(found.computed):
        return percent(found.given), percent(found.computed)
    return f"{100 * found.given:.4f}", f"{100 * found.computed:.4f}"
