"""Weights that are drawn, not trained: the same on every machine, for tests, benchmarks and dry runs."""

import math
import zlib

import numpy as np
import torch
from torch import Tensor

from xmem.config import ModelConfig
from xmem.network.network import XMem

SCALES = (("bn3.weight", 0.25), ("key_proj.key_proj.weight", 0.4), ("decoder.pred.weight", 0.1))


def draw_state_dict(config: ModelConfig, *, salt: int = 0) -> dict[str, Tensor]:
    """Random weights under the official names, each drawn from its own name and `salt`.

    Their spread keeps activations in range, so that every part of the arithmetic takes part in the result; the masks
    mean nothing.
    """
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in XMem(config).state_dict().items()}
    return {name: _draw(name, shape, salt=salt) for name, shape in shapes.items()}


def _draw(name: str, shape: tuple[int, ...], *, salt: int) -> Tensor:
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) + salt))
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    if name.endswith("running_var"):
        values = rng.uniform(0.8, 1.2, shape)
    elif name.endswith("running_mean"):
        values = rng.normal(0, 0.05, shape)
    elif len(shape) in (2, 4):
        values = rng.normal(0, math.sqrt(2 / math.prod(shape[1:])), shape)
    elif name.endswith("weight"):
        values = rng.uniform(0.8, 1.2, shape)
    else:
        values = rng.normal(0, 0.05, shape)
    scale = math.prod(factor for ending, factor in SCALES if name.endswith(ending))
    return torch.from_numpy(values.astype(np.float32)) * scale
