import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from reports.scaling_table import scaling_table
from reports.speed_records import ScalingRecord

EntryPoint = Callable[..., tuple[int, str, str]]
SWEEP = ("lengths=[8,12]", "object_counts=[1,3]", "sizes=[32,48]")


@pytest.fixture
def measure(entry_point: EntryPoint, tiny: tuple[str, ...], tmp_path: Path) -> Callable[..., ScalingRecord]:
    """The record of a sweep of the tiny network."""
    settings = [one for one in tiny if not one.startswith("resolution=")]

    def measure(*overrides: str) -> ScalingRecord:
        status, output, errors = entry_point("scaling", *settings, *overrides)
        assert (status, errors) == (0, "")
        (path,) = (tmp_path / "runs/scaling").iterdir()
        record = msgspec.json.decode(path.read_bytes(), type=ScalingRecord)
        assert f"{scaling_table(record)}\n\nrecord: {path}\n" in output
        return record

    return measure


def test_each_axis_is_measured_through_the_first_values_of_the_others(measure: Callable[..., ScalingRecord]) -> None:
    record = measure(*SWEEP)
    points = [(one.point.frames, one.point.objects, one.point.size) for one in record.results]
    assert points == [(8, 1, 32), (12, 1, 32), (8, 3, 32), (8, 1, 48)]
    assert record.engine == "eager"
    for one in record.results:
        assert one.failure is None
        assert one.milliseconds is not None
        assert one.milliseconds > 0
        assert one.memory is not None
        assert one.memory[0] > 0


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_memory_that_runs_out_is_a_result_and_ends_no_sweep(measure: Callable[..., ScalingRecord], engine: str) -> None:
    """A frame of 16 megapixels needs more than its network and its memory may take together."""
    sweep = ("lengths=[2]", "object_counts=[1]", "sizes=[3000,32]", "memory_gib=1.5")
    record = measure(f"engine={engine}", *sweep)
    assert [one.failure for one in record.results] == ["out of memory", None]
    assert " out of memory |" in scaling_table(record)


def test_a_process_that_the_system_kills_ran_out_of_memory(measure: Callable[..., ScalingRecord]) -> None:
    def kill_the_first() -> None:
        while not (children := multiprocessing.active_children()):
            time.sleep(0.01)
        os.kill(children[0].pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill_the_first)
    killer.start()
    record = measure("lengths=[8]", "object_counts=[1,2]", "sizes=[32]")
    killer.join()
    assert [one.failure for one in record.results] == ["out of memory: killed by the system", None]


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("lengths=[1]", "expected lengths of 2 and more"),
        ("object_counts=[256]", "1..255 objects"),
        ("sizes=[]", "expected values in lengths, object_counts and sizes"),
        ("sizes=[8]", "expected sizes of 16 and more"),
        ("memory_gib=0", "memory_gib above 0"),
        ("precision=amp device=cpu", "precision=amp is float16 autocast, which is for CUDA"),
    ],
)
def test_sweeps_that_make_no_sense_are_refused(entry_point: EntryPoint, override: str, reason: str) -> None:
    status, _, errors = entry_point("scaling", *override.split())
    assert status == 2
    assert reason in errors
