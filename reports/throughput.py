"""How fast sequences were segmented, under the timing contract `xmem`."""

from collections.abc import Sequence

from evaluators import Throughput, summarise_durations
from reports.records import SequenceRecord


def throughput(records: Sequence[SequenceRecord]) -> Throughput:
    """Speed over all stepped frames: total frames / total time.

    Raises:
        ValueError: no frame was stepped.
    """
    return summarise_durations([duration for record in records for duration in record.milliseconds])


def fps(records: Sequence[SequenceRecord]) -> str:
    """Frames per second as tables show it; a dash where no frame was stepped."""
    return f"{throughput(records).fps:.2f}" if any(record.milliseconds for record in records) else "-"
