"""Whether a measured figure reproduces the published one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reports.measured import Absent, Measured, Origin
from reports.published import PublishedFigure
from reports.records import Lack

TOLERANCE = Decimal("0.1")  # percent: one step of the last digit that is published


class Verdict(StrEnum):
    """What there is to say of a figure."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    NOT_RUN = "not run"
    INVALID = "INVALID"
    NOT_SCORED = "not scored"
    SERVER = "server"  # which alone can score it, and has not
    NOT_COMPARABLE = "not comparable"  # speeds: the page does not name its GPU
    NOT_PUBLISHED = "not published"


OF_LACK: Mapping[Lack, Verdict] = {
    Lack.RUN: Verdict.NOT_RUN,
    Lack.VALIDITY: Verdict.INVALID,
    Lack.SCORES: Verdict.NOT_SCORED,
    Lack.SERVER: Verdict.SERVER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFigure:
    """A figure, as it is published and as it was measured.

    Attributes:
        column: heading.
        published: None where the page has a dash.
        measured: or why nothing was.
        difference: measured less published, as both are printed; None where one is missing, and of speeds.
        verdict: of the two.
    """

    column: str
    published: PublishedFigure | None
    measured: Measured | Absent
    difference: Decimal | None
    verdict: Verdict


def compare_figure(column: str, published: PublishedFigure | None, measured: Measured | Absent) -> ComparedFigure:
    """Accuracies are compared as they are printed, with the digits of the published one.

    A figure is reproduced where they differ by 0.1 or by the published spread at most.
    """
    difference = None
    if published is None:
        verdict = Verdict.NOT_PUBLISHED
    elif isinstance(measured, Absent):
        verdict = OF_LACK[measured.lack]
    elif measured.origin is Origin.CLOCK:
        verdict = Verdict.NOT_COMPARABLE
    else:
        difference = printed(measured.spread.mean, published) - printed(published.value, published)
        allowed = max(TOLERANCE, printed(published.spread or 0.0, published))
        verdict = Verdict.REPRODUCED if abs(difference) <= allowed else Verdict.DIFFERS
    return ComparedFigure(column=column, published=published, measured=measured, difference=difference, verdict=verdict)


def unlisted_figure(column: str, measured: Measured | Absent) -> ComparedFigure:
    """A figure of a row that the page does not have, of which nothing is due; but what was tried says what it lacks."""
    verdict = Verdict.NOT_PUBLISHED
    if isinstance(measured, Absent) and measured.untried is None:
        verdict = OF_LACK[measured.lack]
    return ComparedFigure(column=column, published=None, measured=measured, difference=None, verdict=verdict)


def printed(value: float, like: PublishedFigure) -> Decimal:
    """The value with as many decimals as the published figure has."""
    return Decimal(f"{value:.{like.decimals}f}")
