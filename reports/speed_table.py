"""The table of one timing of the core's stages."""

from collections.abc import Sequence
from itertools import product
from statistics import median

from evaluators.image_size import size_text
from reports.speed_records import SpeedRecord, StageRecord
from reports.table import markdown_table

KEY, READ, SEGMENT, VALUE = STAGES = ("encode key", "read memory", "segment", "encode value")


def speed_table(record: SpeedRecord) -> str:
    """Median milliseconds of every stage and of a frame, a row for each way to compute it.

    A frame is a key, a read, a segmentation, and its share of a value. It is compared with that of the first way, which
    was timed in turn with it: the ratio is the median over these pairs.
    """
    ways = list(dict.fromkeys((row.engine, row.precision) for row in record.stages))
    counts = list(dict.fromkeys(row.objects for row in record.stages))
    memories = list(dict.fromkeys(row.memory_frames for row in record.stages if row.memory_frames is not None))
    rows = []
    for objects, memory, way in product(counts, memories, ways):
        first, (key, read, segment, value) = (_stages(record, one, objects, memory) for one in (ways[0], way))
        frames = _frames(record, (key, read, segment, value))
        ratios = [one / other for one, other in zip(_frames(record, first), frames, strict=True)]
        times = [f"{median(one):.1f}" for one in (key, read, segment, value, frames)]
        rows.append([str(objects), str(memory), *way, *times, f"{median(ratios):.2f}"])
    repeats = len(record.stages[0].milliseconds)
    title = (
        f"median of {repeats}, in ms: {size_text((record.height, record.width))}, a value every "
        f"{record.memorise_every} frames, {record.environment.threads} threads, "
        f"{record.environment.gpu or record.environment.cpu}"
    )
    headers = ["objects", "memory frames", "engine", "precision", KEY, READ, SEGMENT, VALUE, "frame", "x first"]
    return f"{title}\n\n{markdown_table(headers, rows)}"


def _stages(record: SpeedRecord, way: tuple[str, str], objects: int, memory: int) -> list[tuple[float, ...]]:
    """The milliseconds of each stage, in the order of a step."""
    return [_find(record.stages, way, objects, stage, memory if stage == READ else None) for stage in STAGES]


def _find(
    rows: Sequence[StageRecord], way: tuple[str, str], objects: int, stage: str, memory: int | None
) -> tuple[float, ...]:
    wanted = (*way, objects, stage, memory)
    (found,) = (row for row in rows if (row.engine, row.precision, row.objects, row.stage, row.memory_frames) == wanted)
    return found.milliseconds


def _frames(record: SpeedRecord, stages: Sequence[tuple[float, ...]]) -> list[float]:
    """Milliseconds of a frame, for each time that its stages were timed."""
    return [
        key + read + segment + value / record.memorise_every for key, read, segment, value in zip(*stages, strict=True)
    ]
