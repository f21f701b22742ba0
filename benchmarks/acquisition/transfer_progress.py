"""Showing how far a file is: a bar on a terminal, now and then a line elsewhere."""

import time
from types import TracebackType

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn


class TransferProgress:
    """Counts the bytes of one file after the other.

    Args:
        console: where to show it.
        every: seconds between two lines, where there is no terminal to draw a bar on.
    """

    def __init__(self, console: Console, *, every: float = 10.0) -> None:
        self._console = console
        self._every = every
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, visible=False)
        self._said = time.monotonic()

    def begin(self, name: str, *, total: int, done: int = 0) -> None:
        """The bytes that come next are of this file, of which so many are there."""
        self._bar.reset(self._task, description=name, total=total, completed=done, visible=True)
        self._said = time.monotonic()

    def advance(self, count: int) -> None:
        """So many bytes more are there."""
        self._bar.advance(self._task, count)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._said >= self._every:
            self._said = now
            task = self._bar.tasks[self._task]
            self.say(f"{task.description}: {decimal(int(task.completed))} of {decimal(int(task.total or 0))}")

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> "TransferProgress":  # noqa: PYI034 - beartype knows Self only where it decorates the class
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()
