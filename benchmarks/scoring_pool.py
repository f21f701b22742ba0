"""Sequences scored side by side: in processes of their own, and here."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType

from benchmarks.errors import InputError
from evaluators import FramePair, ListedObject, ScoringError, ScoringProtocol, SequenceScore, score_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringTask:
    """One sequence to score, as `evaluators.score_sequence` is called. Its readers can be sent to other processes."""

    name: str
    frames: tuple[FramePair, ...]
    protocol: ScoringProtocol
    listed: Mapping[int, ListedObject]

    def score(self) -> SequenceScore:
        """Read the masks and score them.

        Raises:
            InputError: a mask is missing or unusable.
            ScoringError: masks do not fit the truth.
        """
        return score_sequence(self.name, self.frames, protocol=self.protocol, listed=self.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """What another process has to say in the place of a score: exceptions lose their parts on the way."""

    kind: type[InputError | ScoringError]
    message: str


class ScoringPool:
    """Scores what is handed in, as soon as it is, and waits for nothing before scores are asked for.

    Args:
        processes: that score at once, this one among them: when it is asked for scores it takes what none of the
            others has begun. With 1 nothing happens before that.
    """

    def __init__(self, *, processes: int) -> None:
        if processes < 1:
            raise ValueError(f"expected at least one process that scores, got {processes}")
        # A fork would inherit torch's threads in the middle of what they do.
        self._others = ProcessPoolExecutor(processes - 1, mp_context=get_context("spawn")) if processes > 1 else None
        self._futures: dict[str, Future[SequenceScore | _Refused]] = {}

    def submit(self, task: ScoringTask) -> None:
        """Score this soon; a sequence that was handed in before is not scored again."""
        if task.name not in self._futures:
            self._futures[task.name] = self._begin(task)

    def _begin(self, task: ScoringTask) -> "Future[SequenceScore | _Refused]":
        """What will be its score, or fail when that is asked for."""
        if self._others is None:
            return Future()
        try:
            with _interrupts_held_back():  # from a process that may begin here, for as long as it lives
                return self._others.submit(_score, task)
        except BrokenProcessPool as error:
            failed: Future[SequenceScore | _Refused] = Future()
            failed.set_exception(error)
            return failed

    def scores(self, tasks: Sequence[ScoringTask], *, advance: Callable[[int], None]) -> list[SequenceScore]:
        """The scores of these tasks, whether or not they were handed in before.

        Args:
            tasks: of different sequences.
            advance: told how many frames more are scored.

        Raises:
            InputError: a mask is missing or unusable, or a process ended without a word.
            ScoringError: masks do not fit the truth.
        """
        for task in tasks:
            self.submit(task)
        here: dict[str, SequenceScore] = {}
        for task in tasks if self._others is None else reversed(tasks):  # the others begin in front
            if self._futures[task.name].cancel():
                here[task.name] = task.score()
                advance(len(task.frames))
        for task in tasks:
            if task.name not in here:
                here[task.name] = _result(task, self._futures[task.name])
                advance(len(task.frames))
        return [here[task.name] for task in tasks]

    def __enter__(self) -> "ScoringPool":  # noqa: PYI034 - beartype knows Self only where it decorates the class
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._others is not None:
            self._others.shutdown(cancel_futures=True)


def _score(task: ScoringTask) -> SequenceScore | _Refused:
    try:
        return task.score()
    except InputError as error:
        return _Refused(kind=InputError, message=str(error))
    except ScoringError as error:
        return _Refused(kind=ScoringError, message=str(error))


def _result(task: ScoringTask, future: "Future[SequenceScore | _Refused]") -> SequenceScore:
    try:
        result = future.result()
    except BrokenProcessPool as error:
        raise InputError(
            f"sequence {task.name}: expected a score, but the process that was to find it ended without a word, "
            "perhaps for want of memory; close other programs and score again"
        ) from error
    if isinstance(result, _Refused):
        raise result.kind(result.message)
    return result


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C comes to the whole group, where one process is to answer: this one, which ends the others."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
