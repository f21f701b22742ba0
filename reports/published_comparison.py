"""Every published table, with what was measured of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.consistency import Discrepancy
from reports.measured import measure
from reports.published import PublishedRow, PublishedTable, published_tables
from reports.result import Results
from reports.verdict import ComparedFigure, compare_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """A variant at a resolution.

    Attributes:
        variant: name.
        resolution: name.
        figures: in the order of the columns.
        contradictions: published means, by column, that are not those of the published parts.
    """

    variant: str
    resolution: str
    figures: tuple[ComparedFigure, ...]
    contradictions: Mapping[str, Discrepancy]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTable:
    """A published table: same title, columns and rows, in the same order."""

    title: str
    dataset: str
    columns: tuple[str, ...]
    rows: tuple[ComparedRow, ...]


def compare_tables(results: Results) -> tuple[ComparedTable, ...]:
    """All tables of the results page, be there runs or not."""
    return tuple(
        ComparedTable(
            title=table.title,
            dataset=table.dataset,
            columns=table.columns,
            rows=tuple(_compare_row(table, row, results) for row in table.rows),
        )
        for table in published_tables()
    )


def _compare_row(table: PublishedTable, row: PublishedRow, results: Results) -> ComparedRow:
    figures = [
        compare_figure(column, figure, measure(table, row, column, results=results))
        for column, figure in row.figures.items()
    ]
    return ComparedRow(
        variant=row.variant,
        resolution=row.resolution,
        figures=tuple(figures),
        contradictions=row.contradictions(),
    )
