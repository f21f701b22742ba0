"""What a run depends on besides its configuration."""

import hashlib
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from reports.records import EnvironmentRecord

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("torch", "numpy", "opencv-python-headless", "pillow")

# The sources that decide masks. Scoring and reporting may change without making a run another.
DECIDING = (
    "xmem/**/*.py",
    "xmem/engine/native/*.[ch]pp",
    "benchmarks/runner.py",
    "benchmarks/session.py",
    "benchmarks/waves.py",
    "benchmarks/engine.py",
    "benchmarks/ensemble.py",
    "benchmarks/frames.py",
    "benchmarks/masks.py",
    "benchmarks/device.py",
    "benchmarks/seeding.py",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Computer:
    """What computes, as torch and the driver name it.

    Args:
        device: `cpu` or `cuda`.
        gpu: model name; None on the CPU.
        driver: of the GPU; None on the CPU.
        threads: CPU threads of the model.
    """

    device: str
    gpu: str | None
    driver: str | None
    threads: int


def describe_environment(computer: Computer) -> EnvironmentRecord:
    """Look at the machine, its libraries and this checkout."""
    commit = _git("rev-parse", "HEAD")
    changes = None if commit is None else _git("status", "--porcelain")
    return EnvironmentRecord(
        commit=commit,
        modified=None if changes is None else bool(changes),
        code_sha256=_code_sha256(),
        device=computer.device,
        cpu=cpu_name(),
        gpu=computer.gpu,
        driver=computer.driver,
        threads=computer.threads,
        decoder=f"opencv {version('opencv-python-headless')}",
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: version(name) for name in PACKAGES},
    )


def _code_sha256() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in DECIDING for path in ROOT.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _git(*arguments: str) -> str | None:
    """What git answers about this checkout; None without git or a checkout."""
    return output_of("git", "-C", str(ROOT), *arguments)


def output_of(*command: str) -> str | None:
    """What a command prints; None where there is no such command, or it fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()


def cpu_name() -> str:
    """The model name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
