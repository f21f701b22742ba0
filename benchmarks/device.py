"""Which device computes, and in which number formats."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmarks.config import Autocast, PrecisionConfig
from benchmarks.errors import InputError
from xmem import XMem

AMPERE = (8, 0)  # the compute capability from which on CUDA devices have TF32 and bfloat16

# How torch, and oneDNN beneath it, say on a CPU that there is no memory. oneDNN gives no reason, but where it lacks an
# implementation it speaks of a "primitive descriptor"; this is what it says where memory is limited.
NO_MEMORY = re.compile(r"can't allocate memory|^could not create a primitive$")

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


def compute_capability(device: torch.device) -> tuple[int, int] | None:
    """The generation of a CUDA device, as NVIDIA numbers them; None for the CPU."""
    return torch.cuda.get_device_capability(device) if device.type == "cuda" else None


def check_precision(config: PrecisionConfig, capability: tuple[int, int] | None) -> None:
    """Refuse what a device cannot do: another precision in its place would be a wrong number in a table.

    Args:
        config: the number formats.
        capability: of the CUDA device; None for the CPU.

    Raises:
        InputError: the device does not compute in these formats.
    """
    if capability is None and config.autocast is Autocast.FLOAT16:
        raise InputError(
            f"precision={config.name} is float16 autocast, which is for CUDA; on the CPU take precision=bf16 or fp32"
        )
    if capability is None and config.tf32:
        raise InputError(f"precision={config.name} is a format of CUDA devices; on the CPU take precision=fp32")
    recent = config.tf32 or config.autocast is Autocast.BFLOAT16
    if recent and capability is not None and capability < AMPERE:
        raise InputError(
            f"precision={config.name} is a format of CUDA devices of compute capability {AMPERE[0]} and more, this "
            f"one has {capability[0]}.{capability[1]}; take precision=fp32 or amp"
        )


def has_precision(device: torch.device, config: PrecisionConfig) -> bool:
    """Whether the device computes in these formats."""
    try:
        check_precision(config, compute_capability(device))
    except InputError:
        return False
    return True


def place(network: XMem, device: torch.device) -> XMem:
    """Move the network to its device, laid out as the device likes it best.

    On the CPU channels come last, which is 1.1 to 1.3 times as fast in every stage (`make benchmark`).
    """
    layout = torch.channels_last if device.type == "cpu" else torch.contiguous_format
    return network.to(device, memory_format=layout)  # type: ignore[call-overload, no-any-return]


@contextmanager
def own_threads(threads: int | None) -> Iterator[None]:
    """Compute in so many CPU threads inside, or in as many as torch takes where none are asked for.

    The number is put back on leaving: one cell of a sweep must not decide for the next.
    """
    if threads is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def memory_errors_explained(what: str) -> Iterator[None]:
    """Turn torch's and oneDNN's ways of saying that memory ran out into one.

    Raises:
        InputError: memory ran out inside.
    """
    try:
        yield
    except RuntimeError as error:  # CUDA has a class of its own for it, the CPU only words
        if not isinstance(error, torch.OutOfMemoryError) and not NO_MEMORY.search(str(error)):
            raise
        raise InputError(
            f"{what}: not enough memory; take a smaller resolution.size, fewer objects, or fewer videos= at once"
        ) from error


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
