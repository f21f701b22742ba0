import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem.memory.consolidation import Window, choose_prototypes, potentiate, survivors
from xmem.memory.similarity import memory_features, query_features, similarity


def frames(first: int, count: int, *, size: int = 3) -> torch.Tensor:
    """Rows that carry the number of their frame."""
    return torch.arange(first, first + count).repeat_interleave(size)[:, None].float()


def numbers(rows: torch.Tensor) -> list[int]:
    return rows[:, 0].unique().int().tolist()


def test_candidates_are_all_but_the_first_frame_and_the_newest_ones() -> None:
    window = Window(frames=10, keep=5, frame_size=3)
    assert numbers(window.candidates(frames(0, 10))) == [1, 2, 3, 4, 5]
    assert numbers(window.kept(frames(0, 10))) == [0, 6, 7, 8, 9]


def test_keeping_one_frame_keeps_the_first() -> None:
    window = Window(frames=4, keep=1, frame_size=3)
    assert numbers(window.candidates(frames(0, 4))) == [1, 2, 3]
    assert numbers(window.kept(frames(0, 4))) == [0]


def test_a_late_group_gives_its_own_frames_without_its_own_first() -> None:
    window = Window(frames=10, keep=3, frame_size=3)
    assert numbers(window.candidates(frames(4, 6))) == [5, 6, 7], "aligned with the end of the candidates"
    assert numbers(window.kept(frames(4, 6))) == [4, 8, 9], "quirk 2: its own first frame stays"


@pytest.mark.parametrize(("group_frames", "given"), [(1, 0), (3, 0), (4, 0), (5, 2), (9, 6), (10, 7)])
def test_quirk_1_a_late_group_needs_more_than_keep_plus_one_frames_to_give_any(group_frames: int, given: int) -> None:
    assert Window(frames=10, keep=3, frame_size=3).candidate_frames(group_frames) == given


def test_a_group_that_spans_memory_gives_even_when_it_has_keep_plus_one_frames() -> None:
    assert Window(frames=4, keep=3, frame_size=3).candidate_frames(4) == 1


@pytest.mark.parametrize(("group_frames", "kept"), [(1, 1), (3, 3), (4, 3), (10, 3)])
def test_a_group_with_few_frames_keeps_them_all(group_frames: int, kept: int) -> None:
    window = Window(frames=10, keep=3, frame_size=3)
    assert window.kept(frames(0, group_frames)).shape[0] == kept * 3


def draw(candidates: int, *, dim: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(candidates)
    return (
        torch.randn(candidates, dim, generator=rng),
        1 + torch.rand(candidates, 1, generator=rng),
        torch.rand(candidates, dim, generator=rng),
        torch.rand(candidates, generator=rng),
    )


def test_prototypes_are_the_most_used_candidates_in_that_order() -> None:
    key, shrinkage, selection, usage = draw(9)
    prototypes = choose_prototypes(key=key, shrinkage=shrinkage, selection=selection, usage=usage, count=4)
    assert prototypes.chosen.tolist() == usage.argsort(descending=True)[:4].tolist()


def test_all_candidates_become_prototypes_where_there_are_too_few() -> None:
    key, shrinkage, selection, usage = draw(3)
    prototypes = choose_prototypes(key=key, shrinkage=shrinkage, selection=selection, usage=usage, count=128)
    assert sorted(prototypes.chosen.tolist()) == [0, 1, 2]


def test_a_late_group_receives_only_prototypes_inside_its_own_columns() -> None:
    key, shrinkage, selection, usage = draw(9)
    prototypes = choose_prototypes(key=key, shrinkage=shrinkage, selection=selection, usage=usage, count=6)
    own = torch.randn(4, 2)  # values of the newest four candidates, columns 5 to 8
    inside = [index for index in prototypes.chosen.tolist() if index >= 5]
    queries = query_features(key[inside], selection[inside])
    weights = torch.softmax(similarity(queries, memory_features(key[5:], shrinkage[5:])), dim=1)
    torch.testing.assert_close(potentiate(prototypes, own), weights @ own)


def test_a_group_that_gives_nothing_receives_nothing() -> None:
    key, shrinkage, selection, usage = draw(5)
    prototypes = choose_prototypes(key=key, shrinkage=shrinkage, selection=selection, usage=usage, count=3)
    assert potentiate(prototypes, torch.zeros(0, 7)).shape == (0, 7)


@given(usage=st.lists(st.integers(0, 5).map(float), min_size=1, max_size=20), evict=st.integers(0, 20))
def test_eviction_removes_the_least_used_and_all_their_equals(usage: list[float], evict: int) -> None:
    evict = min(evict, len(usage))
    kept = survivors(torch.tensor(usage), evict=evict).tolist()
    threshold = sorted(usage)[evict - 1] if evict else -1.0
    assert kept == [index for index, value in enumerate(usage) if value > threshold]


def test_nothing_to_evict_is_no_error() -> None:
    assert survivors(torch.tensor([1.0, 2.0]), evict=-3).tolist() == [0, 1]
