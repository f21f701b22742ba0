"""Reading the log of a training run: a JSON object a line, appended; a run that was gone on with continues below.

A run goes on from its last saved state, which may lie before the last line. What it then does again replaces what
the log has of those iterations, so that lines stand for the iterations that led to the weights, each once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from reports.card.record import CardError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of the configuration (`benchmarks.training.config`): the seed, and iterations that training is to have in all."""

    seed: int
    iterations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A start, or a restart.

    Args:
        started: date and time with time zone (ISO 8601).
        device: model name.
        torch: version.
        config: what was asked for.
        commit: of the code; None outside a checkout.
        modified: whether that checkout had uncommitted changes; None outside a checkout.
        begun_from: SHA-256 of the weights that training began from; None where it began from nothing.
    """

    started: str
    device: str
    torch: str
    config: Asked
    commit: str | None
    modified: bool | None
    begun_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLine:
    """Means over the iterations since the training line before.

    Args:
        iteration: the last of them, counted from 1.
        stage: of the curriculum, counted from 0.
        loss: that was minimised.
        seconds: for each iteration.
        clips_per_second: likewise of clips.
    """

    iteration: int
    stage: int
    loss: float
    seconds: float
    clips_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutLine:
    """Scores of clips that are never trained on, after an iteration; fractions in [0, 1]."""

    iteration: int
    j: float
    f: float
    j_and_f: float


LogLine = SessionLine | TrainingLine | HeldOutLine

KINDS: Mapping[str, type[LogLine]] = {"session": SessionLine, "training": TrainingLine, "held_out": HeldOutLine}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    kind: str


def read_log(path: Path) -> tuple[tuple[LogLine, ...], bytes]:
    """The lines that count, and the content of the file. Lines of kinds that are not known here are left out.

    Raises:
        CardError: it cannot be read, has a damaged line, does not begin with a session, goes back without one, or
            nothing was trained.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CardError(
            f"{path}: expected the log of a training run, cannot read it: {error.strerror}; name it with --log"
        ) from error
    lines: list[LogLine] = []
    for number, text in enumerate(content.splitlines(), 1):
        line = _parse(path, number, text)
        if line is not None:
            _require_session(path, number, lines, line)
            lines.append(line)
    if not any(isinstance(line, TrainingLine) for line in lines):
        raise CardError(f"{path}: expected lines of kind training, found none; name the log of a run that has trained")
    kept = without_repeated(lines)
    _require_rising(path, kept)
    return kept, content


def without_repeated(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    """Leave out what a later session did again, and all that an earlier one did beyond it. Sessions all stay."""
    kept: list[LogLine] = []
    for line in lines:
        if kept and isinstance(kept[-1], SessionLine) and not isinstance(line, SessionLine):
            # The first line of a session; those below it are of later iterations.
            kept = [one for one in kept if isinstance(one, SessionLine) or one.iteration < line.iteration]
        kept.append(line)
    return tuple(kept)


def _parse(path: Path, number: int, text: bytes) -> LogLine | None:
    try:
        kind = KINDS.get(msgspec.json.decode(text, type=_Kind).kind)
        return None if kind is None else msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CardError(
            f"{path}: line {number}: expected a line of a training log, found a damaged or foreign one ({error}); "
            "if a crash cut it, remove that line"
        ) from error


def _require_session(path: Path, number: int, before: Sequence[LogLine], line: LogLine) -> None:
    if not before and not isinstance(line, SessionLine):
        raise CardError(
            f"{path}: line {number}: expected a line of kind session before all others, found none, so that nobody "
            "knows what trained; take the log as the training run wrote it"
        )


def _require_rising(path: Path, lines: Sequence[LogLine]) -> None:
    trained = [line.iteration for line in lines if isinstance(line, TrainingLine)]
    for before, iteration in pairwise([0, *trained]):
        if iteration <= before:
            raise CardError(
                f"{path}: expected iterations that rise until the next line of kind session, found {iteration} after "
                f"{before}; take the log as one training run wrote it"
            )
