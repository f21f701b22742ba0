import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import statistics

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def test_recall_counts_frames_strictly_above_one_half() -> None:
    assert statistics([0.5, 0.5, math.nextafter(0.5, 1), 0.2]).recall == 0.25


def test_quarters_share_their_ends() -> None:
    scores = np.zeros(9)  # quarters 0..2, 2..4, 4..6, 6..8
    scores[2] = 1
    scores[6] = 0.5
    assert statistics(scores).decay == pytest.approx(1 / 3 - 0.5 / 3)


def test_a_quarter_that_ends_halfway_between_frames_ends_at_the_later() -> None:
    scores = np.zeros(7)  # the ends are 1, 2.5, 4, 5.5, 7 (from one): rounded to even, 2.5 would become 2
    scores[2] = 1
    assert statistics(scores).decay == pytest.approx(1 / 3)


def test_scores_that_fall_decay_positively() -> None:
    assert statistics(np.linspace(1, 0, 50)).decay > 0.7


def test_one_frame_does_not_decay() -> None:
    assert statistics([0.7]).decay == 0


@given(SCORES)
def test_mean_and_recall_are_fractions_and_decay_at_most_one(scores: list[float]) -> None:
    result = statistics(scores)
    assert 0 <= result.mean <= 1
    assert 0 <= result.recall <= 1
    assert -1 <= result.decay <= 1


@given(SCORES)
def test_played_backwards_scores_decay_the_other_way(scores: list[float]) -> None:
    if (len(scores) - 1) % 4 == 0:  # elsewhere rounding makes the first and last quarter unequal
        assert statistics(scores[::-1]).decay == pytest.approx(-statistics(scores).decay)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=255))
def test_below_256_frames_the_official_decay_is_right(scores: list[float]) -> None:
    result = statistics(scores)
    assert result.decay_official == result.decay


@pytest.mark.parametrize("frames", [256, 257, 300, 400, 1000, 2416])
def test_from_256_frames_on_decay_is_still_first_quarter_minus_last(frames: int) -> None:
    scores = np.random.default_rng(frames).random(frames)
    ends = [math.floor(1 + quarter * (frames - 1) / 4 + 0.5) - 1 for quarter in range(5)]
    first, last = scores[ends[0] : ends[1] + 1], scores[ends[3] : ends[4] + 1]
    assert statistics(scores).decay == first.mean() - last.mean()


def test_the_official_decay_is_missing_where_its_last_quarter_wraps_to_nothing() -> None:
    assert statistics(np.linspace(1, 0, 300)).decay_official is None


def test_the_official_decay_is_a_wrong_number_where_its_last_quarter_wraps_to_another_place() -> None:
    result = statistics(np.linspace(1, 0, 400))
    assert result.decay_official is not None
    assert abs(result.decay_official - result.decay) > 0.3


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros((2, 3)), np.float64(0.5)])
@pytest.mark.usefixtures("without_shape_checks")
def test_values_that_are_no_series_are_an_error(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one score per frame and at least one frame"):
        statistics(values)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        statistics([0.5, value])
