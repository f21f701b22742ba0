import pytest

from reports.wording import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 runs"), (1, "1 run"), (12, "12 runs")])
def test_one_is_not_many(count: int, text: str) -> None:
    assert counted(count, "run") == text
