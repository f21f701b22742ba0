"""Doing the next items of an iteration while the present one is worked on."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")

STOP_INTERVAL = 0.1  # seconds after which a thread that waits looks whether it is still wanted


@dataclass(frozen=True, slots=True)
class _Failed:
    """The iteration raised instead of giving an item."""

    error: Exception


class _End:
    """The iteration is over."""


@contextmanager
def prefetch(items: Iterable[Item], *, depth: int) -> Iterator[Iterator[Item]]:
    """Iterate in a thread, with at most `depth` items ready and one in the making; on leaving, that one is its last.

    An exception of the iteration is raised where its item was due.
    """
    ready: queue.Queue[Item | _Failed | _End] = queue.Queue(maxsize=depth)
    unwanted = threading.Event()

    def put(item: Item | _Failed | _End) -> None:
        while not unwanted.is_set():
            try:
                ready.put(item, timeout=STOP_INTERVAL)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put(item)
                if unwanted.is_set():
                    return
            put(_End())
        except Exception as error:  # noqa: BLE001 - it is raised again in the consumer's thread
            put(_Failed(error))

    thread = threading.Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        yield _consume(ready)
    finally:
        unwanted.set()
        thread.join()


def _consume(ready: "queue.Queue[Item | _Failed | _End]") -> Iterator[Item]:
    while True:
        item = ready.get()
        if isinstance(item, _End):
            return
        if isinstance(item, _Failed):
            raise item.error
        yield item
