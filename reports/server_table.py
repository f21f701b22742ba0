"""The table of what evaluation servers answered, apart from all that was computed here."""

from collections.abc import Mapping

from reports.server import ServerRecord
from reports.table import markdown_table, percent


def server_table(answers: Mapping[str, ServerRecord]) -> str:
    """A row for each run, by its name; all of one dataset. Every heading says that the figure is the server's."""
    headers = ["run", *(f"{name} (server)" for name in next(iter(answers.values())).figures)]
    rows = [
        [run, *("-" if figure is None else percent(figure) for figure in answer.figures.values())]
        for run, answer in answers.items()
    ]
    return markdown_table(headers, rows)
