from reports.records import EnvironmentRecord
from reports.scaling_table import scaling_table
from reports.speed_records import ScalePoint, ScaleResult, ScalingRecord


def test_a_row_says_what_was_measured_or_what_was_not(environment: EnvironmentRecord) -> None:
    record = ScalingRecord(
        started="2026-01-01T00:00:00+00:00",
        variant="xmem_tiny",
        precision="fp32",
        engine="eager",
        memory_limit_bytes=2**30,
        results=(
            ScaleResult(
                point=ScalePoint(frames=60, objects=1, size=480),
                milliseconds=81.25,
                memory=(12960, 256),
                peak_memory_bytes=500 * 2**20,
            ),
            ScaleResult(point=ScalePoint(frames=60, objects=9, size=1080), failure="out of memory"),
        ),
        environment=environment,
    )
    title, table = scaling_table(record).split("\n\n")
    assert title == "xmem_tiny, fp32, engine eager, at most 1024 MiB, 2 threads, Some CPU"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()][2:]
    assert rows == [
        ["853x480", "1", "60", "12960", "256", "500", "81.2"],
        ["1920x1080", "9", "60", "-", "-", "-", "out of memory"],
    ]
