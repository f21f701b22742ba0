"""Weights as `xmem.load_checkpoint` reads them."""

import io
from pathlib import Path

import torch

from benchmarks.artifacts import write_atomically
from xmem import XMem


def write_weights(path: Path, network: XMem) -> None:
    """Write a `state_dict` in fp32, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())
