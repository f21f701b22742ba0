import pytest
import torch

from xmem.memory.rows import Rows


def numbered(first: int, count: int) -> torch.Tensor:
    return torch.arange(first, first + count, dtype=torch.float32)[:, None].repeat(1, 2)


def test_rows_come_back_in_the_order_in_which_they_were_appended() -> None:
    rows = Rows(reserve=4)
    rows.append(numbered(0, 3))
    rows.append(numbered(3, 1))
    assert torch.equal(rows.filled, numbered(0, 4))
    assert len(rows) == 4


def test_appending_within_the_reserve_copies_nothing_that_is_there() -> None:
    rows = Rows(reserve=100)
    rows.append(numbered(0, 3))
    before = rows.filled.data_ptr()
    for first in range(3, 99, 3):
        rows.append(numbered(first, 3))
    assert rows.filled.data_ptr() == before


def test_storage_grows_beyond_its_reserve_and_keeps_what_it_held() -> None:
    rows = Rows(reserve=2)
    for first in range(50):
        rows.append(numbered(first, 1))
    assert torch.equal(rows.filled, numbered(0, 50))


def test_replacing_leaves_only_the_new_rows() -> None:
    rows = Rows(reserve=4)
    rows.append(numbered(0, 4))
    rows.replace(numbered(7, 2))
    rows.append(numbered(9, 1))
    assert torch.equal(rows.filled, numbered(7, 3))


def test_an_empty_storage_has_no_width_to_answer_with() -> None:
    with pytest.raises(ValueError, match="nothing was appended"):
        _ = Rows(reserve=4).filled
    assert len(Rows(reserve=4)) == 0
