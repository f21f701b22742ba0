from reports.records import EnvironmentRecord
from reports.speed_records import SpeedRecord, StageRecord
from reports.speed_table import READ, STAGES, speed_table


def test_a_frame_is_compared_with_the_first_way_time_by_time(environment: EnvironmentRecord) -> None:
    """The second way takes half as long each time, though the machine was twice as slow in the last."""
    stages = [
        StageRecord(
            engine=engine,
            precision="fp32",
            objects=1,
            stage=stage,
            memory_frames=frames,
            milliseconds=(10.0 * share, 10.0 * share, 20.0 * share),
        )
        for engine, share in (("eager", 1.0), ("compiled", 0.5))
        for stage, frames in [(stage, 5 if stage == READ else None) for stage in STAGES]
    ]
    record = SpeedRecord(
        started="2026-01-01T00:00:00+00:00",
        height=480,
        width=854,
        memorise_every=5,
        stages=tuple(stages),
        environment=environment,
    )
    title, table = speed_table(record).split("\n\n")
    assert title == "median of 3, in ms: 854x480, a value every 5 frames, 2 threads, Some CPU"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert rows[0] == ["objects", "memory frames", "engine", "precision", *STAGES, "frame", "x first"]
    assert rows[2] == ["1", "5", "eager", "fp32", "10.0", "10.0", "10.0", "10.0", "32.0", "1.00"]
    assert rows[3] == ["1", "5", "compiled", "fp32", "5.0", "5.0", "5.0", "5.0", "16.0", "2.00"]
