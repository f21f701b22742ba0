import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem.memory.similarity import (
    Affinity,
    memory_features,
    query_features,
    read_values,
    similarity,
    top_k_affinity,
    usage,
)


def draw(seed: int, *, queries: int = 7, elements: int = 12, dim: int = 5) -> tuple[torch.Tensor, ...]:
    rng = torch.Generator().manual_seed(seed)
    key = torch.randn(elements, dim, generator=rng)
    shrinkage = 1 + torch.randn(elements, 1, generator=rng) ** 2
    query = torch.randn(queries, dim, generator=rng)
    selection = torch.rand(queries, dim, generator=rng)
    return key, shrinkage, query, selection


@given(seed=st.integers(0, 2**31))
def test_one_product_of_features_is_the_formula_as_written(seed: int) -> None:
    key, shrinkage, query, selection = draw(seed)
    product = similarity(query_features(query, selection), memory_features(key, shrinkage))
    difference = key[None] - query[:, None]
    written = -shrinkage.T * (selection[:, None] * difference**2).sum(dim=2) / key.shape[1] ** 0.5
    torch.testing.assert_close(product, written, rtol=1e-4, atol=1e-4)


def test_similarity_of_a_key_with_itself_is_the_highest_there_is() -> None:
    key, shrinkage, _, _ = draw(3)
    product = similarity(query_features(key, torch.ones_like(key)), memory_features(key, shrinkage))
    assert (product.argmax(dim=1) == torch.arange(len(key))).all()
    torch.testing.assert_close(product.diagonal(), torch.zeros(len(key)), rtol=0, atol=1e-4)


@given(seed=st.integers(0, 2**31), k=st.integers(1, 20))
def test_weights_of_each_query_sum_to_one_over_at_most_k_elements(seed: int, k: int) -> None:
    similarities = -(torch.randn(7, 12, generator=torch.Generator().manual_seed(seed)) ** 2)
    affinity = top_k_affinity(similarities, k=k)
    assert affinity.weights.shape == (7, min(k, 12))
    torch.testing.assert_close(affinity.weights.sum(dim=1), torch.ones(7))
    chosen = similarities.gather(1, affinity.elements)
    assert (chosen.min(dim=1).values >= similarities.sort(dim=1, descending=True).values[:, min(k, 12) - 1]).all()


def test_distant_memories_give_weights_and_no_nan() -> None:
    affinity = top_k_affinity(torch.tensor([[-200.0, -201.0, -5000.0]]), k=2)
    torch.testing.assert_close(affinity.weights, torch.softmax(torch.tensor([[-200.0, -201.0]]), dim=1))


def test_reading_is_the_weighted_sum_of_rows() -> None:
    values = torch.randn(12, 6)
    affinity = top_k_affinity(torch.randn(7, 12), k=4)
    dense = torch.zeros(7, 12).scatter_(1, affinity.elements, affinity.weights)
    torch.testing.assert_close(read_values(values, affinity), dense @ values)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_values_are_read_in_the_type_in_which_they_are_stored(dtype: torch.dtype) -> None:
    values = torch.randn(12, 6).to(dtype)
    affinity = top_k_affinity(torch.randn(7, 12), k=4)
    read = read_values(values, affinity)
    assert read.dtype == dtype
    torch.testing.assert_close(read.float(), read_values(values.float(), affinity), rtol=0.02, atol=0.02)


def test_usage_sums_what_all_queries_read_of_an_element() -> None:
    affinity = Affinity(weights=torch.tensor([[0.75, 0.25], [0.5, 0.5]]), elements=torch.tensor([[0, 2], [2, 1]]))
    assert usage(affinity, elements=4).tolist() == [0.75, 0.5, 0.75, 0.0]
