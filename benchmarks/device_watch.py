"""Watches a device while a sequence runs: who else used it, and whether it was held back."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.gpu_watch import GpuWatch
from benchmarks.processors import usable_processors
from reports.device_use import DeviceUse

STAT = Path("/proc/stat")
PROCESSES = Path("/proc")
GROUP = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
HEAT = "devices/system/cpu/cpu*/thermal_throttle/core_throttle_count"

# Columns of /proc/stat. Time of guests is in `user` already; waiting for a disk occupies nobody.
BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq
STOLEN = 7


class DeviceWatch:
    """Watches from when it is made."""

    def __init__(self, device: torch.device) -> None:
        self._began = _read_counters()
        self._gpu = GpuWatch(device) if device.type == "cuda" else None

    def use(self) -> DeviceUse:
        """What was seen since; to be asked once, at the end."""
        now, then = _read_counters(), self._began
        others = None
        if now.busy is not None and then.busy is not None:
            # Clocks tick in hundredths of a second, so a short stretch may seem to have less than nothing.
            others = max(0.0, (now.busy - then.busy) - (now.own - then.own))
        return DeviceUse(
            seconds=now.wall - then.wall,
            cpu_seconds=(now.wall - then.wall) * len(usable_processors()),
            others_seconds=others,
            stolen_seconds=now.stolen - then.stolen,
            held_back_seconds=now.held_back - then.held_back,
            overheated=now.overheated - then.overheated,
            gpu=None if self._gpu is None else self._gpu.use(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counters:
    """Counters of the system, in seconds but for `overheated`; they only grow. What children took is `own`."""

    wall: float
    own: float
    busy: float | None
    stolen: float
    held_back: float
    overheated: int


def _read_counters() -> _Counters:
    busy, stolen = _cpu_seconds()
    return _Counters(
        wall=time.perf_counter(),
        own=time.process_time() + _seconds_of_children(),
        busy=busy,
        stolen=stolen,
        held_back=sum(_throttled_seconds(path) for path in {(group / "cpu.stat").resolve() for group in _groups()}),
        overheated=sum(int(_text(path) or 0) for path in Path("/sys").glob(HEAT)),
    )


def _seconds_of_children() -> float:
    """What processes that this one started took, such as those that score: those that ended, and those that live."""
    own, ended = os.getpid(), os.times()
    ticks = 0
    for path in PROCESSES.glob("[0-9]*/stat"):
        # After the name, which may hold anything: state, parent, ..., 11 to 14: own time, and that of its children.
        told = _text(path).rpartition(")")[2].split()
        if told and int(told[1]) == own:
            ticks += sum(int(count) for count in told[11:15])
    return ended.children_user + ended.children_system + ticks / os.sysconf("SC_CLK_TCK")


def _cpu_seconds() -> tuple[float | None, float]:
    """For how long our CPUs were busy, whoever kept them so, and for how long they were somebody else's."""
    names = {f"cpu{number}" for number in usable_processors()}
    rows = [line.split() for line in _text(STAT).splitlines()]
    counts = [[int(count) for count in row[1:]] for row in rows if row and row[0] in names]
    if not counts:
        return None, 0.0
    tick = os.sysconf("SC_CLK_TCK")
    return _sum(counts, BUSY) / tick, _sum(counts, (STOLEN,)) / tick


def _sum(rows: Iterable[list[int]], columns: Iterable[int]) -> int:
    wanted = tuple(columns)
    return sum(row[column] for row in rows for column in wanted if column < len(row))


def _groups() -> Iterator[Path]:
    """The control groups of this process and those above them, each of which may have a quota (versions 1 and 2)."""
    for line in _text(GROUP).splitlines():
        _, controllers, own = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        for mount in (GROUPS / controllers, GROUPS / "cpu", GROUPS / "unified"):
            group = mount / own.strip("/")
            yield from (one for one in (group, *group.parents) if one.is_relative_to(mount))


def _throttled_seconds(path: Path) -> float:
    """For how long tasks of a group waited for its quota; 0 where it has none."""
    told = dict(line.split(maxsplit=1) for line in _text(path).splitlines() if " " in line)
    return int(told.get("throttled_usec", 0)) / 1e6 + int(told.get("throttled_time", 0)) / 1e9


def _text(path: Path) -> str:
    """What the system says there; nothing where it has no such file."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
