import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem.inference.labels import read_prompt

masks = st.lists(st.lists(st.integers(0, 255), min_size=4, max_size=4), min_size=3, max_size=3).map(torch.tensor)


@given(first=masks, second=masks)
def test_channels_lead_back_to_the_labels_they_came_from(first: torch.Tensor, second: torch.Tensor) -> None:
    known: tuple[int, ...] = ()
    for mask in (first, second):
        prompt = read_prompt(mask, known=known)
        assert prompt.labels[: len(known)] == known, "known labels keep their channels"
        assert sorted(prompt.labels) == sorted({*known, *mask.unique().tolist()} - {0})
        restored = (prompt.one_hot * torch.tensor(prompt.labels).view(-1, 1, 1)).sum(dim=0)
        assert torch.equal(restored.long(), mask)
        known = prompt.labels


@given(mask=masks)
def test_objects_shown_are_those_with_a_pixel(mask: torch.Tensor) -> None:
    prompt = read_prompt(mask, known=(7, 300 % 256))
    assert prompt.shown == tuple(bool((mask == label).any()) for label in prompt.labels)


def test_new_labels_get_channels_in_ascending_order_after_the_known_ones() -> None:
    assert read_prompt(torch.tensor([[200, 7, 0, 2]]), known=(9,)).labels == (9, 2, 7, 200)


def test_a_mask_covers_all_when_every_known_label_occurs() -> None:
    assert read_prompt(torch.tensor([[1, 2]]), known=(1, 2)).covers_all
    assert not read_prompt(torch.tensor([[1, 3]]), known=(1, 2)).covers_all
    assert read_prompt(torch.tensor([[4, 0]]), known=()).covers_all


@pytest.mark.parametrize("label", [-1, 256])
def test_labels_that_no_mask_file_can_hold_are_refused(label: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.255"):
        read_prompt(torch.tensor([[0, label]]), known=())
