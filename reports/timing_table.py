"""Tables of how long a run took: every sequence and all of them, under each timing contract."""

from collections.abc import Iterator, Sequence

from reports.records import SequenceRecord
from reports.spread import spread_label
from reports.table import markdown_table
from reports.timing import (
    DECIMALS,
    TimingContract,
    contract_note,
    fps_spread,
    fps_text,
    frames_read,
    step_contract,
    throughput,
    wall_seconds,
)

OF_FRAMES = "mean, std, median and p95 are of single frames, in ms"


def timing_tables(repeats: Sequence[Sequence[SequenceRecord]]) -> list[str]:
    """What is to be said of speed, a paragraph each.

    Args:
        repeats: records of the sequences, of each repeat; all have the same sequences.
    """
    parts = [_per_frame(repeats)] if fps_spread(repeats, step_contract(repeats)) is not None else []
    if fps_spread(repeats, TimingContract.END_TO_END) is not None:
        parts.append(_end_to_end(repeats))
    return parts


def _per_frame(repeats: Sequence[Sequence[SequenceRecord]]) -> str:
    """Statistics over the frames of all repeats; FPS is the mean over repeats of total frames / total time."""
    contract = step_contract(repeats)
    rows = []
    for name, part in _parts(repeats):
        if fps_spread(part, contract) is None:  # a sequence without prompt
            continue
        speed = throughput([record for records in part for record in records])
        std = "-" if speed.std_ms is None else f"{speed.std_ms:.1f}"
        figures = [f"{speed.mean_ms:.1f}", std, f"{speed.median_ms:.1f}", f"{speed.p95_ms:.1f}"]
        rows.append([name, str(speed.frames), fps_text(part, contract), *figures])
    table = markdown_table(["sequence", "frames", "FPS", "mean", "std", "median", "p95"], rows)
    return f"{contract_note(contract)[:-1]}; {OF_FRAMES}{_scatter(repeats, contract)}.\n\n{table}"


def _end_to_end(repeats: Sequence[Sequence[SequenceRecord]]) -> str:
    contract = TimingContract.END_TO_END
    rows = []
    for name, part in _parts(repeats):
        seconds = [found for records in part if (found := wall_seconds(records)) is not None]
        frames = sum(frames_read(records) for records in part)
        rows.append([name, str(frames), fps_text(part, contract), f"{sum(seconds):.2f}"])
    table = markdown_table(["sequence", "frames", "FPS", "seconds"], rows)
    return f"{contract_note(contract)[:-1]}{_scatter(repeats, contract)}.\n\n{table}"


def _parts(
    repeats: Sequence[Sequence[SequenceRecord]],
) -> Iterator[tuple[str, list[list[SequenceRecord]]]]:
    """Each sequence of every repeat, and all of them."""
    for record in repeats[0]:
        yield record.name, [[one for one in records if one.name == record.name] for records in repeats]
    yield "**all**", [list(records) for records in repeats]


def _scatter(repeats: Sequence[Sequence[SequenceRecord]], contract: TimingContract) -> str:
    spread = fps_spread(repeats, contract)
    if spread is None or spread.std is None:
        return ""
    return f"; FPS: {spread_label(spread)}, median of all {spread.median:.{DECIMALS}f}"
