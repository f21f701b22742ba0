"""Every published table, with what was measured of it, and of variants that it does not have."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.consistency import Discrepancy
from reports.measured import cell_name, measure
from reports.published import PublishedRow, PublishedTable, published_tables
from reports.result import Results
from reports.verdict import ComparedFigure, compare_figure, unlisted_figure


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """A variant at a resolution.

    Attributes:
        variant: name.
        resolution: name.
        listed: whether the page has this row; of others nothing is published.
        figures: in the order of the columns.
        contradictions: published means, by column, that are not those of the published parts.
    """

    variant: str
    resolution: str
    listed: bool
    figures: tuple[ComparedFigure, ...]
    contradictions: Mapping[str, Discrepancy]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTable:
    """A published table: same title, columns and rows, in the same order; then rows that the page does not have."""

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
            rows=(
                *(_compare_row(table, row, results) for row in table.rows),
                *(_unlisted_row(table, variant, results) for variant in _unlisted_variants(table, results)),
            ),
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
        listed=True,
        figures=tuple(figures),
        contradictions=row.contradictions(),
    )


def _unlisted_variants(table: PublishedTable, results: Results) -> list[str]:
    """Variants that have no row, but a run at the table's settings; drawn weights stay out, for they mean nothing."""
    listed = {row.variant for row in table.rows}
    found = set()
    for one in results.runs:
        variant = one.run.cell["variant"]
        cells = {cell_name(variant["name"], column, table.resolution) for column in table.columns}
        if one.run.dataset.name == table.dataset and one.run.name in cells and not variant["untrained"]:
            found.add(variant["name"])
    return sorted(found - listed)


def _unlisted_row(table: PublishedTable, variant: str, results: Results) -> ComparedRow:
    row = PublishedRow(variant=variant, resolution=table.resolution, figures=dict.fromkeys(table.columns))
    return ComparedRow(
        variant=variant,
        resolution=table.resolution,
        listed=False,
        figures=tuple(
            unlisted_figure(column, measure(table, row, column, results=results)) for column in table.columns
        ),
        contradictions={},
    )
