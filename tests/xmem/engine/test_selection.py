"""The Triton kernel, in its interpreter where there is no GPU.

In processes of their own: Triton reads the source of its functions, which checks of shapes are wrapped around in tests.
"""

import importlib.util
import os
import subprocess
import sys

import pytest
import torch

CODE = """
import sys
import torch
from xmem.engine.selection import select_top_k
from xmem.memory.similarity import top_k_affinity

device, generator = torch.device(sys.argv[1]), torch.Generator().manual_seed(0)
for elements in map(int, sys.argv[2:]):
    for levels in (None, 20, 1):  # of so many different similarities
        k = 30
        similarity = -50 * torch.rand(6, elements, generator=generator)
        if levels is not None:
            similarity = (similarity / 50 * levels).ceil()
        similarity = similarity.to(device)
        ours, exact = select_top_k(similarity, k=k), top_k_affinity(similarity, k=k)
        found = similarity.gather(1, ours.elements).sort(dim=1, descending=True).values
        best = similarity.gather(1, exact.elements).sort(dim=1, descending=True).values
        assert torch.equal(found, best), (elements, levels)
        assert all(len(set(row)) == len(row) for row in ours.elements.tolist()), (elements, levels)
        weights = torch.softmax(similarity.gather(1, ours.elements), dim=1)
        torch.testing.assert_close(ours.weights, weights)
        if levels is None and elements >= k:
            assert torch.equal(ours.elements, exact.elements.sort(dim=1).values), elements
        print(elements, levels)
"""

INTERPRETED = pytest.param(
    "cpu",
    [12, 30, 31, 1000, 3001],
    marks=pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="there is no Triton"),
)
ON_GPU = pytest.param(
    "cuda",
    [12, 30, 31, 1000, 3001, 14580, 26200, 100_000],
    marks=[pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")],
)


@pytest.mark.parametrize(("device", "sizes"), [INTERPRETED, ON_GPU])
def test_it_finds_the_most_similar_elements_of_every_query(device: str, sizes: list[int]) -> None:
    environment = os.environ | ({"TRITON_INTERPRET": "1"} if device == "cpu" else {})
    command = [sys.executable, "-c", CODE, device, *map(str, sizes)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("\n")) == (0, 3 * len(sizes)), done.stderr
