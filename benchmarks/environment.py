"""What a run depends on besides its configuration."""

import hashlib
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import torch

from reports.records import EnvironmentRecord

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("torch", "numpy", "opencv-python-headless", "pillow")

# The sources that decide masks. Scoring and reporting may change without making a run another.
DECIDING = (
    "xmem/**/*.py",
    "benchmarks/runner.py",
    "benchmarks/session.py",
    "benchmarks/ensemble.py",
    "benchmarks/frames.py",
    "benchmarks/masks.py",
    "benchmarks/device.py",
    "benchmarks/seeding.py",
)


def describe_environment(device: torch.device) -> EnvironmentRecord:
    """Look at the machine, its libraries and this checkout."""
    commit = _git("rev-parse", "HEAD")
    changes = None if commit is None else _git("status", "--porcelain")
    cuda = device.type == "cuda"
    return EnvironmentRecord(
        commit=commit,
        modified=None if changes is None else bool(changes),
        code_sha256=_code_sha256(),
        device=device.type,
        cpu=_cpu_name(),
        gpu=torch.cuda.get_device_name(device) if cuda else None,
        driver=_nvidia_driver() if cuda else None,
        threads=torch.get_num_threads(),
        decoder=f"opencv {version('opencv-python-headless')}",
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: version(name) for name in PACKAGES},
    )


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory that was in use: of the GPU since its count was reset, or of this process since its start.

    Not `getrusage`: on Linux a new process begins with the peak of the one that started it.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _code_sha256() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in DECIDING for path in ROOT.glob(pattern)):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _git(*arguments: str) -> str | None:
    """What git answers about this checkout; None without git or a checkout."""
    return _output_of("git", "-C", str(ROOT), *arguments)


def _nvidia_driver() -> str | None:
    return _output_of("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader", "--id=0")


def _output_of(*command: str) -> str | None:
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip()


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
