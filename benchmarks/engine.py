"""How the network is executed: checked before anything is read, made ready before anything is timed."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from benchmarks.allocator import keep_freed_memory
from benchmarks.config import Engine, EngineConfig, PrecisionConfig
from benchmarks.device import DTYPES, place
from benchmarks.errors import InputError
from xmem import XMem
from xmem.engine import CompilerError, GraphedXMem, rewrite

MADE_FOR = {Engine.COMPILED: "cpu", Engine.GRAPHS: "cuda"}  # kinds of device; an engine that is not here is for all


def has_engine(device: torch.device, config: EngineConfig) -> bool:
    """Whether the engine is for this device."""
    return MADE_FOR.get(config.name, device.type) == device.type


def check_engine(config: EngineConfig, device: torch.device) -> None:
    """Refuse what a device has not: another engine in its place would be a wrong time in a table.

    Raises:
        InputError: the engine is not for this device.
    """
    if not has_engine(device, config):
        made_for = MADE_FOR[config.name]
        raise InputError(f"engine={config.name} is for device={made_for}, this is {device.type}; take engine=eager")


def make_ready(network: XMem, device: torch.device, *, engine: EngineConfig, precision: PrecisionConfig) -> XMem:
    """The network on its device, as the engine executes it.

    What can be compiled for any size is compiled now; the rest by the network's `prepare`, for every size.

    Args:
        network: on the CPU, as it was loaded. It is used up: what is returned has its weights.
        device: that computes; the engine is for it.
        engine: how it is executed.
        precision: number formats of the steps to come.

    Raises:
        InputError: there is no compiler where one is needed.
    """
    ready = _as_executed(network, device, engine=engine, precision=precision)
    if device.type == "cpu":  # from now on: what making ready took is given back
        keep_freed_memory()
    return ready


def _as_executed(network: XMem, device: torch.device, *, engine: EngineConfig, precision: PrecisionConfig) -> XMem:
    if engine.name is Engine.EAGER:
        return place(network, device)
    dtype = torch.float32 if precision.autocast is None else DTYPES[precision.autocast]
    tiles = device.type == "cpu" or (dtype == torch.float32 and not precision.tf32)  # where there are no matrix units
    with compiler_errors_explained():
        rewritten = rewrite(network, device, dtype=dtype, tiles=tiles)
    return rewritten if engine.name is Engine.COMPILED else GraphedXMem(rewritten, compiled=not tiles)


@contextmanager
def compiler_errors_explained() -> Iterator[None]:
    """Say what to do where nothing can be compiled.

    Raises:
        InputError: there is no compiler where one is needed.
    """
    try:
        yield
    except CompilerError as error:
        raise InputError(f"{str(error).splitlines()[0]}; install one (g++), or take engine=eager") from error
