"""Whether a run's figures may stand beside published ones: for accuracy and for performance, each by its own rules.

The two modes are those of MLPerf. What disturbs a clock does not change a mask, so a run may be valid in one alone.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from reports.device_use import DeviceUse, GpuUse
from reports.records import SequenceRecord
from reports.result import Result
from reports.wording import counted

OTHERS_LIMIT = 0.1  # of the CPU time there was: what others may take of it
HELD_BACK_LIMIT = 0.01  # likewise: for how long the process may wait for its quota


class Mode(StrEnum):
    """What is asked of a run."""

    ACCURACY = "accuracy"
    PERFORMANCE = "performance"


def why_invalid(result: Result, mode: Mode) -> tuple[str, ...]:
    """Why the run's figures are INVALID in this mode, a reason each; nothing where they are valid."""
    too_few = () if result.lack is None else (result.lack,)
    return too_few if mode is Mode.ACCURACY else (*too_few, *_disturbed_repeats(result.timed))


def _disturbed_repeats(repeats: Sequence[Sequence[SequenceRecord]]) -> Iterator[str]:
    """Each is judged by itself, for it has a speed of its own that quiet ones do not mend."""
    for number, records in enumerate(repeats, 1):
        name = f"repeat {number}: " if len(repeats) > 1 else ""
        yield from (f"{name}{reason}" for reason in disturbances(records))


def disturbances(records: Sequence[SequenceRecord]) -> Iterator[str]:
    """What disturbed the clock while these sequences ran, all of them taken together."""
    timed = [record for record in records if record.milliseconds]
    uses = [record.use for record in timed if record.use is not None]
    if len(uses) < len(timed):
        yield "nobody watched the device"
    if not uses:
        return
    yield from _of_the_cpu(uses)
    yield from _of_the_gpu([use.gpu for use in uses if use.gpu is not None])


def _of_the_cpu(uses: Sequence[DeviceUse]) -> Iterator[str]:
    offered = sum(use.cpu_seconds for use in uses)
    told = [use.others_seconds for use in uses if use.others_seconds is not None]
    if len(told) < len(uses):
        yield "the system does not tell who used the CPU"
    elif (share := sum(told) / offered) > OTHERS_LIMIT:
        yield f"shared device: other processes took {share:.0%} of the CPU time (allowed: {OTHERS_LIMIT:.0%})"
    if (share := sum(use.stolen_seconds for use in uses) / offered) > OTHERS_LIMIT:
        yield f"shared device: the host took {share:.0%} of the CPU time for others (allowed: {OTHERS_LIMIT:.0%})"
    if (share := sum(use.held_back_seconds for use in uses) / offered) > HELD_BACK_LIMIT:
        yield f"throttled device: {share:.0%} of the CPU time was withheld by a quota (allowed: {HELD_BACK_LIMIT:.0%})"
    if times := sum(use.overheated for use in uses):
        yield f"throttled device: a CPU was slowed down for its heat {counted(times, 'time')}"


def _of_the_gpu(uses: Sequence[GpuUse]) -> Iterator[str]:
    others = [use.processes for use in uses if use.processes is not None]
    slowdowns = [use.slowdowns for use in uses if use.slowdowns is not None]
    if min(len(others), len(slowdowns)) < len(uses):
        yield "the driver does not tell who used the GPU, or whether it was slowed down"
    if most := max(others, default=0):
        yield f"shared device: {most} other {'process' if most == 1 else 'processes'} computed on the GPU"
    if reasons := dict.fromkeys(reason for each in slowdowns for reason in each):
        yield f"throttled device: the GPU was slowed down: {', '.join(reasons)}"
