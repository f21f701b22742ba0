"""What torch and the driver say of the device that computes."""

from pathlib import Path

import torch

from benchmarks.config import CellConfig
from benchmarks.device import check_precision, choose_device, compute_capability, own_threads
from benchmarks.engine import check_engine
from benchmarks.environment import Computer, output_of


def choose_computer(config: CellConfig) -> Computer:
    """What a cell is to be computed on, in as many threads as were asked for.

    Raises:
        InputError: there is no such device, or it has not the precision or the engine.
    """
    device = choose_device(config.device)
    check_precision(config.precision, compute_capability(device))
    check_engine(config.engine, device)
    with own_threads(config.threads):
        return describe_computer(device)


def describe_computer(device: torch.device) -> Computer:
    """A device as it is named, and how many threads torch has now."""
    cuda = device.type == "cuda"
    return Computer(
        device=device.type,
        gpu=torch.cuda.get_device_name(device) if cuda else None,
        driver=_nvidia_driver() if cuda else None,
        threads=torch.get_num_threads(),
    )


def peak_memory_bytes(device: torch.device) -> int:
    """The most memory that was in use: of the GPU since its count was reset, or of this process since its start.

    Not `getrusage`: on Linux a new process begins with the peak of the one that started it.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _nvidia_driver() -> str | None:
    return output_of("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader", "--id=0")
