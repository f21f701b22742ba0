from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.consistency import GivenFigure, find_discrepancy


def figures(*values: float, unit: float = 0.1) -> list[GivenFigure]:
    return [GivenFigure(value=value, unit=unit) for value in values]


@pytest.mark.parametrize(
    ("mean", "parts"),
    [
        (81.0, (77.4, 84.5)),  # 80.95
        (91.5, (90.4, 92.7)),  # 91.55
        (85.7, (84.6, 89.3, 80.2, 88.7)),  # exactly
        (84.2, (83.8, 88.3, 78.1, 86.7)),  # 84.225
        (80.2, (80.1, 80.1)),  # the very edge, as binary fractions even beyond it: 80.15, and all but 80.15 twice
    ],
)
def test_what_rounding_explains_is_no_contradiction(mean: float, parts: tuple[float, ...]) -> None:
    assert find_discrepancy(*figures(mean), figures(*parts)) is None


@pytest.mark.parametrize(
    ("mean", "parts", "computed"),
    [(79.8, (61.4, 68.1), 64.75), (80.2, (80.0, 80.0), 80.0), (79.8, (80.0, 80.0), 80.0)],
)
def test_what_rounding_does_not_explain_is_one(mean: float, parts: tuple[float, ...], computed: float) -> None:
    found = find_discrepancy(*figures(mean), figures(*parts))
    assert found is not None
    assert (found.given, found.computed) == pytest.approx((mean, computed))


def test_the_same_distance_is_one_where_more_digits_were_given() -> None:
    assert find_discrepancy(*figures(0.81), figures(0.8, 0.81, unit=0.01)) is None
    assert find_discrepancy(*figures(0.81, unit=0.001), figures(0.8, 0.81, unit=0.001)) is not None
    (mean,) = figures(0.81, unit=0.001)
    assert find_discrepancy(mean, figures(0.8, 0.81, unit=0.01)) is None


def test_digits_of_floating_point_arithmetic_are_not_believed() -> None:
    (mean,) = figures(0.1 + 0.2, unit=1e-17)
    assert find_discrepancy(mean, figures(0.3, unit=1e-17)) is None


@given(
    parts=st.lists(st.decimals(0, 100, places=6), min_size=1, max_size=4),
    places=st.integers(0, 4),
    rounding=st.sampled_from([ROUND_HALF_EVEN, ROUND_HALF_UP]),
)
def test_a_mean_never_contradicts_parts_that_were_rounded_alike(
    parts: list[Decimal], places: int, rounding: str
) -> None:
    unit = Decimal(1).scaleb(-places)
    mean, *shown = [float(one.quantize(unit, rounding)) for one in (sum(parts) / Decimal(len(parts)), *parts)]
    assert find_discrepancy(*figures(mean, unit=float(unit)), figures(*shown, unit=float(unit))) is None


@given(parts=st.lists(st.integers(0, 1000), min_size=1, max_size=4), steps=st.integers(11, 500))
def test_a_mean_that_is_off_by_more_than_a_unit_is_always_noticed(parts: list[int], steps: int) -> None:
    shown = [part / 10 for part in parts]
    mean = sum(shown) / len(shown)
    for sign in (-1, 1):
        assert find_discrepancy(*figures(mean + sign * steps / 100), figures(*shown)) is not None
