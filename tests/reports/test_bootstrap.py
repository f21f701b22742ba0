import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import DatasetScore
from reports.bootstrap import bootstrap, interval_label, interval_of_difference, interval_of_score
from reports.comparison import compare_scores

VALUES = st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=4), min_size=2, max_size=6)


def test_an_interval_is_that_of_a_loop_which_draws_sequences_and_pools_their_objects() -> None:
    values = [[0.9], [0.4, 0.5, 0.6], [0.7, 0.1]]
    generator = np.random.default_rng(11)
    means = []
    for _ in range(20_000):
        drawn = [value for index in generator.integers(3, size=3) for value in values[index]]
        means.append(math.fsum(drawn) / len(drawn))
    found = bootstrap(values)
    assert found is not None
    assert [found.low, found.high] == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)


def test_ends_are_those_of_every_dataset_that_can_be_drawn() -> None:
    values = [[0.0], [1.0, 1.0, 1.0], [0.5]]
    every = []
    for indices in itertools.product(range(3), repeat=3):
        drawn = [value for index in indices for value in values[index]]
        every.append(sum(drawn) / len(drawn))
    for level in (0.5, 0.8):
        found = bootstrap(values, level=level, resamples=200_000)
        assert found is not None
        ends = np.quantile(every, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        assert [found.low, found.high] == pytest.approx(ends, abs=0.011)


@given(values=VALUES)
def test_an_interval_lies_within_the_values_and_its_ends_are_in_order(values: list[list[float]]) -> None:
    found = bootstrap(values, resamples=200)
    assert found is not None
    every = [value for each in values for value in each]
    assert min(every) - 1e-9 <= found.low <= found.high <= max(every) + 1e-9


@given(value=st.floats(-1, 1), counts=st.lists(st.integers(1, 5), min_size=2, max_size=6))
def test_equal_values_have_an_interval_without_width(value: float, counts: list[int]) -> None:
    found = bootstrap([[value] * count for count in counts], resamples=50)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([value, value])


@given(values=VALUES, shift=st.floats(-1, 1))
def test_a_shift_of_all_values_moves_both_ends(values: list[list[float]], shift: float) -> None:
    found = bootstrap(values, resamples=100)
    moved = bootstrap([[value + shift for value in each] for each in values], resamples=100)
    assert found is not None
    assert moved is not None
    assert [moved.low - shift, moved.high - shift] == pytest.approx([found.low, found.high])


def test_a_seed_gives_the_same_interval_again_and_another_a_little_different_one() -> None:
    values = [[value] for value in np.random.default_rng(1).random(20)]
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    one, other = bootstrap(values, seed=3), bootstrap(values, seed=4)
    assert one is not None
    assert other is not None
    assert 0 < abs(one.low - other.low) < 0.02


def test_more_sequences_alike_make_it_narrower() -> None:
    few, many = bootstrap([[0.2], [0.8]] * 3), bootstrap([[0.2], [0.8]] * 50)
    assert few is not None
    assert many is not None
    assert many.high - many.low < (few.high - few.low) / 2


def test_of_one_sequence_nothing_can_be_said() -> None:
    assert bootstrap([[0.1, 0.9]]) is None


@pytest.mark.parametrize("values", [[[0.5], []], [[0.5], [math.nan]], [[math.inf], [0.5]]])
def test_values_that_have_no_mean_are_an_error(values: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="expected finite values"):
        bootstrap(values)


def test_the_interval_of_a_score_is_that_of_its_objects(scores: DatasetScore) -> None:
    found, same = interval_of_score(scores), bootstrap([[0.85], [0.375, 0.625]])
    assert found is not None
    assert same is not None
    assert [found.low, found.high] == pytest.approx([same.low, same.high])
    assert interval_label(found) == (
        "95% interval, percentile bootstrap over sequences, 10,000 resamples, seed 0, n = 2"
    )


def test_a_score_does_not_differ_from_itself(scores: DatasetScore) -> None:
    found = interval_of_difference(compare_scores(scores, scores))
    assert found is not None
    assert (found.low, found.high) == (0.0, 0.0)
