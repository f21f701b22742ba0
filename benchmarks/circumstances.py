"""What torch answers about device and threads, known from a run that asked it in the same circumstances.

Importing torch takes two seconds, which a run that is finished need not wait for.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from benchmarks.artifacts import sha256_of
from benchmarks.config import CellConfig
from benchmarks.environment import Computer, cpu_name
from benchmarks.processors import usable_processors
from reports.records import RunRecord
from reports.run_folder import RunFolderError, find_runs_of

# Of environment variables: OpenMP and its implementations, linear algebra, CUDA, torch.
PREFIXES = ("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "CUDA_", "NVIDIA_", "TORCH_", "PYTORCH_")

# The dynamic linker reads its own as a process starts; OpenCV changes them later, which changes nothing.
STARTED_WITH = Path("/proc/self/environ")
LINKER = "LD_"

# The driver, its GPUs and how they are divided, as far as the system shows them; devices are known by their names.
ROOT = Path("/")
READ = ("proc/driver/nvidia/version", "proc/driver/nvidia/gpus/*/information")
NAMED = ("dev/nvidia*", "proc/driver/nvidia/capabilities/**/*")


def circumstances(config: CellConfig) -> str:
    """A hash over all that torch's answers hang on: what is asked, its version, processors, GPUs, and settings."""
    return sha256_of(
        [
            [config.device, config.threads],
            version("torch"),
            [cpu_name(), os.cpu_count(), sorted(usable_processors())],
            sorted((name, value) for name, value in os.environ.items() if name.startswith(PREFIXES)),
            sorted(one for one in STARTED_WITH.read_text(errors="replace").split("\0") if one.startswith(LINKER)),
            [(str(path), path.read_bytes().hex()) for path in _found(READ)],
            [str(path) for path in _found(NAMED)],
        ]
    )


def known_computer(config: CellConfig, circumstances: str) -> Computer | None:
    """What the cell would be computed on, if runs of the same cell in the same circumstances are agreed on it."""
    same = (_computer_of(run) for run in _earlier_runs(config) if run.circumstances == circumstances)
    found = {(one.device, one.gpu, one.threads): one for one in same}  # a run remembers the driver of its beginning
    return next(iter(found.values())) if len(found) == 1 else None


def _earlier_runs(config: CellConfig) -> Iterator[RunRecord]:
    for folder in find_runs_of(Path(config.paths.runs), dataset=config.dataset.name, name=config.name):
        with suppress(RunFolderError):  # whoever needs this run will say that it is damaged
            yield folder.read_run()


def _computer_of(run: RunRecord) -> Computer:
    there = run.environment
    return Computer(device=there.device, gpu=there.gpu, driver=there.driver, threads=there.threads)


def _found(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(ROOT.glob(pattern))
