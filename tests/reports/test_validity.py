"""When a run's figures may not stand beside published ones."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from reports.cell_table import run_table
from reports.device_use import DeviceUse, GpuUse
from reports.records import DatasetRecord, SequenceRecord
from reports.result import read_result
from reports.run_folder import RunFolder
from reports.validity import Mode, disturbances, why_invalid

WriteRun = Callable[..., RunFolder]
Make = Callable[..., SequenceRecord]

QUIET = DeviceUse(
    seconds=10.0, cpu_seconds=20.0, others_seconds=0.0, stolen_seconds=0.0, held_back_seconds=0.0, overheated=0
)


def disturbed(sequence_record: Make, **changes: Any) -> list[str]:
    return list(disturbances([sequence_record("cow", use=dataclasses.replace(QUIET, **changes))]))


def test_an_undisturbed_run_is_valid_for_both(write_run: WriteRun, tmp_path: Path) -> None:
    result = read_result(write_run(tmp_path / "run"))
    assert [why_invalid(result, mode) for mode in Mode] == [(), ()]
    assert "INVALID" not in run_table(RunFolder(tmp_path / "run"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"others_seconds": 2.2}, "shared device: other processes took 11% of the CPU time (allowed: 10%)"),
        ({"stolen_seconds": 3.0}, "shared device: the host took 15% of the CPU time for others (allowed: 10%)"),
        ({"held_back_seconds": 0.4}, "throttled device: 2% of the CPU time was withheld by a quota (allowed: 1%)"),
        ({"overheated": 3}, "throttled device: a CPU was slowed down for its heat 3 times"),
        ({"others_seconds": None}, "the system does not tell who used the CPU"),
        ({"gpu": GpuUse(processes=2, slowdowns=())}, "shared device: 2 other processes computed on the GPU"),
        ({"gpu": GpuUse(processes=0, slowdowns=("heat",))}, "throttled device: the GPU was slowed down: heat"),
        (
            {"gpu": GpuUse(processes=0, slowdowns=None)},
            "the driver does not tell who used the GPU, or whether it was slowed down",
        ),
        (
            {"gpu": GpuUse(processes=None, slowdowns=())},
            "the driver does not tell who used the GPU, or whether it was slowed down",
        ),
    ],
)
def test_what_disturbs_a_clock_is_named(sequence_record: Make, changes: dict[str, Any], reason: str) -> None:
    assert disturbed(sequence_record, **changes) == [reason]


@pytest.mark.parametrize(
    "changes",
    [
        {"others_seconds": 2.0},
        {"stolen_seconds": 2.0},
        {"held_back_seconds": 0.2},
        {"gpu": GpuUse(processes=0, slowdowns=())},
    ],
)
def test_what_is_allowed_is_no_disturbance(sequence_record: Make, changes: dict[str, Any]) -> None:
    assert disturbed(sequence_record, **changes) == []


def test_sequences_are_taken_together(sequence_record: Make) -> None:
    short = sequence_record("cow", use=dataclasses.replace(QUIET, cpu_seconds=1.0, others_seconds=0.5))
    long = sequence_record("dog", use=dataclasses.replace(QUIET, cpu_seconds=99.0))
    assert list(disturbances([short])) != []
    assert list(disturbances([short, long])) == []


def test_a_clock_that_nobody_watched_is_not_trusted(sequence_record: Make) -> None:
    assert list(disturbances([sequence_record("cow", use=None)])) == ["nobody watched the device"]
    assert list(disturbances([sequence_record("cow"), sequence_record("dog", use=None)])) == [
        "nobody watched the device"
    ]


def test_where_nothing_was_timed_nothing_is_disturbed(sequence_record: Make) -> None:
    assert list(disturbances([sequence_record("cow", milliseconds=(), use=None)])) == []


def test_a_disturbed_clock_changes_no_mask(write_run: WriteRun, sequence_record: Make, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    busy = sequence_record("cow", use=dataclasses.replace(QUIET, others_seconds=15.0))
    folder.sequence_file("cow").write_bytes(msgspec.json.encode(busy))
    result = read_result(folder)
    assert why_invalid(result, Mode.ACCURACY) == ()
    (reason,) = why_invalid(result, Mode.PERFORMANCE)
    assert f"INVALID for performance: {reason}." in run_table(folder)


def test_fewer_frames_than_the_protocol_asks_are_invalid_for_both(
    write_run: WriteRun, dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> None:
    dataset = dataset_record(complete_sequences=2, complete_frames=9)
    result = read_result(write_run(tmp_path / "run", dataset=dataset))
    for mode in Mode:
        assert why_invalid(result, mode) == ("the copy has 4 frames instead of 9",)


def test_quiet_repeats_do_not_mend_a_disturbed_one(
    write_run: WriteRun, write_repeat: Callable[..., None], tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run")
    for number in (2, 3, 4, 5):
        use = dataclasses.replace(QUIET, others_seconds=9.0) if number == 3 else QUIET
        write_repeat(folder, number=number, use=use)
    (reason,) = why_invalid(read_result(folder), Mode.PERFORMANCE)
    assert reason == "repeat 3: shared device: other processes took 45% of the CPU time (allowed: 10%)"
