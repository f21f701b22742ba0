"""Asks NVIDIA's driver, while work goes on, whether it slows the GPU down and for whom else it works."""

import re
import subprocess
import tempfile
from contextlib import nullcontext

import torch

from reports.device_use import GpuUse

EVERY_MS = 500
TIMEOUT = 10  # seconds that the driver may take to answer

# Bits of `clocks_event_reasons.active` (NVML) that say: slower than it could be. The power cap is none of them, which a
# busy GPU always meets; nor are idleness and clocks that somebody has set.
REASONS_FIELD = "--query-gpu=clocks_event_reasons.active"
REASONS = re.compile(r"0x[0-9a-fA-F]+")
SLOWDOWNS = {0x8: "hardware slowdown", 0x20: "heat (software)", 0x40: "heat (hardware)", 0x80: "power brake"}


class GpuWatch:
    """Watches from when it is made; what cannot be told is None, and not nothing."""

    def __init__(self, device: torch.device) -> None:
        self._id = f"--id=GPU-{torch.cuda.get_device_properties(device).uuid}"
        self._at_first = self._processes()
        self._answers = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - read when the watch is over
        self._watcher = self._start()

    def use(self) -> GpuUse:
        """What was seen since; to be asked once, at the end."""
        return GpuUse(processes=self._other_processes(), slowdowns=self._slowdowns())

    def _slowdowns(self) -> tuple[str, ...] | None:
        with self._answers as answers, self._watcher or nullcontext() as watcher:
            if watcher is None:
                return None
            # A short stretch ends before the first answer, or while the tool still holds its answers back: once more.
            last = self._ask(REASONS_FIELD)
            watcher.terminate()
            answers.seek(0)
            return read_slowdowns(answers.read() + (last or ""))

    def _other_processes(self) -> int | None:
        """How many there were beside this one, at most of the beginning and now; None where not even it is listed."""
        counts = (self._at_first, self._processes())
        told = [count - 1 for count in counts if count]
        return max(told) if len(told) == len(counts) else None

    def _processes(self) -> int | None:
        """All that compute on it. Inside a container they cannot be told apart, but counted."""
        answer = self._ask("--query-compute-apps=pid")
        return None if answer is None else len(answer.split())

    def _ask(self, question: str) -> str | None:
        """The driver's answer; None where it has none, or takes too long."""
        command = [*self._query(), question]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT)  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout

    def _start(self) -> "subprocess.Popen[str] | None":
        try:
            return subprocess.Popen(  # noqa: S603
                [*self._query(), REASONS_FIELD, f"--loop-ms={EVERY_MS}"],
                stdout=self._answers,  # a pipe would be full after half an hour
                stderr=subprocess.DEVNULL,
                text=True,
            )
        except OSError:
            return None

    def _query(self) -> list[str]:
        return ["nvidia-smi", self._id, "--format=csv,noheader"]


def read_slowdowns(answers: str) -> tuple[str, ...] | None:
    """What the driver's answers mean: a hexadecimal number a line, every bit a reason; None where no line has one."""
    found = [int(line, 16) for line in answers.splitlines() if REASONS.fullmatch(line)]
    return tuple(name for bit, name in SLOWDOWNS.items() if any(one & bit for one in found)) if found else None
