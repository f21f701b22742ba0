import dataclasses
import itertools
import json
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import DatasetScore, summarise_sequences
from evaluators.results import summarise_objects
from reports.bootstrap import bootstrap, interval_label, intervals_of_difference, intervals_of_score
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


def test_the_intervals_of_a_score_are_those_of_its_objects(scores: DatasetScore) -> None:
    found = intervals_of_score(scores)
    assert found is not None
    for interval, values in (
        (found.j_and_f, [[0.85], [0.375, 0.625]]),
        (found.j, [[0.8], [0.25, 0.5]]),
        (found.f, [[0.9], [0.5, 0.75]]),
    ):
        same = bootstrap(values)
        assert same is not None
        assert [interval.low, interval.high] == pytest.approx([same.low, same.high])
    assert interval_label(found.j) == (
        "95% interval, percentile bootstrap over sequences, 10,000 resamples, seed 0, n = 2"
    )


def test_an_interval_keeps_its_source_and_its_estimator_in_records(scores: DatasetScore) -> None:
    found = intervals_of_score(scores)
    assert found is not None
    record = json.loads(msgspec.json.encode(found))["f"]
    assert (record["source"], record["estimator"], record["n"]) == ("sequences", "percentile bootstrap", 2)


def test_the_order_of_sequences_does_not_matter(scores: DatasetScore) -> None:
    (cow,) = scores.sequences[0].objects
    more = [
        summarise_objects(
            f"video-{number}",
            [dataclasses.replace(cow, j_statistics=dataclasses.replace(cow.j_statistics, mean=mean))],
            protocol=scores.protocol,
        )
        for number, mean in enumerate(np.random.default_rng(2).random(12).tolist())
    ]
    assert intervals_of_score(summarise_sequences(more[::-1])) == intervals_of_score(summarise_sequences(more))


def test_a_score_does_not_differ_from_itself(scores: DatasetScore) -> None:
    found = intervals_of_difference(compare_scores(scores, scores))
    assert found is not None
    assert {end for one in (found.j_and_f, found.j, found.f) for end in (one.low, one.high)} == {0.0}


def test_a_difference_is_paired_so_that_what_both_find_hard_cancels(scores: DatasetScore) -> None:
    """All objects lose 0.1 of F: the scores scatter widely, the difference not at all."""
    worse = summarise_sequences(
        [
            summarise_objects(
                sequence.name,
                [
                    dataclasses.replace(one, f_statistics=dataclasses.replace(one.f_statistics, mean=mean))
                    for one in sequence.objects
                    for mean in [one.f_statistics.mean - 0.1]
                ],
                protocol=sequence.protocol,
            )
            for sequence in scores.sequences
        ]
    )
    found = intervals_of_difference(compare_scores(scores, worse))
    assert found is not None
    assert [found.j_and_f.low, found.j_and_f.high] == pytest.approx([0.05, 0.05])
    assert [found.j.low, found.j.high] == pytest.approx([0, 0])
    assert [found.f.low, found.f.high] == pytest.approx([0.1, 0.1])
