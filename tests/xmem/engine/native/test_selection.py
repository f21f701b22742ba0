"""The top k found in C++ are those of torch."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from xmem.engine.native import select_top_k
from xmem.memory.similarity import top_k_affinity


def similarities(rows: int, elements: int, *, levels: int | None = None) -> Tensor:
    drawn = -50 * torch.rand(rows, elements, generator=torch.Generator().manual_seed(rows * 1000 + elements))
    return drawn if levels is None else (drawn / 50 * levels).ceil()


def require_top_k(similarity: Tensor, k: int) -> None:
    ours, exact = select_top_k(similarity, k=k), top_k_affinity(similarity, k=k)
    found, best = (similarity.gather(1, one.elements).sort(dim=1, descending=True).values for one in (ours, exact))
    assert torch.equal(found, best)
    assert all(len(set(row)) == len(row) for row in ours.elements.tolist())
    weights = torch.softmax(similarity.gather(1, ours.elements), dim=1, dtype=ours.weights.dtype)
    torch.testing.assert_close(ours.weights, weights)


@pytest.mark.usefixtures("every_processor")
@given(
    rows=st.integers(1, 20),
    elements=st.integers(1, 700),
    k=st.integers(1, 50),
    levels=st.sampled_from([None, 20, 1]),
    dtype=st.sampled_from([torch.float32, torch.bfloat16]),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_the_most_similar_elements_of_every_query(
    rows: int, elements: int, k: int, levels: int | None, dtype: torch.dtype
) -> None:
    require_top_k(similarities(rows, elements, levels=levels).to(dtype), k)


@pytest.mark.usefixtures("every_processor")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_memory_in_its_steady_state_is_searched(dtype: torch.dtype) -> None:
    require_top_k(similarities(50, 26_200).to(dtype), 30)
    require_top_k(similarities(5, 26_200).sort(dim=1).values.to(dtype), 30)  # the best come last


def test_elements_come_in_the_order_of_memory_and_of_equals_the_first() -> None:
    exact = top_k_affinity(similarities(9, 3001), k=30)
    assert torch.equal(select_top_k(similarities(9, 3001), k=30).elements, exact.elements.sort(dim=1).values)
    assert select_top_k(torch.zeros(1, 500), k=4).elements.tolist() == [[0, 1, 2, 3]]


def test_parts_of_a_wider_matrix_are_searched_where_they_are() -> None:
    whole = similarities(7, 900)
    require_top_k(whole[:, 100:800], 30)
    require_top_k(whole.T, 5)


def test_other_formats_are_left_to_torch() -> None:
    similarity = similarities(7, 900).double()
    assert torch.equal(select_top_k(similarity, k=30).elements, top_k_affinity(similarity, k=30).elements)


def test_minus_infinity_is_a_similarity() -> None:
    similarity = torch.full((1, 200), -torch.inf)
    similarity[0, 150:190] = -1.0
    require_top_k(similarity, 30)
    assert select_top_k(similarity, k=45).elements[0, :5].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("place", [0, 1023, 1029])
def test_what_is_not_a_number_is_found_as_torch_finds_it(place: int) -> None:
    similarity = similarities(3, 1030)
    similarity[1, place] = torch.nan
    found = select_top_k(similarity, k=30)
    assert found.weights[1].isnan().all()
    assert not found.weights[::2].isnan().any()
