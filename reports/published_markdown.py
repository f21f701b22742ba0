"""Published tables beside what was measured: as sections, and these in Markdown."""

from collections.abc import Iterator, Sequence

from reports.measured import Absent, Measured, Origin
from reports.published_comparison import ComparedRow, ComparedTable
from reports.spread import spread_label
from reports.table import Part, Section, Table, markdown_sections
from reports.verdict import ComparedFigure, Verdict

ACCURACY_DECIMALS, SPEED_DECIMALS = 1, 2
MARKS = {
    Origin.SERVER: " (server)",
    Origin.LOCAL: " (local)",
}  # who computed a figure, where it was not this code alone


def published_markdown(tables: Sequence[ComparedTable]) -> str:
    """A section for each table, in Markdown."""
    return markdown_sections(published_sections(tables))


def published_sections(tables: Sequence[ComparedTable]) -> tuple[Section, ...]:
    """A section for each table."""
    return tuple(Section(title=table.title, parts=tuple(_parts(table))) for table in tables)


def _parts(table: ComparedTable) -> Iterator[Part]:
    """The table, its footnotes, what must be known of the figures, and why others are missing."""
    yield Table(headers=["", "", *table.columns], rows=[line for row in table.rows for line in _lines(row, table)])
    notes = [f"[{number}] {note}" for number, note in enumerate(_contradictions(table), 1)]
    yield from (*notes, *_measurements(table))
    if reasons := tuple(_reasons(table)):
        yield reasons


def _lines(row: ComparedRow, table: ComparedTable) -> Iterator[list[str]]:
    """What is published; and what was measured, if anything was. Of a row of ours there is nothing to differ from."""
    name = row_name(row) if row.listed else f"{row_name(row)} (not a published variant)"
    yield [name, "published", *(_published(one, row, table) for one in row.figures)]
    if all(isinstance(one.measured, Absent) for one in row.figures):
        yield ["", "measured", *(_verdict_alone(one) for one in row.figures)]
        return
    yield ["", "measured", *(_measured(one) for one in row.figures)]
    if row.listed:
        yield ["", "difference", *map(_difference_text, row.figures)]


def row_name(row: ComparedRow) -> str:
    """The variant, and the resolution."""
    return f"{row.variant}, {row.resolution}"


def _published(figure: ComparedFigure, row: ComparedRow, table: ComparedTable) -> str:
    if figure.published is None:
        return "-"
    flagged = [(one.variant, one.resolution, column) for one, column in _flagged(table)]
    this = (row.variant, row.resolution, figure.column)
    return f"{figure.published.text} [{flagged.index(this) + 1}]" if this in flagged else figure.published.text


def _flagged(table: ComparedTable) -> list[tuple[ComparedRow, str]]:
    return [(row, column) for row in table.rows for column in row.contradictions]


def _contradictions(table: ComparedTable) -> Iterator[str]:
    """A footnote for each published mean that is not one."""
    for row, column in _flagged(table):
        found = row.contradictions[column]
        yield (
            f"{row_name(row)}: the page's {column} is {found.given:.1f}, but the mean of its parts is "
            f"{found.computed:.2f}: it contradicts itself."
        )


def _measured(figure: ComparedFigure) -> str:
    if isinstance(figure.measured, Absent):
        return _verdict_alone(figure)
    return _measured_text(figure) + MARKS.get(figure.measured.origin, "")


def _measured_text(figure: ComparedFigure) -> str:
    """The mean, and the deviation where there are several runs; a dash where nothing was measured."""
    if isinstance(figure.measured, Absent):
        return "-"
    spread = figure.measured.spread
    mean = _text(figure.measured, spread.mean)
    return mean if spread.std is None else f"{mean} ± {_text(figure.measured, spread.std)} (n = {spread.n})"


def _text(measured: Measured, value: float) -> str:
    return f"{value:.{SPEED_DECIMALS if measured.origin is Origin.CLOCK else ACCURACY_DECIMALS}f}"


def _verdict_alone(figure: ComparedFigure) -> str:
    return "-" if figure.verdict is Verdict.NOT_PUBLISHED else str(figure.verdict)


def _difference_text(figure: ComparedFigure) -> str:
    """The difference and the verdict; of speeds, of which none is due, their ratio."""
    if figure.difference is not None:
        return f"{figure.difference:+} {figure.verdict}" if figure.difference else f"0.0 {figure.verdict}"
    if figure.verdict is Verdict.NOT_COMPARABLE and isinstance(figure.measured, Measured) and figure.published:
        return f"{figure.measured.spread.mean / figure.published.value:.2f}x"
    return "-"


def _measurements(table: ComparedTable) -> Iterator[str]:
    """What must be known to read the measured figures: the ± and the devices."""
    for row in table.rows:
        measured = [(one.column, one.measured) for one in row.figures if isinstance(one.measured, Measured)]
        labels = dict.fromkeys(spread_label(one.spread) for _, one in measured if one.spread.std is not None)
        speeds = [f"{column} on {one.devices}" for column, one in measured if one.origin is Origin.CLOCK]
        medians = [f"{column} {_text(one, one.spread.median)}" for column, one in measured if one.spread.n > 1]
        sentences = [*(f"±: {label}" for label in labels), *_listed("median", medians), *speeds]
        if sentences:
            yield f"{row_name(row)}: {'; '.join(sentences)}."


def _listed(title: str, items: Sequence[str]) -> list[str]:
    return [f"{title}: {', '.join(items)}"] if items else []


def _reasons(table: ComparedTable) -> Iterator[str]:
    """Why figures are missing: a line for all that nobody has tried, and one for each reason of a row."""
    absent = [(row, one.verdict, one.measured) for row, one in _missing(table) if isinstance(one.measured, Absent)]
    if untried := dict.fromkeys(one.untried for _, _, one in absent if one.untried is not None):
        yield f"no such runs yet: {', '.join(untried)}"
    tried = dict.fromkeys((row_name(row), verdict, one.reason) for row, verdict, one in absent if one.untried is None)
    yield from (f"{name}: {verdict}: {reason}" for name, verdict, reason in tried)


def _missing(table: ComparedTable) -> Iterator[tuple[ComparedRow, ComparedFigure]]:
    """Published figures that nothing was measured of."""
    for row in table.rows:
        for figure in row.figures:
            if isinstance(figure.measured, Absent) and figure.verdict is not Verdict.NOT_PUBLISHED:
                yield row, figure
