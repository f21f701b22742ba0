"""Our figures against those of the official DAVIS scorer, object by object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from reports.table import markdown_table

FIGURES = ("J mean", "J recall", "J decay", "F mean", "F recall", "F decay")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFigure:
    """One figure of one object, by both; None is a NaN of the official decay."""

    object: str
    figure: str
    ours: float | None
    official: float | None

    @property
    def equal(self) -> bool:
        """Bit for bit."""
        return self.ours == self.official

    @property
    def difference(self) -> float:
        """Absolute; infinite where only one of them is a number."""
        if self.ours is None or self.official is None:
            return 0.0 if self.equal else float("inf")
        return abs(self.ours - self.official)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialCheckRecord:
    """What came of a cross-check.

    Args:
        command: as it was typed.
        checked: date and time with time zone (ISO 8601).
        masks: what was scored.
        dataset: its name.
        official: the checkout of the official package.
        commit: of it; None where it is not known.
        seconds_ours: that our scoring took, reading included.
        seconds_official: that the official package took, its start included.
        figures: of every object.
    """

    command: str
    checked: str
    masks: str
    dataset: str
    official: str
    commit: str | None
    seconds_ours: float
    seconds_official: float
    figures: tuple[CheckedFigure, ...]

    @property
    def different(self) -> tuple[CheckedFigure, ...]:
        """Those that are not equal, the furthest apart first."""
        found = [one for one in self.figures if not one.equal]
        return tuple(sorted(found, key=lambda one: one.difference, reverse=True))


def pair_figures(
    ours: Mapping[str, Sequence[float | None]], official: Mapping[str, Sequence[float | None]]
) -> tuple[CheckedFigure, ...]:
    """Every figure of every object.

    Args:
        ours: in the order of FIGURES, by object.
        official: likewise.

    Raises:
        ValueError: they are not of the same objects.
    """
    if list(ours) != list(official):
        alone = sorted(ours.keys() ^ official.keys())
        raise ValueError(f"expected the same objects, found {', '.join(alone[:5]) or 'another order'}")
    return tuple(
        CheckedFigure(object=name, figure=figure, ours=one, official=other)
        for name in ours
        for figure, one, other in zip(FIGURES, ours[name], official[name], strict=True)
    )


def check_table(record: OfficialCheckRecord) -> str:
    """A row for each figure: how many objects agree; beneath, the verdict."""
    rows = []
    for figure in FIGURES:
        each = [one for one in record.figures if one.figure == figure]
        rows.append(
            [
                figure,
                str(len(each)),
                str(sum(one.equal for one in each)),
                f"{max(one.difference for one in each):.2g}",
                _mean([one.ours for one in each]),
                _mean([one.official for one in each]),
            ]
        )
    headers = ["figure", "objects", "equal", "largest difference", "our mean", "official mean"]
    return f"{markdown_table(headers, rows)}\n\n{_verdict(record)}"


def _verdict(record: OfficialCheckRecord) -> str:
    if not record.different:
        return f"All {len(record.figures)} figures are equal, bit for bit."
    first = record.different[0]
    return (
        f"{len(record.different)} of {len(record.figures)} figures differ, most {first.figure} of {first.object}: "
        f"{first.ours} here, {first.official} officially."
    )


def _mean(values: Sequence[float | None]) -> str:
    numbers = [value for value in values if value is not None]
    return f"{fmean(numbers):.6f}" if len(numbers) == len(values) else "nan"
