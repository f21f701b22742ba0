"""Storage of memory elements: a matrix that grows downwards in place."""

from jaxtyping import Shaped
from torch import Tensor


class Rows:
    """A matrix to which rows are appended without copying those that are there.

    Room is reserved for `reserve` rows at the first append, and doubled whenever it runs out. Views handed out by
    `filled` stay valid until the next `replace` or growth.
    """

    def __init__(self, *, reserve: int) -> None:
        self._reserve = reserve
        self._buffer: Tensor | None = None
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def filled(self) -> Shaped[Tensor, "elements width"]:
        """All rows, in order, without a copy.

        Raises:
            ValueError: nothing was ever appended, so that neither width nor device is known.
        """
        if self._buffer is None:
            raise ValueError("expected rows, found a storage to which nothing was appended")
        return self._buffer[: self._size]

    def append(self, rows: Shaped[Tensor, "new width"]) -> None:
        """Add rows below the others; type and device are those of the first."""
        size = self._size + rows.shape[0]
        self._make_room(size, like=rows)[self._size : size] = rows
        self._size = size

    def replace(self, rows: Shaped[Tensor, "kept width"]) -> None:
        """Hold these rows instead. They must be no view of this storage, which is written in place."""
        self._make_room(rows.shape[0], like=rows)[: rows.shape[0]] = rows
        self._size = rows.shape[0]

    def _make_room(self, size: int, *, like: Tensor) -> Tensor:
        if self._buffer is None:
            self._buffer = like.new_empty(max(size, self._reserve), like.shape[1])
        elif size > self._buffer.shape[0]:
            grown = self._buffer.new_empty(max(size, 2 * self._buffer.shape[0]), self._buffer.shape[1])
            grown[: self._size] = self._buffer[: self._size]
            self._buffer = grown
        return self._buffer
