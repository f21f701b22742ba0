"""Tables in Markdown."""

from collections.abc import Sequence

from tabulate import tabulate


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A GitHub table whose first column is text and whose others are figures; every cell is shown as given."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    align = ["left"] + ["right"] * (len(headers) - 1)
    return tabulate(escaped, headers=list(headers), tablefmt="pipe", disable_numparse=True, colalign=align)


def percent(fraction: float | None) -> str:
    """A score in 0..1 as the field prints it: percent, one decimal; a dash where there is none."""
    return "-" if fraction is None else f"{100 * fraction:.1f}"
