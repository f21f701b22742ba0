from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import FramePair, ListedObject, ScoringError, ScoringProtocol, boundary_f, jaccard, score_sequence
from evaluators.protocols import labels_in

DAVIS_2016, DAVIS_2017, FIRST_APPEARANCE, YOUTUBE_VOS = ScoringProtocol
ALL = pytest.mark.parametrize("protocol", ScoringProtocol)

Mask = np.ndarray


def mask_of(*labels: int, size: tuple[int, int] = (6, 8)) -> Mask:
    """A mask with a column of pixels for each label."""
    mask = np.zeros(size, np.uint8)
    for column, label in enumerate(labels):
        mask[1:5, column] = label
    return mask


def frames_of(predicted: Sequence[Mask | None], truth: Sequence[Mask]) -> list[FramePair]:
    """Frames 00000, 00001, ...; where the prediction is None, reading it fails the test."""

    def read(mask: Mask | None) -> Mask:
        assert mask is not None, "this prediction must not be read"
        return mask

    return [
        FramePair(name=f"{index:05d}", read_predicted=partial(read, p), read_truth=partial(read, t))
        for index, (p, t) in enumerate(zip(predicted, truth, strict=True))
    ]


def listed(**frames: Sequence[int]) -> dict[int, ListedObject]:
    """`_7=(0, 2)`: object 7 is listed in frames 00000 and 00002."""
    return {
        int(label[1:]): ListedObject(category="cat", frames=tuple(f"{index:05d}" for index in indices))
        for label, indices in frames.items()
    }


def test_labels_are_listed_without_background() -> None:
    assert labels_in(mask_of(7, 2, 255, 2)) == [2, 7, 255]
    assert labels_in(mask_of()) == []


@pytest.mark.parametrize("protocol", [DAVIS_2016, DAVIS_2017])
def test_davis_leaves_out_the_first_and_last_frame_and_does_not_read_their_predictions(
    protocol: ScoringProtocol,
) -> None:
    truth = [mask_of(1)] * 5
    score = score_sequence("dog", frames_of([None, *truth[1:4], None], truth), protocol=protocol)
    (one,) = score.objects
    assert one.frames == ("00001", "00002", "00003")
    assert one.j == one.f == (1.0, 1.0, 1.0)
    assert (score.name, score.protocol, score.unscored) == ("dog", protocol, ())


def test_every_frame_of_every_object_has_the_scores_of_its_mask() -> None:
    rng = np.random.default_rng(0)
    truth = list(rng.integers(0, 4, (6, 20, 30), dtype=np.uint8))
    predicted = list(rng.integers(0, 4, (6, 20, 30), dtype=np.uint8))
    score = score_sequence("dog", frames_of(predicted, truth), protocol=DAVIS_2017)
    assert [one.label for one in score.objects] == [1, 2, 3]
    for one in score.objects:
        pairs = [(predicted[index] == one.label, truth[index] == one.label) for index in range(1, 5)]
        assert one.j == tuple(float(jaccard(*pair)) for pair in pairs)
        assert one.f == tuple(float(boundary_f(*pair)) for pair in pairs)
    assert score.j_mean == pytest.approx(np.mean([one.j for one in score.objects]))
    assert score.j_and_f == (score.j_mean + score.f_mean) / 2


@pytest.mark.parametrize("in_truth", [1, 255, 38])
@pytest.mark.parametrize("in_prediction", [1, 255, 2])
def test_davis_2016_has_one_object_whatever_its_label(in_truth: int, in_prediction: int) -> None:
    frames = frames_of([None, mask_of(in_prediction), None], [mask_of(in_truth)] * 3)
    (one,) = score_sequence("dog", frames, protocol=DAVIS_2016).objects
    assert (one.label, one.j) == (1, (1.0,))


def test_davis_2016_joins_all_labels_into_one_object() -> None:
    frames = frames_of([None, mask_of(1, 2, 255), None], [mask_of(255, 255, 255)] * 3)
    assert score_sequence("dog", frames, protocol=DAVIS_2016).j_mean == 1


def test_davis_2017_takes_255_in_truth_for_background() -> None:
    frames = frames_of([None, mask_of(1, 0), None], [mask_of(1, 255)] * 3)
    (one,) = score_sequence("dog", frames, protocol=DAVIS_2017).objects
    assert (one.label, one.j) == (1, (1.0,))


def test_davis_2017_counts_objects_by_the_first_truth_mask() -> None:
    frames = frames_of([None, mask_of(1, 2), None], [mask_of(2), mask_of(1, 2, 3), mask_of(9)])
    score = score_sequence("dog", frames, protocol=DAVIS_2017)
    assert [(one.label, one.j) for one in score.objects] == [(1, (1.0,)), (2, (1.0,))]


def test_an_object_missing_from_a_prediction_counts_as_empty() -> None:
    truth = [mask_of(1, 2), mask_of(1, 2), mask_of(1), mask_of(1, 2)]
    score = score_sequence("dog", frames_of([None, mask_of(1), mask_of(1), None], truth), protocol=DAVIS_2017)
    assert score.objects[1].j == (0.0, 1.0)  # the second is missing from the truth as well
    assert score.objects[1].f == (0.0, 1.0)


@pytest.mark.parametrize("label", [3, 255])
def test_davis_2017_refuses_a_predicted_label_above_the_truths_maximum(label: int) -> None:
    frames = frames_of([None, mask_of(1), mask_of(1, label), None], [mask_of(1, 2)] * 4)
    with pytest.raises(ScoringError, match=f"sequence dog, frame 00002: predicted label {label} .* objects 1, 2;"):
        score_sequence("dog", frames, protocol=DAVIS_2017)


def test_labels_of_predictions_that_are_left_out_do_not_matter() -> None:
    frames = frames_of([mask_of(9), mask_of(1), mask_of(9)], [mask_of(1)] * 3)
    assert score_sequence("dog", frames, protocol=DAVIS_2017).j_mean == 1


def test_davis_2017_points_to_davis_2016_when_the_first_truth_mask_is_0_and_255() -> None:
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00000: expected objects 1\.\.254 .* davis2016"):
        score_sequence("dog", frames_of([None] * 3, [mask_of(255)] * 3), protocol=DAVIS_2017)


def test_first_appearance_scores_an_object_after_its_first_frame_through_the_last() -> None:
    truth = [mask_of(), mask_of(7), mask_of(7, 3), mask_of(0, 3), mask_of(7, 3)]
    predicted = [None, None, mask_of(7), mask_of(0, 3), mask_of(7)]
    score = score_sequence("dog", frames_of(predicted, truth), protocol=FIRST_APPEARANCE)
    late, early = score.objects
    assert (late.label, late.frames, late.j) == (3, ("00003", "00004"), (1.0, 0.0))
    assert (early.label, early.frames, early.j) == (7, ("00002", "00003", "00004"), (1.0, 1.0, 1.0))


def test_first_appearance_takes_255_for_an_object_like_any_other() -> None:
    score = score_sequence("dog", frames_of([None, mask_of(255)], [mask_of(255)] * 2), protocol=FIRST_APPEARANCE)
    assert [one.label for one in score.objects] == [255]


def test_first_appearance_lists_objects_that_come_too_late_to_be_scored() -> None:
    frames = frames_of([None, mask_of(1)], [mask_of(1), mask_of(1, 5, 4)])
    score = score_sequence("dog", frames, protocol=FIRST_APPEARANCE)
    assert [one.label for one in score.objects] == [1]
    assert score.unscored == (4, 5)


def test_first_appearance_allows_a_label_predicted_before_the_truth_shows_it() -> None:
    truth = [mask_of(1), mask_of(1), mask_of(1, 4), mask_of(1, 4)]
    frames = frames_of([None, mask_of(1, 4), mask_of(1, 4), mask_of(1, 4)], truth)
    assert score_sequence("dog", frames, protocol=FIRST_APPEARANCE).j_mean == 1


def test_first_appearance_refuses_a_predicted_label_that_truth_never_holds() -> None:
    frames = frames_of([None, mask_of(1, 2)], [mask_of(1), mask_of(1, 0, 3)])
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00001: predicted label 2 .* objects 1, 3;"):
        score_sequence("dog", frames, protocol=FIRST_APPEARANCE)


def test_youtube_vos_scores_an_object_on_its_listed_frames_after_the_first_of_them() -> None:
    truth = [mask_of(7), mask_of(7, 3), mask_of(7, 3), mask_of(7, 3), mask_of(7, 3)]
    predicted = [None, mask_of(7), mask_of(7), mask_of(0, 3), None]
    lists = listed(_7=(0, 1, 3), _3=(1, 2, 3))
    late, early = score_sequence("dog", frames_of(predicted, truth), protocol=YOUTUBE_VOS, listed=lists).objects
    assert (late.label, late.frames, late.j) == (3, ("00002", "00003"), (0.0, 1.0))
    assert (early.label, early.frames, early.j) == (7, ("00001", "00003"), (1.0, 0.0))


def test_youtube_vos_scores_a_listed_frame_whether_or_not_truth_shows_the_object_there() -> None:
    truth = [mask_of(1), mask_of(), mask_of()]
    frames = frames_of([None, mask_of(), mask_of(1)], truth)
    (one,) = score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(0, 1, 2))).objects
    assert (one.j, one.f) == ((1.0, 0.0), (1.0, 0.0))


def test_youtube_vos_takes_the_first_frame_in_time_however_the_list_is_written() -> None:
    frames = frames_of([None, mask_of(1), mask_of(1)], [mask_of(1)] * 3)
    (one,) = score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(2, 0, 1, 0))).objects
    assert one.frames == ("00001", "00002")


def test_youtube_vos_keeps_an_object_that_is_listed_once_without_a_score() -> None:
    frames = frames_of([None, mask_of(1)], [mask_of(1), mask_of(1, 4)])
    lists = listed(_4=(1, 1), _1=(0, 1), _2=())
    score = score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=lists)
    assert [one.label for one in score.objects] == [1]
    assert score.unscored == (2, 4)


@pytest.mark.parametrize("lists", [None, {}])
def test_youtube_vos_needs_the_list_of_objects(lists: dict[int, ListedObject] | None) -> None:
    with pytest.raises(ScoringError, match=r"sequence dog: expected objects listed in meta\.json, found none"):
        score_sequence("dog", frames_of([None] * 3, [mask_of(1)] * 3), protocol=YOUTUBE_VOS, listed=lists)


@pytest.mark.parametrize("lost", [(0, 1, 9), (9, 1)])
def test_youtube_vos_needs_truth_in_every_listed_frame(lost: tuple[int, ...]) -> None:
    frames = frames_of([None, None], [mask_of(1, 2)] * 2)
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00009: .* lists object 2 there, found none"):
        score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(0, 1), _2=lost))


def test_youtube_vos_refuses_truth_that_holds_an_object_nobody_listed() -> None:
    frames = frames_of([None, mask_of(1)], [mask_of(1, 5), mask_of(1, 5)])
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00001: truth label 5 .* objects 1 that meta\.json"):
        score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(0, 1)))


def test_youtube_vos_refuses_a_predicted_label_that_nobody_listed() -> None:
    frames = frames_of([None, mask_of(1, 5)], [mask_of(1)] * 2)
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00001: predicted label 5 .* objects 1;"):
        score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(0, 1)))


def test_youtube_vos_with_no_frame_left_is_an_error_that_names_the_sequence() -> None:
    frames = frames_of([None, None], [mask_of(1, 2)] * 2)
    with pytest.raises(ScoringError, match=r"sequence dog: expected an object .* at least 2 frames, .* none among 2 "):
        score_sequence("dog", frames, protocol=YOUTUBE_VOS, listed=listed(_1=(0,), _2=(1,)))


def test_only_youtube_vos_looks_at_the_list_of_objects() -> None:
    frames, lists = frames_of([mask_of(2)] * 3, [mask_of(2)] * 3), listed(_2=(0, 1))
    categories = {
        protocol: score_sequence("dog", frames, protocol=protocol, listed=lists).objects[-1].category
        for protocol in ScoringProtocol
    }
    assert categories == {DAVIS_2016: None, DAVIS_2017: None, FIRST_APPEARANCE: None, YOUTUBE_VOS: "cat"}


def pixels_of(mask: Mask, label: int) -> set[tuple[int, int]]:
    return {(y, x) for y, row in enumerate(mask.tolist()) for x, value in enumerate(row) if value == label}


@given(
    seed=st.integers(0, 2**32 - 1),
    first=st.sets(st.integers(0, 5), min_size=2),
    second=st.lists(st.integers(0, 5)),
)
def test_youtube_vos_is_its_rules_read_aloud(seed: int, first: set[int], second: list[int]) -> None:
    predicted, truth = np.random.default_rng(seed).choice(np.array([0, 2, 9], np.uint8), (2, 6, 4, 5))
    score = score_sequence(
        "dog",
        frames_of(list(predicted), list(truth)),
        protocol=YOUTUBE_VOS,
        listed=listed(_9=sorted(first), _2=second),
    )
    expected = []
    for label, indices in ((2, second), (9, first)):
        shares = []
        for index in range(6):
            if index in indices and index != min(indices):
                both, either = (
                    operation(pixels_of(predicted[index], label), pixels_of(truth[index], label))
                    for operation in (set.intersection, set.union)
                )
                shares.append(len(both) / len(either) if either else 1.0)
        if shares:
            expected.append((label, tuple(shares)))
    assert [(one.label, one.j) for one in score.objects] == expected
    assert set(score.unscored) == {2, 9} - {label for label, _ in expected}


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("protocol", [DAVIS_2016, DAVIS_2017])
def test_a_sequence_with_nothing_left_is_an_error_that_names_it(protocol: ScoringProtocol, count: int) -> None:
    with pytest.raises(ScoringError, match=f"sequence dog: expected at least 3 frames .* found {count};"):
        score_sequence("dog", frames_of([None] * count, [mask_of(1)] * count), protocol=protocol)


@pytest.mark.parametrize("truth", [[], [mask_of(1)], [mask_of(), mask_of(1)], [mask_of()] * 4])
def test_a_sequence_with_no_object_left_is_an_error_that_names_it(truth: list[Mask]) -> None:
    with pytest.raises(ScoringError, match=f"sequence dog: expected an object .* none in {len(truth)} frames"):
        score_sequence("dog", frames_of([None] * len(truth), truth), protocol=FIRST_APPEARANCE)


@ALL
def test_a_prediction_of_another_size_is_an_error_that_names_both(protocol: ScoringProtocol) -> None:
    frames = frames_of([None, mask_of(1, size=(8, 6)), None], [mask_of(1)] * 3)
    with pytest.raises(ScoringError, match=r"sequence dog, frame 00001: .* size 8x6, found 6x8"):
        score_sequence("dog", frames, protocol=protocol, listed=listed(_1=(0, 1)))


@ALL
def test_errors_are_one_line(protocol: ScoringProtocol) -> None:
    with pytest.raises(ScoringError) as caught:
        score_sequence("dog", [], protocol=protocol)
    assert len(str(caught.value).splitlines()) == 1


@ALL
def test_masks_are_not_written_to(protocol: ScoringProtocol) -> None:
    masks = [mask_of(1) for _ in range(3)]
    for mask in masks:
        mask.flags.writeable = False
    frames = frames_of(masks, masks)
    assert score_sequence("dog", frames, protocol=protocol, listed=listed(_1=(0, 1, 2))).j_and_f == 1
