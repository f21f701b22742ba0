"""What was published: the results page of the reference, as data (`published.toml`)."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from reports.consistency import Discrepancy, GivenFigure, find_discrepancy

DATA = Path(__file__).with_name("published.toml")
FIGURE = re.compile(r"(?P<value>\d+(?:\.(?P<decimals>\d+))?)(?:±(?P<spread>\d+(?:\.\d+)?))?")
NO_FIGURE = "-"

# The column that is a mean, and those that it is the mean of.
MEANS: Mapping[str, Sequence[str]] = {
    "J&F": ("J", "F"),
    "G": ("J-Seen", "F-Seen", "J-Unseen", "F-Unseen"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFigure:
    """A figure as the page prints it.

    Attributes:
        value: in percent, or in frames per second.
        decimals: how many it is printed with.
        spread: what follows its ±; None where nothing does.
    """

    value: float
    decimals: int
    spread: float | None

    @property
    def unit(self) -> float:
        """What one step of its last digit is worth."""
        return 10.0**-self.decimals

    @property
    def text(self) -> str:
        """As the page prints it."""
        value = f"{self.value:.{self.decimals}f}"
        return value if self.spread is None else f"{value} ± {self.spread:.{self.decimals}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRow:
    """A variant at a resolution, and its figures by column; None where the page has a dash."""

    variant: str
    resolution: str
    figures: Mapping[str, PublishedFigure | None]

    def contradictions(self) -> Mapping[str, Discrepancy]:
        """Columns whose figure is not the mean of those that it should be the mean of, beyond rounding."""
        found = {column: self._discrepancy(column, parts) for column, parts in MEANS.items() if column in self.figures}
        return {column: discrepancy for column, discrepancy in found.items() if discrepancy is not None}

    def _discrepancy(self, column: str, parts: Sequence[str]) -> Discrepancy | None:
        mean, *others = (self.figures[name] for name in (column, *parts))
        given = [GivenFigure(value=one.value, unit=one.unit) for one in (mean, *others) if one is not None]
        return find_discrepancy(given[0], given[1:]) if len(given) == 1 + len(parts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """A table of the page.

    Attributes:
        title: above it.
        dataset: our name of it.
        resolution: our name of that of its rows, but for those that say another.
        columns: in the page's order, under its headings.
        rows: in the page's order.
    """

    title: str
    dataset: str
    resolution: str
    columns: tuple[str, ...]
    rows: tuple[PublishedRow, ...]


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """A table as the file has it."""

    title: str
    dataset: str
    resolution: str
    columns: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]


def published_tables() -> tuple[PublishedTable, ...]:
    """All tables of the page, in its order."""
    tables = msgspec.convert(tomllib.loads(DATA.read_text(encoding="utf-8"))["table"], tuple[_Table, ...])
    return tuple(
        PublishedTable(
            title=table.title,
            dataset=table.dataset,
            resolution=table.resolution,
            columns=table.columns,
            rows=tuple(_row(name, figures, table) for name, figures in table.rows.items()),
        )
        for table in tables
    )


def _row(name: str, figures: tuple[str, ...], table: _Table) -> PublishedRow:
    variant, _, resolution = name.partition("@")
    return PublishedRow(
        variant=variant,
        resolution=resolution or table.resolution,
        figures={column: _figure(text) for column, text in zip(table.columns, figures, strict=True)},
    )


def _figure(text: str) -> PublishedFigure | None:
    if text == NO_FIGURE:
        return None
    match = FIGURE.fullmatch(text)
    if match is None:
        raise ValueError(f"{DATA}: expected figures as 91.5, 89.8±0.2 or -, got {text!r}")
    spread = match["spread"]
    return PublishedFigure(
        value=float(match["value"]),
        decimals=len(match["decimals"] or ""),
        spread=None if spread is None else float(spread),
    )
