"""Scales of a picture, and the round values that they are marked at."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.card.axes import fit_axis


def test_an_axis_grows_to_round_marks() -> None:
    axis = fit_axis(0.12, 2.3, start=100.0, end=0.0, most=5)
    assert axis.marks == (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
    assert (axis.place(0.0), axis.place(1.25), axis.place(2.5)) == (100, 50, 0)


def test_an_axis_that_is_not_to_grow_is_marked_inside_its_range() -> None:
    axis = fit_axis(0.0, 7500.0, start=0.0, end=750.0, most=8, widen=False)
    assert axis.marks == (0, 1000, 2000, 3000, 4000, 5000, 6000, 7000)
    assert axis.place(7500.0) == 750


def test_marks_are_the_decimals_that_they_are_printed_as() -> None:
    assert fit_axis(0.1, 0.6, start=0.0, end=1.0, most=5).marks == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def test_a_range_without_extent_is_given_one() -> None:
    axis = fit_axis(3.0, 3.0, start=0.0, end=1.0, most=2)
    assert (axis.low, axis.high) == (3.0, 4.0)


@given(low=st.floats(-1e4, 1e4), extent=st.floats(1e-3, 1e5), most=st.integers(1, 10), widen=st.booleans())
def test_marks_are_few_and_ascend_and_every_value_has_a_place(
    low: float, extent: float, most: int, widen: bool
) -> None:
    axis = fit_axis(low, low + extent, start=0.0, end=100.0, most=most, widen=widen)
    assert list(axis.marks) == sorted(set(axis.marks))
    assert len(axis.marks) <= most + 3
    for value in (low, low + extent):
        assert -1e-2 <= axis.place(value) <= 100 + 1e-2
    assert all(math.isfinite(axis.place(mark)) for mark in axis.marks)


@pytest.mark.parametrize("last", [1, 2, 3, 5, 7, 8, 9, 12, 20, 250, 999, 8000, 123_456])
def test_iterations_are_marked_at_whole_numbers(last: int) -> None:
    axis = fit_axis(0.0, float(last), start=0.0, end=1.0, most=min(8, last), widen=False)
    assert all(mark == int(mark) for mark in axis.marks)
