"""Tables, and sections of them, that every page prints in its own way; here, in Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tabulate import tabulate


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as they are printed; the first column is text, the others are figures."""

    headers: Sequence[str]
    rows: Sequence[Sequence[str]]


# A table, a paragraph, or the lines of a list.
Part = Table | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under one heading."""

    title: str
    parts: tuple[Part, ...]


def markdown_sections(sections: Iterable[Section]) -> str:
    """Sections under headings of the third level."""
    return "\n\n".join(f"### {section.title}\n\n{markdown_parts(section.parts)}" for section in sections)


def markdown_parts(parts: Iterable[Part]) -> str:
    """Parts, one below the other."""
    return "\n\n".join(map(_markdown_part, parts))


def _markdown_part(part: Part) -> str:
    if isinstance(part, Table):
        return markdown_table(part.headers, part.rows)
    return part if isinstance(part, str) else "\n".join(f"- {line}" for line in part)


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A GitHub table whose first column is text and whose others are figures; every cell is shown as given."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    align = ["left"] + ["right"] * (len(headers) - 1)
    return tabulate(escaped, headers=list(headers), tablefmt="pipe", disable_numparse=True, colalign=align)


def percent(fraction: float | None) -> str:
    """A score in 0..1 as the field prints it: percent, one decimal; a dash where there is none."""
    return "-" if fraction is None else f"{100 * fraction:.1f}"
