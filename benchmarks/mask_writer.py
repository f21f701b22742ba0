"""Writing masks behind the model's back."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import UInt8

from benchmarks.artifacts import write_atomically
from benchmarks.masks import encode_mask

MAX_WAITING = 32  # masks; bounds memory when the disk is slower than the model


class MaskWriter:
    """Encodes and writes masks in one background thread, each file whole or not at all.

    A mask that cannot be written raises in the caller: at the latest by `flush`, which waits for all of them.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mask-writer")
        self._waiting: list[Future[None]] = []

    def submit(self, path: Path, mask: UInt8[np.ndarray, "height width"], *, palette: bytes) -> None:
        """Write `mask` to `path` soon. The array must not be changed afterwards.

        Raises:
            InputError: an earlier mask could not be written.
        """
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.pop(0).result()
        self._waiting.append(self._pool.submit(_write, path, mask, palette))

    def flush(self) -> None:
        """Wait until everything is on disk.

        Raises:
            InputError: a mask could not be written.
        """
        while self._waiting:
            self._waiting.pop(0).result()

    def __enter__(self) -> "MaskWriter":  # noqa: PYI034 - beartype knows Self only where it decorates the class
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)


def _write(path: Path, mask: np.ndarray, palette: bytes) -> None:
    write_atomically(path, encode_mask(mask, palette=palette))
