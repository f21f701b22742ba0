import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ensemble import Prediction, mean_prediction, most_probable


def prediction(labels: tuple[int, ...], *, seed: int = 0, size: tuple[int, int] = (4, 5)) -> Prediction:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn((1 + len(labels), *size), generator=generator)
    return Prediction(labels=labels, probabilities=logits.softmax(dim=0))


def test_the_mean_of_one_pass_is_that_pass() -> None:
    one = prediction((3, 1))
    assert mean_prediction([one]) is one


def test_channels_are_averaged_pixel_by_pixel() -> None:
    passes = [prediction((3, 1), seed=seed) for seed in range(3)]
    mean = mean_prediction(passes)
    assert mean.labels == (3, 1)
    expected = sum(one.probabilities.double() for one in passes) / 3
    torch.testing.assert_close(mean.probabilities.double(), expected, rtol=0, atol=1e-7)


@given(st.permutations([7, 200, 31]), st.permutations([7, 200, 31]))
def test_objects_are_matched_by_label_not_by_channel(first: list[int], second: list[int]) -> None:
    a, b = prediction(tuple(first), seed=1), prediction(tuple(second), seed=2)
    mean = mean_prediction([a, b])
    assert mean.labels == tuple(first)
    for label in (7, 200, 31):
        expected = (a.probabilities[1 + first.index(label)] + b.probabilities[1 + second.index(label)]) / 2
        torch.testing.assert_close(mean.probabilities[1 + first.index(label)], expected)


def test_an_object_that_a_pass_does_not_know_is_nowhere_to_that_pass() -> None:
    knows, knows_not = prediction((5,), seed=1), prediction((), seed=2)
    for passes in ([knows, knows_not], [knows_not, knows]):
        mean = mean_prediction(passes)
        assert mean.labels == (5,)
        torch.testing.assert_close(mean.probabilities[1], knows.probabilities[1] / 2)
        torch.testing.assert_close(mean.probabilities[0], (knows.probabilities[0] + knows_not.probabilities[0]) / 2)


@given(st.lists(st.sampled_from([(), (1,), (2, 1), (1, 2, 3)]), min_size=1, max_size=4))
def test_a_mean_of_probabilities_sums_to_one(labels: list[tuple[int, ...]]) -> None:
    mean = mean_prediction([prediction(one, seed=seed) for seed, one in enumerate(labels)])
    torch.testing.assert_close(mean.probabilities.sum(dim=0), torch.ones(4, 5))
    assert set(mean.labels) == {label for one in labels for label in one}


@pytest.mark.usefixtures("without_shape_checks")
def test_passes_of_different_sizes_are_not_averaged() -> None:
    with pytest.raises(RuntimeError):
        mean_prediction([prediction((1,)), prediction((1,), size=(5, 4))])


@given(seed=st.integers(0, 99), levels=st.integers(2, 6), objects=st.integers(1, 255))
def test_of_equally_probable_channels_the_first_is_taken(seed: int, levels: int, objects: int) -> None:
    labels = tuple(range(objects, 0, -1))
    probabilities = torch.randint(levels, (1 + objects, 6, 7), generator=torch.Generator().manual_seed(seed)) / levels
    mask = most_probable(Prediction(labels=labels, probabilities=probabilities)).mask()
    expected = np.array([0, *labels])[probabilities.numpy().argmax(axis=0)]
    assert mask.dtype == np.uint8
    assert np.array_equal(mask, expected)


def test_a_mask_holds_the_label_of_the_most_probable_channel() -> None:
    probabilities = torch.tensor([[[0.5, 0.1, 0.2]], [[0.3, 0.6, 0.2]], [[0.2, 0.3, 0.6]]])
    mask = most_probable(Prediction(labels=(200, 7), probabilities=probabilities)).mask()
    assert mask.dtype == np.uint8
    assert mask.tolist() == [[0, 200, 7]]
