import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.spread import Source, percent_spread, spread_by_heading, spread_label, spread_of

VALUES = st.lists(st.floats(0, 1), min_size=2, max_size=8)


def test_three_training_runs_have_a_mean_and_a_sample_deviation() -> None:
    spread = spread_of([0.88, 0.84, 0.86], source=Source.TRAINING_RUNS)
    assert (spread.source, spread.n, spread.estimator) == ("training runs", 3, "sample standard deviation")
    assert spread.mean == pytest.approx(0.86)
    assert spread.median == 0.86
    assert spread.std == pytest.approx(0.02)  # dividing by n, it would be 0.0163
    assert percent_spread(spread) == "86.0 ± 2.0"
    assert spread_label(spread) == "mean ± sample standard deviation (n = 3 training runs)"


def test_one_value_has_no_deviation_and_shows_none() -> None:
    spread = spread_of([0.86], source=Source.TRAINING_RUNS)
    assert (spread.n, spread.mean, spread.std) == (1, 0.86, None)
    assert percent_spread(spread) == "86.0"


def test_no_spread_is_a_dash() -> None:
    assert percent_spread(None) == "-"


@given(values=VALUES)
def test_the_deviation_is_its_definition_read_aloud(values: list[float]) -> None:
    spread = spread_of(values, source=Source.TRAINING_RUNS)
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    assert spread.mean == pytest.approx(mean)
    assert spread.std == pytest.approx(math.sqrt(squares / (len(values) - 1)), abs=1e-9)


@given(values=VALUES, shift=st.floats(-1, 1))
def test_a_shift_moves_the_mean_and_leaves_the_deviation(values: list[float], shift: float) -> None:
    spread = spread_of(values, source=Source.TRAINING_RUNS)
    moved = spread_of([value + shift for value in values], source=Source.TRAINING_RUNS)
    assert moved.mean == pytest.approx(spread.mean + shift, abs=1e-9)
    assert moved.std == pytest.approx(spread.std, abs=1e-9)


@pytest.mark.parametrize("values", [[], [0.5, math.nan], [math.inf]])
def test_values_that_have_no_mean_are_an_error(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value, all of them finite"):
        spread_of(values, source=Source.TRAINING_RUNS)


def test_each_figure_has_a_spread_unless_a_value_of_it_is_lacking() -> None:
    runs = [{"J": 0.5, "G": None, "F": 0.7}, {"J": 0.6, "G": 0.5, "F": 0.7}]
    assert spread_by_heading(runs, source=Source.TRAINING_RUNS) == {
        "J": spread_of([0.5, 0.6], source=Source.TRAINING_RUNS),
        "G": None,
        "F": spread_of([0.7, 0.7], source=Source.TRAINING_RUNS),
    }
