"""How the network is executed: checked before anything is read, made ready before anything is timed."""

import torch

from benchmarks.allocator import keep_freed_memory
from benchmarks.config import EngineConfig, PrecisionConfig
from benchmarks.device import DTYPES, place
from benchmarks.errors import InputError
from xmem import XMem


def has_engine(device: torch.device, config: EngineConfig) -> bool:
    """Whether the engine is for this device."""
    return device.type == "cpu" or not config.rewritten


def check_engine(config: EngineConfig, device: torch.device) -> None:
    """Refuse what a device has not: another engine in its place would be a wrong time in a table.

    Raises:
        InputError: the engine is not for this device.
    """
    if not has_engine(device, config):
        raise InputError(f"engine={config.name} is for the CPU; on {device.type} take eager, or device=cpu")


def make_ready(network: XMem, device: torch.device, *, engine: EngineConfig, precision: PrecisionConfig) -> XMem:
    """The network on its device, as the engine executes it; what is to be compiled is compiled now.

    Args:
        network: on the CPU, as it was loaded.
        device: that computes; the engine is for it.
        engine: how it is executed.
        precision: number formats of the steps to come.

    Raises:
        InputError: there is no C++ compiler where one is needed.
    """
    if device.type == "cpu":
        keep_freed_memory()
    if not engine.rewritten:
        return place(network, device)
    from xmem.engine import CompilerError, rewrite  # noqa: PLC0415 - torch's compiler takes a while to import

    try:
        return rewrite(network, dtype=torch.float32 if precision.autocast is None else DTYPES[precision.autocast])
    except CompilerError as error:
        raise InputError(
            f"engine={engine.name}: {str(error).splitlines()[0]}; install one (g++), or take engine=eager"
        ) from error
