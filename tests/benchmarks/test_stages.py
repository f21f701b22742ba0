from collections.abc import Callable
from pathlib import Path

import msgspec

from reports.speed_records import SpeedRecord
from reports.speed_table import STAGES, speed_table

EntryPoint = Callable[..., tuple[int, str, str]]


def test_every_stage_is_timed_in_every_way_for_every_number_of_objects(entry_point: EntryPoint, tmp_path: Path) -> None:
    status, output, errors = entry_point(
        "speed",
        "engines=[eager]",
        "objects=[1,2]",
        "memory_frames=[1,2]",
        "height=32",
        "width=48",
        "repeats=2",
        "device=cpu",
        "threads=1",
        f"paths.runs={tmp_path}",
    )
    assert (status, errors) == (0, "")
    (path,) = (tmp_path / "speed").iterdir()
    record = msgspec.json.decode(path.read_bytes(), type=SpeedRecord)
    key, read, segment, value = STAGES
    timed = [(key, None), (read, 1), (read, 2), (segment, None), (value, None)]
    assert [(row.objects, row.precision, row.stage, row.memory_frames) for row in record.stages] == [
        (count, precision, *stage) for count in (1, 2) for precision in ("fp32", "bf16") for stage in timed
    ]
    assert all(len(row.milliseconds) == 2 and min(row.milliseconds) > 0 for row in record.stages)
    assert (record.height, record.width, record.environment.threads) == (32, 48, 1)
    assert output.startswith(speed_table(record))
    assert output.endswith(f"record: {path}\n")
