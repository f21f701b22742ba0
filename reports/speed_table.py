"""The table of one timing of the core's stages."""

from statistics import median

from evaluators.image_size import size_text
from reports.records import SpeedRecord
from reports.table import markdown_table


def speed_table(record: SpeedRecord) -> str:
    """Median milliseconds of every stage, a column for each number of objects."""
    counts = sorted({row.objects for row in record.stages})
    medians = {(row.stage, row.objects): median(row.milliseconds) for row in record.stages}
    stages = list(dict.fromkeys(row.stage for row in record.stages))
    rows = [[stage, *(f"{medians[stage, count]:.1f}" for count in counts)] for stage in stages]
    repeats = len(record.stages[0].milliseconds)
    title = (
        f"median of {repeats}, in ms: {size_text((record.height, record.width))}, {record.working_frames} frames in "
        f"memory, {record.precision}, {record.environment.threads} threads, "
        f"{record.environment.gpu or record.environment.cpu}"
    )
    headers = ["stage", *(f"{count} object{'s' * (count > 1)}" for count in counts)]
    return f"{title}\n\n{markdown_table(headers, rows)}"
