"""How fast sequences were segmented, under two timing contracts that never share a column."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from evaluators import Throughput, summarise_durations
from reports.records import SequenceRecord
from reports.spread import Source, Spread, spread_of

DECIMALS = 2  # of frames per second in tables


class TimingContract(StrEnum):
    """What a clock counted; in neither is any warm-up left out."""

    XMEM = "xmem"  # that of the published columns, in which no engine makes anything ready
    END_TO_END = "end_to_end"


MEANING: Mapping[TimingContract, str] = {
    TimingContract.XMEM: "device time of mask mapping, step and upsampling, of every frame from the first prompt on; "
    "decoding, upload, argmax, download, writing and what an engine makes ready for a new size excluded",
    TimingContract.END_TO_END: "wall time from the first file read to the last mask on disk, model loaded",
}


def contract_note(contract: TimingContract, heading: str = "FPS") -> str:
    """What a table must say of its frames per second."""
    return (
        f"{heading}: total frames / total time, timing contract `{contract}`: {MEANING[contract]}; no warm-up left out."
    )


def throughput(records: Sequence[SequenceRecord]) -> Throughput:
    """Speed over all stepped frames under contract `xmem`: total frames / total time.

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


def _xmem_fps(records: Sequence[SequenceRecord]) -> float | None:
    return throughput(records).fps if any(record.milliseconds for record in records) else None


def _end_to_end_fps(records: Sequence[SequenceRecord]) -> float | None:
    seconds = wall_seconds(records)
    return frames_read(records) / seconds if seconds else None


FPS: Mapping[TimingContract, Callable[[Sequence[SequenceRecord]], float | None]] = {
    TimingContract.XMEM: _xmem_fps,
    TimingContract.END_TO_END: _end_to_end_fps,
}
