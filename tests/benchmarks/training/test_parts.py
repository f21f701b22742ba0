"""The stages that share an image's work, against the network's own."""

import pytest
import torch

from benchmarks.training.aggregation import aggregate_clips, sum_of_others
from benchmarks.training.parts import DecoderPart, ImagePart, ImageParts, ValuePart
from tests.benchmarks.training.conftest import SMALL
from xmem import XMem
from xmem.inference.aggregation import aggregate
from xmem.untrained import draw_state_dict

OWNER = torch.tensor([0, 0, 1])


@pytest.fixture(scope="module")
def network() -> XMem:
    network = XMem(SMALL)
    network.load_state_dict(draw_state_dict(SMALL))
    return network


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randn(6, 3, 32, 48, generator=torch.Generator().manual_seed(0))  # three frames of two clips
