"""Published tables beside what was measured, for other programs: CSV, JSON and LaTeX."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields

import msgspec

from reports.latex import latex_sections
from reports.measured import Measured
from reports.published_comparison import ComparedRow, ComparedTable
from reports.published_markdown import published_sections
from reports.verdict import ComparedFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFigure:
    """A figure on its own: all that the tables say of it. Percent, or frames per second.

    Attributes:
        table: title of the published table.
        dataset: our name of it.
        variant: likewise.
        resolution: likewise.
        listed: whether the page has a row for the variant.
        column: heading.
        published: None where the page has a dash, or no row.
        published_spread: what follows its ±; the page does not say what it is.
        published_mean_of_parts: what the published mean should be, where it contradicts its parts.
        measured: mean over the values; None where nothing was measured.
        median: of the same values.
        std: deviation of them; None for n < 2.
        n: number of values.
        source: what differed between them.
        estimator: of `std`.
        origin: who computed the figure.
        devices: what it was computed on.
        runs: names of their folders.
        difference: measured less published, as both are printed.
        verdict: of the two.
        reason: why nothing was measured.
    """

    table: str
    dataset: str
    variant: str
    resolution: str
    listed: bool
    column: str
    published: float | None
    published_spread: float | None
    published_mean_of_parts: float | None
    measured: float | None
    median: float | None
    std: float | None
    n: int
    source: str | None
    estimator: str | None
    origin: str | None
    devices: str | None
    runs: tuple[str, ...]
    difference: float | None
    verdict: str
    reason: str | None


def exported_figures(tables: Sequence[ComparedTable]) -> Iterator[ExportedFigure]:
    """Every figure of every table, in the order of the page."""
    for table in tables:
        for row in table.rows:
            yield from (_exported(table, row, figure) for figure in row.figures)


def to_csv(tables: Sequence[ComparedTable]) -> str:
    """A line for each figure; runs are parted by blanks."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [part.name for part in fields(ExportedFigure)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(one) | {"runs": " ".join(one.runs)} for one in exported_figures(tables))
    return text.getvalue()


def to_json(tables: Sequence[ComparedTable]) -> str:
    """A list of figures."""
    content = msgspec.json.encode(list(exported_figures(tables)))
    return msgspec.json.format(content, indent=2).decode() + "\n"


def to_latex(tables: Sequence[ComparedTable]) -> str:
    """The tables as they are in Markdown: same cells, same footnotes."""
    return latex_sections(published_sections(tables))


def _exported(table: ComparedTable, row: ComparedRow, figure: ComparedFigure) -> ExportedFigure:
    published = figure.published
    contradiction = row.contradictions.get(figure.column)
    measured = figure.measured if isinstance(figure.measured, Measured) else None
    return ExportedFigure(
        table=table.title,
        dataset=table.dataset,
        variant=row.variant,
        resolution=row.resolution,
        listed=row.listed,
        column=figure.column,
        published=None if published is None else published.value,
        published_spread=None if published is None else published.spread,
        published_mean_of_parts=None if contradiction is None else contradiction.computed,
        measured=None if measured is None else measured.spread.mean,
        median=None if measured is None else measured.spread.median,
        std=None if measured is None else measured.spread.std,
        n=0 if measured is None else measured.spread.n,
        source=None if measured is None else measured.spread.source,
        estimator=None if measured is None or measured.spread.std is None else measured.spread.estimator,
        origin=None if measured is None else measured.origin,
        devices=None if measured is None else measured.devices,
        runs=() if measured is None else measured.runs,
        difference=None if figure.difference is None else float(figure.difference),
        verdict=figure.verdict,
        reason=None if isinstance(figure.measured, Measured) else figure.measured.reason,
    )
