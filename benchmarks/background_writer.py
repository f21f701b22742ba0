"""Writing files behind the model's back."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from benchmarks.artifacts import write_atomically

MAX_WAITING = 32  # files; bounds memory when the disk is slower than the model


class BackgroundWriter:
    """Encodes and writes files in one background thread, each whole or not at all.

    A file that cannot be written raises in the caller: at the latest by `flush`, which waits for all of them.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._waiting: list[Future[None]] = []

    def submit(self, path: Path, encode: Callable[[], bytes]) -> None:
        """Write what `encode` gives to `path` soon. What it encodes must not be changed afterwards.

        Raises:
            InputError: an earlier file could not be written.
        """
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.pop(0).result()
        self._waiting.append(self._pool.submit(_write, path, encode))

    def flush(self) -> None:
        """Wait until everything is on disk.

        Raises:
            InputError: a file could not be written.
        """
        while self._waiting:
            self._waiting.pop(0).result()

    def __enter__(self) -> "BackgroundWriter":  # noqa: PYI034 - beartype knows Self only where it decorates the class
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)


def _write(path: Path, encode: Callable[[], bytes]) -> None:
    write_atomically(path, encode())
