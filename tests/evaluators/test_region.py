import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluators import jaccard

Pair = tuple[np.ndarray, np.ndarray]
PAIRS = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape))
)


def test_two_empty_masks_score_one() -> None:
    assert jaccard(np.zeros((4, 5), bool), np.zeros((4, 5), bool)) == 1


def test_one_empty_mask_scores_zero() -> None:
    assert jaccard(np.zeros((4, 5), bool), np.ones((4, 5), bool)) == 0


def test_shared_area_is_divided_by_the_area_of_both() -> None:
    predicted, truth = np.zeros((2, 4, 6), bool)
    predicted[:, :4] = True  # 16 pixels
    truth[:, 3:] = True  # 12 pixels, 4 of them shared
    assert jaccard(predicted, truth) == 4 / 24


def test_a_batch_is_scored_pair_by_pair() -> None:
    masks = np.random.default_rng(0).random((2, 3, 2, 7, 5)) > 0.5
    predicted, truth = masks[:, :, 0], masks[:, :, 1]
    scores = jaccard(predicted, truth)
    assert scores.shape == (2, 3)
    assert scores.dtype == np.float64
    assert all(scores[i, k] == jaccard(predicted[i, k], truth[i, k]) for i in range(2) for k in range(3))


def test_an_empty_batch_has_no_scores() -> None:
    assert jaccard(np.zeros((0, 4, 5), bool), np.zeros((0, 4, 5), bool)).shape == (0,)


@given(PAIRS)
def test_order_does_not_matter(pair: Pair) -> None:
    predicted, truth = pair
    assert jaccard(predicted, truth) == jaccard(truth, predicted)


@given(PAIRS)
def test_scores_are_fractions(pair: Pair) -> None:
    assert 0 <= jaccard(*pair) <= 1


@given(PAIRS)
def test_identical_masks_score_one_and_only_they_do(pair: Pair) -> None:
    predicted, truth = pair
    assert jaccard(truth, truth) == 1
    assert (jaccard(predicted, truth) == 1) == np.array_equal(predicted, truth)


@given(PAIRS)
def test_mirroring_turning_and_transposing_both_changes_nothing(pair: Pair) -> None:
    predicted, truth = pair
    score = jaccard(predicted, truth)
    assert jaccard(predicted[::-1], truth[::-1]) == score
    assert jaccard(predicted[:, ::-1], truth[:, ::-1]) == score
    assert jaccard(predicted.T, truth.T) == score


@pytest.mark.usefixtures("without_shape_checks")
def test_masks_of_different_size_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"one shape .* got \(4, 5\) and \(5, 4\)"):
        jaccard(np.zeros((4, 5), bool), np.zeros((5, 4), bool))


@pytest.mark.usefixtures("without_shape_checks")
def test_index_masks_are_an_error_because_their_labels_would_be_mixed_bit_by_bit() -> None:
    with pytest.raises(ValueError, match=r"expected boolean masks, got uint8 .*mask == label"):
        jaccard(np.full((4, 5), 3, np.uint8), np.full((4, 5), 4, np.uint8))


@pytest.mark.usefixtures("without_shape_checks")
def test_a_single_row_of_pixels_is_an_error() -> None:
    with pytest.raises(ValueError, match="height, width"):
        jaccard(np.zeros(4, bool), np.zeros(4, bool))
