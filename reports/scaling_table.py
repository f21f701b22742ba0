"""The table of one scaling sweep."""

from evaluators.image_size import size_text
from reports.speed_records import ScaleResult, ScalingRecord
from reports.table import markdown_table


def scaling_table(record: ScalingRecord) -> str:
    """A row for each point, in the order in which they were measured."""
    headers = ["size", "objects", "frames", "working memory", "long-term memory", "peak MiB", "median ms a frame"]
    limit = "" if record.memory_limit_bytes is None else f", at most {record.memory_limit_bytes / 2**20:.0f} MiB"
    title = (
        f"{record.variant}, {record.precision}, engine {record.engine}{limit}, {record.environment.threads} threads, "
        f"{record.environment.gpu or record.environment.cpu}"
    )
    return f"{title}\n\n{markdown_table(headers, [_row(result) for result in record.results])}"


def result_text(result: ScaleResult) -> str:
    """One point in one line."""
    size, objects, frames, *_, milliseconds = _row(result)
    unit = "" if result.milliseconds is None else " ms a frame"
    return f"{size}, objects {objects}, frames {frames}: {milliseconds}{unit}"


def _row(result: ScaleResult) -> list[str]:
    point = result.point
    where = [size_text((point.size, point.width)), str(point.objects), str(point.frames)]
    if result.memory is None or result.peak_memory_bytes is None or result.milliseconds is None:
        return [*where, "-", "-", "-", result.failure or "-"]
    memory = [str(elements) for elements in result.memory]
    return [*where, *memory, f"{result.peak_memory_bytes / 2**20:.0f}", f"{result.milliseconds:.1f}"]
