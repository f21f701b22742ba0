"""The table of one long run."""

from evaluators.image_size import size_text
from reports.speed_records import EnduranceRecord
from reports.table import markdown_table


def endurance_table(record: EnduranceRecord) -> str:
    """Memory and time after so many frames."""
    headers = ["frames", "working memory", "long-term memory", "peak MiB", "median ms a frame"]
    rows = [
        [
            str(mark.frames),
            *map(str, mark.memory),
            f"{mark.peak_memory_bytes / 2**20:.0f}",
            f"{mark.milliseconds:.1f}",
        ]
        for mark in record.marks
    ]
    title = (
        f"{record.variant}, {record.objects} objects, {size_text((record.height, record.width))}, {record.precision}, "
        f"{record.environment.threads} threads, {record.environment.gpu or record.environment.cpu}"
    )
    return f"{title}\n\n{markdown_table(headers, rows)}"
