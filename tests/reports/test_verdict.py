from decimal import Decimal

import pytest

from reports.measured import Absent, Measured, Origin
from reports.published import PublishedFigure
from reports.records import Lack
from reports.spread import Source, spread_of
from reports.verdict import Verdict, compare_figure, unlisted_figure


def measured(value: float, origin: Origin = Origin.HERE) -> Measured:
    spread = spread_of([value], source=Source.TRAINING_RUNS)
    return Measured(spread=spread, origin=origin, devices="Some CPU", runs=("run",))


def published(value: float = 86.2, spread: float | None = None) -> PublishedFigure:
    return PublishedFigure(value=value, decimals=1, spread=spread)


@pytest.mark.parametrize(
    ("value", "spread", "difference", "verdict"),
    [
        (86.2, None, "0.0", Verdict.REPRODUCED),
        (86.34, None, "0.1", Verdict.REPRODUCED),  # printed, it is 86.3
        (86.36, None, "0.2", Verdict.DIFFERS),
        (86.06, None, "-0.1", Verdict.REPRODUCED),
        (86.0, None, "-0.2", Verdict.DIFFERS),
        (86.6, 0.4, "0.4", Verdict.REPRODUCED),
        (86.7, 0.4, "0.5", Verdict.DIFFERS),
        (86.3, 0.0, "0.1", Verdict.REPRODUCED),
    ],
)
def test_a_figure_is_reproduced_within_a_tenth_or_the_published_spread(
    value: float, spread: float | None, difference: str, verdict: Verdict
) -> None:
    found = compare_figure("J&F", published(spread=spread), measured(value))
    assert (found.difference, found.verdict) == (Decimal(difference), verdict)


@pytest.mark.parametrize(
    ("lack", "verdict"),
    [(Lack.RUN, Verdict.NOT_RUN), (Lack.SCORES, Verdict.NOT_SCORED), (Lack.SERVER, Verdict.SERVER)],
)
def test_what_was_not_measured_is_neither(lack: Lack, verdict: Verdict) -> None:
    found = compare_figure("J&F", published(), Absent(lack=lack, reason="why"))
    assert (found.difference, found.verdict) == (None, verdict)


def test_speeds_are_not_judged_because_the_page_names_no_gpu() -> None:
    found = compare_figure("FPS", published(22.6), measured(22.6, Origin.CLOCK))
    assert (found.difference, found.verdict) == (None, Verdict.NOT_COMPARABLE)


def test_a_dash_of_the_page_is_not_compared() -> None:
    assert compare_figure("J", None, measured(86.2)).verdict is Verdict.NOT_PUBLISHED


@pytest.mark.parametrize("origin", [Origin.HERE, Origin.CLOCK])
def test_what_the_page_has_no_row_for_is_not_compared_either(origin: Origin) -> None:
    found = unlisted_figure("J&F", measured(86.2, origin))
    assert (found.published, found.difference, found.verdict) == (None, None, Verdict.NOT_PUBLISHED)


def test_of_what_the_page_has_no_row_for_nothing_is_due_but_what_was_tried_says_what_it_lacks() -> None:
    untried = Absent(lack=Lack.RUN, reason="there is no run mine-amp-480p yet", untried="mine-amp-480p")
    assert unlisted_figure("FPS (AMP)", untried).verdict is Verdict.NOT_PUBLISHED
    assert unlisted_figure("J&F", Absent(lack=Lack.VALIDITY, reason="why")).verdict is Verdict.INVALID
