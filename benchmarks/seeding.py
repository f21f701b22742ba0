"""Random numbers that can be had again."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Every generator of random numbers starts from `seed` inside; on leaving they go on where they were.

    Args:
        seed: in 0..2**32 - 1, which is as far as NumPy's goes.
    """
    before = random.getstate(), np.random.get_state()  # noqa: NPY002 - whoever uses the global one must be seeded too
    with torch.random.fork_rng():  # of the CPU and all GPUs
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        torch.manual_seed(seed)
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_state(before[1])  # noqa: NPY002
