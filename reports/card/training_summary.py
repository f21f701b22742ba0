"""What the lines of a training log come to."""

import hashlib
from collections.abc import Iterator, Sequence

from reports.card.record import BestHeldOut, TrainingRecord, code_of
from reports.card.training_log import HeldOutLine, LogLine, SessionLine, TrainingLine

SECONDS_PER_HOUR = 3600


def summarise_training(lines: Sequence[LogLine], *, log: bytes, curve: str) -> TrainingRecord:
    """A record of training.

    Args:
        lines: those of the log that count, at least a session and a training line.
        log: its content.
        curve: the picture of it.
    """
    sessions = [line for line in lines if isinstance(line, SessionLine)]
    spans = list(_spans(lines))
    return TrainingRecord(
        started=sessions[0].started,
        sessions=len(sessions),
        devices=tuple(dict.fromkeys(one.device for one in sessions)),
        torch=tuple(dict.fromkeys(one.torch for one in sessions)),
        code=tuple(dict.fromkeys(code_of(one.commit, modified=one.modified) for one in sessions)),
        seed=sessions[-1].config.seed,
        iterations=sum(count for count, _ in spans),
        planned=sessions[-1].config.iterations,
        begun_from=sessions[0].begun_from,
        clips=round(sum(count * line.seconds * line.clips_per_second for count, line in spans)),
        hours=sum(count * line.seconds for count, line in spans) / SECONDS_PER_HOUR,
        best=_best(lines),
        log_sha256=hashlib.sha256(log).hexdigest(),
        curve_sha256=hashlib.sha256(curve.encode()).hexdigest(),
    )


def _spans(lines: Sequence[LogLine]) -> Iterator[tuple[int, TrainingLine]]:
    """Each training line, and how many iterations it stands for."""
    before = 0
    for line in lines:
        if isinstance(line, TrainingLine):
            yield line.iteration - before, line
            before = line.iteration


def _best(lines: Sequence[LogLine]) -> BestHeldOut | None:
    """Of equal scores the first, whose weights training keeps."""
    best = max((one for one in lines if isinstance(one, HeldOutLine)), key=lambda one: one.j_and_f, default=None)
    if best is None:
        return None
    return BestHeldOut(iteration=best.iteration, j_and_f=best.j_and_f, j=best.j, f=best.f)
