"""Weights as they are shipped: half precision, with what made them written beside them."""

from pathlib import Path

from benchmarks.artifacts import write_atomically
from xmem import XMem
from xmem.checkpoint import half_precision_bytes


def write_weights(path: Path, network: XMem, *, made_by: dict[str, str]) -> None:
    """Write a `state_dict` in fp16, whole or not at all.

    Raises:
        InputError: the file cannot be written.
        ValueError: a weight is beyond what fp16 holds.
    """
    write_atomically(path, half_precision_bytes(network.state_dict(), made_by))
