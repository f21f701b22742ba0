from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from reports.endurance_table import endurance_table
from reports.speed_records import EnduranceRecord

EntryPoint = Callable[..., tuple[int, str, str]]


def test_memory_and_time_of_a_long_video_are_noted_on_the_way(
    entry_point: EntryPoint, tiny: tuple[str, ...], tmp_path: Path
) -> None:
    settings = [one for one in tiny if not one.startswith("resolution=")]
    status, output, errors = entry_point("endurance", *settings, "frames=120", "marks=[60,90,120]", "size=32")
    assert (status, errors) == (0, "")
    (path,) = (tmp_path / "runs/endurance").iterdir()
    record = msgspec.json.decode(path.read_bytes(), type=EnduranceRecord)
    assert [mark.frames for mark in record.marks] == [60, 90, 120]
    assert (record.height, record.width, record.variant) == (32, 56, "untrained")
    assert record.objects >= 1
    peaks = [mark.peak_memory_bytes for mark in record.marks]
    assert 0 < peaks[0] <= peaks[1] <= peaks[2]
    assert all(mark.milliseconds > 0 for mark in record.marks)
    elements_a_frame = (32 // 16) * (64 // 16)
    assert all(0 < mark.memory[0] <= 10 * elements_a_frame for mark in record.marks)
    assert record.marks[2].memory[1] > record.marks[0].memory[1] > 0
    assert output.startswith(endurance_table(record))


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("marks=[20,10]", "expected rising numbers of frames from 2 on in marks=[...], got [20, 10]"),
        ("marks=[]", "expected rising numbers of frames from 2 on"),
        ("frames=9999", "expected frames >= 10000, the last of marks, got 9999"),
    ],
)
def test_marks_that_make_no_sense_are_refused(entry_point: EntryPoint, override: str, reason: str) -> None:
    status, _, errors = entry_point("endurance", override)
    assert status == 2
    assert reason in errors
