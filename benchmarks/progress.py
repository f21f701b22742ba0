"""Showing how far a run is: a bar on a terminal, a line per sequence elsewhere."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class RunProgress:
    """Counts the frames of a run.

    Args:
        console: where to show it.
        frames: of all sequences, those already finished included.
    """

    def __init__(self, console: Console, *, frames: int) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("frames"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=frames)

    def start(self, sequence: str) -> None:
        """The frames that come next belong to this sequence."""
        self._bar.update(self._task, description=sequence)

    def advance(self, frames: int = 1) -> None:
        """So many frames more are done."""
        self._bar.advance(self._task, frames)

    def say(self, line: str) -> None:
        """Print a line that stays."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> "RunProgress":  # noqa: PYI034 - beartype knows Self only where it decorates the class
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()
