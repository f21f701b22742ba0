import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem.inference.aggregation import aggregate, impose


@given(seed=st.integers(0, 2**31), objects=st.integers(1, 5))
def test_probabilities_sum_to_one_whatever_the_objects_say(seed: int, objects: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    independent = torch.rand(objects, 4, 5, generator=rng).round(decimals=1)  # 0 and 1 included
    probability = aggregate(independent)
    assert probability.shape == (1 + objects, 4, 5)
    torch.testing.assert_close(probability.sum(dim=0), torch.ones(4, 5))
    assert (probability >= 0).all()


def test_one_object_keeps_its_odds() -> None:
    # softmax over the logits of 1 - p and p: p^2 / (p^2 + (1 - p)^2)
    p = torch.full((1, 1, 1), 0.7)
    torch.testing.assert_close(aggregate(p)[1], torch.full((1, 1), 0.49 / (0.49 + 0.09)))


def test_certainty_is_cut_off_at_a_ten_millionth() -> None:
    odds = torch.log(torch.tensor([1e-7 / (1 - 1e-7), (1 - 1e-7) / 1e-7], dtype=torch.float64))
    expected = torch.softmax(odds, dim=0).float()[:, None, None]
    torch.testing.assert_close(aggregate(torch.ones(1, 1, 1)), expected, rtol=0.2, atol=0)


def test_certain_objects_stay_certain() -> None:
    probability = aggregate(torch.tensor([[[1.0, 0.0]], [[0.0, 0.0]]]))
    torch.testing.assert_close(probability[:, 0, 0], torch.tensor([0.0, 1.0, 0.0]), rtol=0, atol=1e-6)
    torch.testing.assert_close(probability[:, 0, 1], torch.tensor([1.0, 0.0, 0.0]), rtol=0, atol=1e-6)


def test_a_prompt_clears_predictions_where_it_labels_and_keeps_them_elsewhere() -> None:
    predicted = torch.tensor([[[0.6, 0.7, 0.8]]])  # object 1 over three pixels
    prompt = torch.tensor([[[0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]])  # object 2 is new, on the first
    imposed = impose(predicted, prompt, prompted=torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(imposed, torch.tensor([[[0.0, 0.7, 0.8]], [[1.0, 0.0, 0.0]]]))


def test_a_known_object_given_again_clears_the_others_where_it_is_and_nowhere_else() -> None:
    predicted = torch.tensor([[[0.6, 0.7, 0.8]], [[0.9, 0.9, 0.1]]])
    prompt = torch.tensor([[[1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]])  # object 1 again, on the first pixel
    imposed = impose(predicted, prompt, prompted=torch.tensor([1.0, 0.0]))
    torch.testing.assert_close(imposed, torch.tensor([[[1.0, 0.0, 0.0]], [[0.0, 0.9, 0.1]]]))


def test_an_object_that_the_prompt_shows_is_taken_from_it_whole() -> None:
    predicted = torch.tensor([[[0.6, 0.7, 0.8]]])
    prompt = torch.tensor([[[0.0, 1.0, 0.0]]])
    imposed = impose(predicted, prompt, prompted=torch.tensor([1.0]))
    torch.testing.assert_close(imposed, prompt)
