"""Sections of tables in LaTeX, with the rules of the package booktabs; notes beneath a table become comments."""

from collections.abc import Iterable, Iterator, Sequence

from reports.table import Part, Section, Table

# Signs that mean something else to LaTeX, or nothing.
SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
    **{sign: f"\\{sign}" for sign in "&_%#${}"},
}


def latex_sections(sections: Iterable[Section]) -> str:
    """A tabular for each table, under the title of its section."""
    lines = [line for section in sections for line in (*_comment(section.title), *_lines(section.parts), "")]
    return "\n".join(lines)


def _lines(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Table):
            yield from _tabular(part)
        else:
            for note in [part] if isinstance(part, str) else part:
                yield from _comment(note)


def _comment(text: str) -> Iterator[str]:
    """A comment ends with its line."""
    return (f"% {line}" for line in text.splitlines())


def _tabular(table: Table) -> Iterator[str]:
    text = sum(heading == "" for heading in table.headers) or 1  # columns without a heading hold names
    yield f"\\begin{{tabular}}{{{'l' * text}{'r' * (len(table.headers) - text)}}}"
    yield from ("\\toprule", _row(table.headers), "\\midrule")
    yield from map(_row, table.rows)
    yield from ("\\bottomrule", "\\end{tabular}")


def _row(cells: Sequence[str]) -> str:
    line = " & ".join("".join(SIGNS.get(sign, sign) for sign in cell) for cell in cells) + r" \\"
    return f"{{}}{line}" if line.startswith("[") else line  # or it would be an option of the line before
