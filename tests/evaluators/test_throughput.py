import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import summarise_durations


def test_frames_are_divided_by_total_time() -> None:
    result = summarise_durations([10.0, 30.0])
    assert (result.frames, result.total_seconds, result.fps) == (2, 0.04, 50.0)  # the mean of the rates would be 66.7


def test_durations_are_summarised_in_milliseconds() -> None:
    result = summarise_durations(np.arange(1.0, 102.0))
    assert (result.mean_ms, result.median_ms, result.p95_ms) == (51.0, 51.0, 96.0)
    assert result.std_ms == pytest.approx(np.sqrt(101 * 102 / 12))  # sample variance of 1..n is n (n + 1) / 12


def test_one_frame_has_no_deviation() -> None:
    assert summarise_durations([20.0]).std_ms is None


@given(st.lists(st.floats(0.01, 1e4), min_size=2, max_size=50))
def test_order_does_not_matter_and_the_rate_is_that_of_the_mean(milliseconds: list[float]) -> None:
    result = summarise_durations(milliseconds)
    assert result.fps == pytest.approx(1000 / result.mean_ms)
    assert min(milliseconds) <= result.median_ms <= result.p95_ms <= max(milliseconds)
    assert summarise_durations(sorted(milliseconds)).p95_ms == result.p95_ms


@pytest.mark.parametrize("milliseconds", [[10.0, 0.0], [10.0, -1.0], [10.0, float("nan")], [float("inf")]])
def test_durations_that_no_clock_gives_are_an_error(milliseconds: list[float]) -> None:
    with pytest.raises(ValueError, match="finite durations above 0 ms"):
        summarise_durations(milliseconds)


def test_no_durations_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        summarise_durations([])
