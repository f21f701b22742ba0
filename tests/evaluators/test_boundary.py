"""The reference here is plain and slow: the rule for boundaries in words, disks painted pixel by pixel."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluators import boundary_f, boundary_map
from evaluators.boundary import _dilate, _pack, _stride

Pair = tuple[np.ndarray, np.ndarray]
SHAPES = st.tuples(st.integers(1, 14), st.integers(1, 14))
MASKS = SHAPES.flatmap(lambda shape: arrays(np.bool_, shape))
PAIRS = SHAPES.flatmap(lambda shape: st.tuples(arrays(np.bool_, shape), arrays(np.bool_, shape)))
TOLERANCES = st.floats(0, 0.4)  # of so small images: radius 0 to 8


def boundary_in_words(mask: np.ndarray) -> np.ndarray:
    height, width = mask.shape
    boundary = np.zeros_like(mask)
    for y in range(height - 1):
        for x in range(width - 1):
            right, lower, diagonal = mask[y, x + 1], mask[y + 1, x], mask[y + 1, x + 1]
            boundary[y, x] = mask[y, x] != right or mask[y, x] != lower or mask[y, x] != diagonal
    for x in range(width - 1):
        boundary[-1, x] = mask[-1, x] != mask[-1, x + 1]
    for y in range(height - 1):
        boundary[y, -1] = mask[y, -1] != mask[y + 1, -1]
    boundary[-1, -1] = False
    return boundary


def painted_disks(pixels: np.ndarray, radius: int) -> np.ndarray:
    rows, columns = np.indices(pixels.shape)
    painted = np.zeros_like(pixels)
    for y, x in np.argwhere(pixels):
        painted |= (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
    return painted


def plain_boundary_f(predicted: np.ndarray, truth: np.ndarray, tolerance: float) -> float:
    radius = math.ceil(tolerance * math.sqrt(truth.shape[0] ** 2 + truth.shape[1] ** 2))
    ours, theirs = boundary_in_words(predicted), boundary_in_words(truth)
    if not (ours.any() and theirs.any()):
        return float(ours.any() == theirs.any())
    precision = (ours & painted_disks(theirs, radius)).sum() / ours.sum()
    recall = (theirs & painted_disks(ours, radius)).sum() / theirs.sum()
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


@given(MASKS)
def test_a_boundary_pixel_differs_from_its_right_lower_or_lower_right_neighbour(mask: np.ndarray) -> None:
    assert np.array_equal(boundary_map(mask), boundary_in_words(mask))


@given(MASKS)
def test_the_rule_at_the_border_is_that_of_a_mask_whose_edge_goes_on(mask: np.ndarray) -> None:
    continued = np.pad(mask, ((0, 1), (0, 1)), mode="edge")
    assert np.array_equal(boundary_map(mask), boundary_in_words(continued)[:-1, :-1])


def test_one_pixel_has_a_boundary_of_four() -> None:
    mask = np.zeros((5, 6), bool)
    mask[2, 3] = True
    assert np.argwhere(boundary_map(mask)).tolist() == [[1, 2], [1, 3], [2, 2], [2, 3]]


def test_a_full_mask_has_no_boundary() -> None:
    assert not boundary_map(np.ones((4, 5), bool)).any()


@given(MASKS)
def test_a_mask_and_its_complement_share_their_boundary(mask: np.ndarray) -> None:
    assert np.array_equal(boundary_map(mask), boundary_map(~mask))


@given(MASKS)
def test_transposing_a_mask_transposes_its_boundary(mask: np.ndarray) -> None:
    assert np.array_equal(boundary_map(mask.T), boundary_map(mask).T)


def test_mirroring_a_mask_does_not_mirror_its_boundary() -> None:
    mask = np.array([[True, False, False]])
    assert boundary_map(mask).tolist() == [[True, False, False]]
    assert boundary_map(mask[:, ::-1]).tolist() == [[False, True, False]]  # not at the end, as a mirror would have it


@given(MASKS, st.integers(0, 9))
def test_dilation_paints_a_disk_around_every_pixel(pixels: np.ndarray, radius: int) -> None:
    stride = _stride(pixels.shape[1], radius)
    image = _pack(np.ones_like(pixels), stride)
    dilated = _dilate(_pack(pixels, stride), radius, stride) & image
    assert dilated == _pack(painted_disks(pixels, radius), stride)


@pytest.mark.parametrize("radius", range(40))
def test_the_disk_of_every_radius_has_all_its_pixels(radius: int) -> None:
    pixel = np.zeros((2 * radius + 1, 2 * radius + 1), bool)
    pixel[radius, radius] = True
    stride = _stride(pixel.shape[1], radius)
    assert _dilate(_pack(pixel, stride), radius, stride) == _pack(painted_disks(pixel, radius), stride)


@given(PAIRS, TOLERANCES)
def test_f_is_that_of_the_plain_reference(pair: Pair, tolerance: float) -> None:
    assert boundary_f(*pair, tolerance=tolerance) == plain_boundary_f(*pair, tolerance)


@settings(max_examples=50)
@given(PAIRS, TOLERANCES, st.tuples(*[st.integers(0, 30)] * 4))
def test_small_objects_anywhere_in_a_large_image_score_as_in_the_plain_reference(
    pair: Pair, tolerance: float, margins: tuple[int, int, int, int]
) -> None:
    above, below, left, right = margins
    predicted, truth = (np.pad(mask, ((above, below), (left, right))) for mask in pair)
    assert boundary_f(predicted, truth, tolerance=tolerance) == plain_boundary_f(predicted, truth, tolerance)


@given(PAIRS)
def test_order_does_not_matter(pair: Pair) -> None:
    predicted, truth = pair
    assert boundary_f(predicted, truth) == boundary_f(truth, predicted)


@given(PAIRS, TOLERANCES)
def test_scores_are_fractions(pair: Pair, tolerance: float) -> None:
    assert 0 <= boundary_f(*pair, tolerance=tolerance) <= 1


@given(MASKS, TOLERANCES)
def test_identical_masks_score_one(mask: np.ndarray, tolerance: float) -> None:
    assert boundary_f(mask, mask, tolerance=tolerance) == 1


@given(PAIRS)
def test_transposing_or_inverting_both_masks_changes_nothing(pair: Pair) -> None:
    predicted, truth = pair
    score = boundary_f(predicted, truth)
    assert boundary_f(predicted.T, truth.T) == score
    assert boundary_f(~predicted, ~truth) == score


def test_mirroring_both_masks_can_change_the_score() -> None:
    corner = np.array([[True, False], [False, False]])  # one boundary pixel, but mirrored two
    edge = np.array([[True, False], [True, False]])  # two boundary pixels either way
    assert boundary_f(corner, edge, tolerance=0.0) == pytest.approx(2 / 3)
    assert boundary_f(corner[:, ::-1], edge[:, ::-1], tolerance=0.0) == pytest.approx(1 / 2)


@given(PAIRS)
def test_a_wider_tolerance_never_scores_lower(pair: Pair) -> None:
    scores = [float(boundary_f(*pair, tolerance=tolerance)) for tolerance in (0.0, 0.1, 0.2, 0.4)]
    assert all(low <= high + 1e-15 for low, high in pairwise(scores))


def test_two_empty_masks_score_one() -> None:
    assert boundary_f(np.zeros((4, 5), bool), np.zeros((4, 5), bool)) == 1


def test_an_empty_and_a_full_mask_score_one_because_neither_has_a_boundary() -> None:
    assert boundary_f(np.zeros((4, 5), bool), np.ones((4, 5), bool)) == 1


def test_a_mask_without_boundary_against_one_with_scores_zero() -> None:
    square = np.zeros((9, 9), bool)
    square[3:6, 3:6] = True
    assert boundary_f(square, np.zeros((9, 9), bool)) == 0
    assert boundary_f(np.ones((9, 9), bool), square) == 0


def test_boundaries_out_of_reach_score_zero() -> None:
    predicted, truth = np.zeros((2, 100, 100), bool)
    predicted[10:20, 10:20] = True
    truth[60:70, 60:70] = True
    assert boundary_f(predicted, truth) == 0


@pytest.mark.parametrize(("shift", "score"), [(4, 1.0), (5, 0.0)])
def test_the_radius_is_0_8_percent_of_the_diagonal_of_the_whole_image(shift: int, score: float) -> None:
    predicted, truth = np.zeros((2, 300, 400), bool)  # diagonal 500, radius exactly 4
    predicted[:, :100] = True
    truth[:, : 100 + shift] = True
    assert boundary_f(predicted, truth) == score


@pytest.mark.parametrize(("shift", "score"), [(5, 1.0), (6, 0.0)])
def test_a_fractional_radius_is_rounded_up(shift: int, score: float) -> None:
    predicted, truth = np.zeros((2, 300, 401), bool)  # 0.8 % of the diagonal is 4.006
    predicted[:, :100] = True
    truth[:, : 100 + shift] = True
    assert boundary_f(predicted, truth) == score


def test_a_batch_is_scored_pair_by_pair() -> None:
    masks = np.random.default_rng(0).random((2, 3, 2, 30, 40)) > 0.7
    predicted, truth = masks[:, :, 0], masks[:, :, 1]
    scores = boundary_f(predicted, truth)
    assert scores.shape == (2, 3)
    assert scores.dtype == np.float64
    assert all(scores[i, k] == boundary_f(predicted[i, k], truth[i, k]) for i in range(2) for k in range(3))
    assert np.array_equal(boundary_map(truth)[1, 2], boundary_map(truth[1, 2]))


@pytest.mark.usefixtures("without_shape_checks")
def test_masks_of_different_size_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"one shape .* got \(4, 5\) and \(5, 4\)"):
        boundary_f(np.zeros((4, 5), bool), np.zeros((5, 4), bool))


@pytest.mark.usefixtures("without_shape_checks")
def test_a_single_row_of_pixels_is_an_error() -> None:
    with pytest.raises(ValueError, match="height, width"):
        boundary_f(np.zeros(4, bool), np.zeros(4, bool))


@pytest.mark.parametrize("tolerance", [-0.1, 1.0, 8.0, math.nan])
def test_a_tolerance_that_is_no_share_of_the_diagonal_is_an_error(tolerance: float) -> None:
    with pytest.raises(ValueError, match="share of the image diagonal"):
        boundary_f(np.zeros((4, 5), bool), np.zeros((4, 5), bool), tolerance=tolerance)
