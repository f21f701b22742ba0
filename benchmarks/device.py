"""Which device computes, and in which number formats."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmarks.config import Autocast, PrecisionConfig
from benchmarks.errors import InputError
from xmem import XMem

DTYPES = {Autocast.FLOAT16: torch.float16, Autocast.BFLOAT16: torch.bfloat16}


def choose_device(wanted: str) -> torch.device:
    """The device that was asked for; `auto` is the GPU where there is one.

    Raises:
        InputError: there is no such device here.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted not in ("cpu", "cuda"):
        raise InputError(f"device: expected auto, cpu or cuda, found {wanted!r}")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise InputError("device: expected a CUDA device, found none that torch can use; take device=cpu")
    return torch.device(wanted)


def check_precision(config: PrecisionConfig, device: torch.device) -> None:
    """Refuse what a device cannot do: another precision in its place would be a wrong number in a table.

    Raises:
        InputError: the device does not compute in these formats.
    """
    if device.type == "cpu" and config.autocast is Autocast.FLOAT16:
        raise InputError(
            f"precision={config.name} is float16 autocast, which is for CUDA; on the CPU take precision=bf16 or fp32"
        )
    if device.type == "cpu" and config.tf32:
        raise InputError(f"precision={config.name} is a format of CUDA devices; on the CPU take precision=fp32")


def place(network: XMem, device: torch.device) -> XMem:
    """Move the network to its device, laid out as the device likes it best.

    On the CPU channels come last, which is 1.1 to 1.3 times as fast in every stage (`make benchmark`).
    """
    layout = torch.channels_last if device.type == "cpu" else torch.contiguous_format
    return network.to(device, memory_format=layout)  # type: ignore[call-overload, no-any-return]


@contextmanager
def computing(config: PrecisionConfig, device: torch.device) -> Iterator[None]:
    """Compute in these formats inside; torch's settings are put back on leaving."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = config.tf32
    try:
        if config.autocast is None:
            yield
        else:
            with torch.autocast(device.type, dtype=DTYPES[config.autocast]):
                yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before
