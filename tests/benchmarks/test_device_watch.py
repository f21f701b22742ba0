"""Who else used the CPU is seen, whatever the system shows."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks import device_watch
from benchmarks.device_watch import DeviceWatch

CPU = torch.device("cpu")
TICK = os.sysconf("SC_CLK_TCK")


def spin(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


@pytest.fixture
def stranger() -> Iterator[None]:
    """A busy process that this one did not start: its parent has ended."""
    starter = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'while True: pass']).pid)"
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
    yield
    os.kill(number, signal.SIGKILL)


@pytest.mark.usefixtures("stranger")
def test_work_of_another_process_is_seen_and_own_work_is_not_taken_for_it() -> None:
    watch = DeviceWatch(CPU)
    spin(1.0)
    use = watch.use()
    assert use.others_seconds is not None
    assert 0.1 < use.others_seconds <= use.cpu_seconds + 0.1
    assert use.seconds >= 1.0
    assert use.cpu_seconds == pytest.approx(use.seconds * len(os.sched_getaffinity(0)))
    assert use.gpu is None


@pytest.fixture
def stat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up /proc/stat of an idle system."""
    path = tmp_path / "stat"
    monkeypatch.setattr(device_watch, "STAT", path)
    write_stat(path)
    return path


def write_stat(path: Path, **seconds: float) -> None:
    """Seconds that our first CPU spent; another one, which this process may not use, is always busy."""
    columns = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")
    own = [int(seconds.get(name, 0) * TICK) for name in columns]
    busy = [10**6 + path.stat().st_size if path.exists() else 10**6] * len(columns)
    rows = {"cpu": busy, f"cpu{min(os.sched_getaffinity(0))}": own, "cpu9999": busy}
    path.write_text("".join(f"{name} {' '.join(map(str, row))}\n" for name, row in rows.items()) + "intr 1 2\n")


def test_time_is_others_where_a_cpu_was_busy_and_not_with_this_process(stat: Path) -> None:
    watch = DeviceWatch(CPU)
    write_stat(stat, user=3, nice=1, system=2, irq=0.5, softirq=0.5, idle=50, iowait=60, steal=8, guest=3, guest_nice=1)
    use = watch.use()
    assert use.others_seconds == pytest.approx(7.0, abs=0.5)  # less the little that this test took itself
    assert use.stolen_seconds == 8.0


def test_own_work_is_taken_off_what_the_cpus_did(stat: Path) -> None:
    watch = DeviceWatch(CPU)
    began = time.process_time()
    spin(0.3)
    write_stat(stat, user=1)
    use = watch.use()
    assert use.others_seconds == pytest.approx(1 - (time.process_time() - began), abs=0.05)


# Works for two fifths of a second, says so, and lives until it may end.
WORK = "import sys, time\nwhile time.process_time() < 0.4: pass\nprint(flush=True)\nsys.stdin.read()"


def test_work_of_processes_that_this_one_started_is_its_own_while_they_live_and_after(stat: Path) -> None:
    watch, began = DeviceWatch(CPU), time.process_time()
    with subprocess.Popen([sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        write_stat(stat, user=2)
        living = watch.use().others_seconds
    ended = watch.use().others_seconds
    own = 0.4 + time.process_time() - began
    assert living == pytest.approx(2 - own, abs=0.15)
    assert ended == pytest.approx(2 - own, abs=0.15)


def test_where_the_system_does_not_tell_nothing_is_claimed(stat: Path) -> None:
    stat.unlink()
    use = DeviceWatch(CPU).use()
    assert (use.others_seconds, use.stolen_seconds) == (None, 0.0)


@pytest.mark.parametrize(
    ("line", "mount", "stat"),
    [
        ("0::/above/own", "above", "throttled_usec {}000000"),
        ("0::/above/own", "unified/above", "throttled_usec {}000000"),
        ("7:cpu,cpuacct:/above/own", "cpu,cpuacct/above", "throttled_time {}000000000"),
        ("1:cpu:/above/own", "cpu/above", "throttled_time {}000000000"),
        ("1:cpu:/of/the/host", "cpu", "throttled_time {}000000000"),  # as a container sees its own
    ],
)
def test_a_quota_of_the_own_control_group_or_one_above_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, mount: str, stat: str
) -> None:
    groups = tmp_path / "groups"
    above = groups / mount
    (above / "own").mkdir(parents=True)
    (tmp_path / "cgroup").write_text(f"3:cpuset:/beside\n{line}\n")
    monkeypatch.setattr(device_watch, "GROUP", tmp_path / "cgroup")
    monkeypatch.setattr(device_watch, "GROUPS", groups)
    (above / "cpu.stat").write_text(f"nr_periods 5\n{stat.format(1)}\n")
    watch = DeviceWatch(CPU)
    (above / "cpu.stat").write_text(f"nr_periods 9\n{stat.format(4)}\n")
    assert watch.use().held_back_seconds == 3.0
