import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.prefetch import prefetch


def prefetch_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@settings(max_examples=20)
@given(items=st.lists(st.integers(), max_size=20), depth=st.integers(1, 5))
def test_items_come_in_order_whatever_the_depth(items: list[int], depth: int) -> None:
    with prefetch(items, depth=depth) as ahead:
        assert list(ahead) == items
    assert prefetch_threads() == []


def test_an_exception_is_raised_where_its_item_was_due() -> None:
    def three_and_a_fault() -> Iterator[int]:
        yield from (1, 2, 3)
        raise ValueError("the fourth")

    received = []
    with prefetch(three_and_a_fault(), depth=8) as ahead:
        with pytest.raises(ValueError, match="the fourth"):
            received.extend(iter(lambda: next(ahead), None))
        assert received == [1, 2, 3]
        assert list(ahead) == []
    assert prefetch_threads() == []


def test_an_exception_of_the_consumer_passes_and_stops_the_thread() -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    def consume() -> None:
        with prefetch(endless(), depth=2) as ahead:
            next(ahead)
            raise KeyError

    with pytest.raises(KeyError):
        consume()
    count = len(made)
    assert prefetch_threads() == []
    time.sleep(0.05)
    assert len(made) == count


def test_whoever_leaves_without_taking_anything_leaves_no_thread() -> None:
    with prefetch(iter(range(100)), depth=1):
        pass
    assert prefetch_threads() == []


@pytest.mark.parametrize("depth", [1, 3])
def test_the_lead_is_bounded(depth: int) -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    with prefetch(endless(), depth=depth) as ahead:
        for taken in range(1, 4):
            next(ahead)
            deadline = time.monotonic() + 5
            while len(made) < taken + depth + 1:  # so many are ready, and one in the making
                assert time.monotonic() < deadline
                time.sleep(0.001)
            time.sleep(0.05)
            assert len(made) == taken + depth + 1


def test_the_next_item_is_made_while_the_present_one_is_worked_on() -> None:
    made = threading.Event()

    def two() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    with prefetch(two(), depth=1) as ahead:
        next(ahead)
        assert made.wait(timeout=5)
