"""How fast sequences were segmented, under timing contracts that never share a column."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial

from evaluators import Throughput, summarise_durations
from reports.records import SequenceRecord
from reports.spread import Source, Spread, spread_of

DECIMALS = 2  # of frames per second in tables


class TimingContract(StrEnum):
    """What a clock counted; in none is any warm-up left out."""

    XMEM = "xmem"  # that of the published columns, in which no engine makes anything ready
    OFFLINE = "offline"  # of several videos at once
    END_TO_END = "end_to_end"


MEANING: Mapping[TimingContract, str] = {
    TimingContract.XMEM: "device time of mask mapping, step and upsampling, of every frame from the first prompt on; "
    "decoding, upload, argmax, download, writing and what an engine makes ready for a new size excluded",
    TimingContract.OFFLINE: "as `xmem`, but several videos are stepped together, and each frame has its share of the "
    "step's time",
    TimingContract.END_TO_END: "wall time from the first file read to the last mask on disk, model loaded",
}


def contract_note(contract: TimingContract, heading: str = "FPS") -> str:
    """What a table must say of its frames per second."""
    return (
        f"{heading}: total frames / total time, timing contract `{contract}`: {MEANING[contract]}; no warm-up left out."
    )


def step_contract(repeats: Sequence[Sequence[SequenceRecord]]) -> TimingContract:
    """That of the milliseconds of these records, which are of one run."""
    together = any(record.together > 1 for records in repeats for record in records)
    return TimingContract.OFFLINE if together else TimingContract.XMEM


def throughput(records: Sequence[SequenceRecord]) -> Throughput:
    """Speed over all stepped frames, whichever way they were stepped: total frames / total time.

    Raises:
        ValueError: no frame was stepped.
    """
    return summarise_durations([duration for record in records for duration in record.milliseconds])


def fps_values(
    repeats: Sequence[Sequence[SequenceRecord]], contract: TimingContract = TimingContract.XMEM
) -> list[float]:
    """Frames per second of each repeat in which something was timed.

    Args:
        repeats: the sequences' records of each.
        contract: what the clock counted.
    """
    return [fps for records in repeats if (fps := FPS[contract](records)) is not None]


def fps_spread(
    repeats: Sequence[Sequence[SequenceRecord]], contract: TimingContract = TimingContract.XMEM
) -> Spread | None:
    """As `fps_values`, and how far they scatter; None where nothing was timed."""
    values = fps_values(repeats, contract)
    return spread_of(values, source=Source.TIMING) if values else None


def fps_text(repeats: Sequence[Sequence[SequenceRecord]], contract: TimingContract = TimingContract.XMEM) -> str:
    """Frames per second as tables show them, ± over repeats where there are several; a dash where nothing was timed."""
    spread = fps_spread(repeats, contract)
    if spread is None:
        return "-"
    return " ± ".join(f"{value:.{DECIMALS}f}" for value in (spread.mean, spread.std) if value is not None)


def wall_seconds(records: Sequence[SequenceRecord]) -> float | None:
    """Under contract `end_to_end`; None where it was not timed for all of them."""
    seconds = [record.wall_seconds for record in records if record.wall_seconds is not None]
    return sum(seconds, 0.0) if len(seconds) == len(records) else None


def frames_read(records: Sequence[SequenceRecord]) -> int:
    """All frames, those before the first prompt too."""
    return sum(record.skipped + len(record.milliseconds) for record in records)


def _step_fps(records: Sequence[SequenceRecord], contract: TimingContract) -> float | None:
    if step_contract([records]) is not contract or not any(record.milliseconds for record in records):
        return None
    return throughput(records).fps


def _end_to_end_fps(records: Sequence[SequenceRecord]) -> float | None:
    seconds = wall_seconds(records)
    return frames_read(records) / seconds if seconds else None


FPS: Mapping[TimingContract, Callable[[Sequence[SequenceRecord]], float | None]] = {
    TimingContract.XMEM: partial(_step_fps, contract=TimingContract.XMEM),
    TimingContract.OFFLINE: partial(_step_fps, contract=TimingContract.OFFLINE),
    TimingContract.END_TO_END: _end_to_end_fps,
}
