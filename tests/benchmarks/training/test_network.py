"""A network before its first step."""

from functools import partial

import torch

from benchmarks.training.config import TINY, TrainingConfig
from benchmarks.training.network import FOREGROUND, initial_network

MEGABYTES = 10


def test_the_seed_decides_it_and_leaves_other_random_numbers_alone(small_training: partial[TrainingConfig]) -> None:
    model = small_training().model
    torch.manual_seed(3)
    expected = torch.rand(())
    torch.manual_seed(3)
    first = initial_network(model, seed=0).state_dict()
    assert torch.rand(()) == expected
    second, other = (initial_network(model, seed=seed).state_dict() for seed in (0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@torch.no_grad()
def test_activations_neither_die_nor_grow_on_their_way(small_training: partial[TrainingConfig]) -> None:
    network = initial_network(small_training().model, seed=0)
    image = torch.randn(4, 3, 64, 64)
    f16, f8, f4 = network.key_encoder(image)
    assert all(0.2 < float(features.std()) < 5 for features in (f16, f8, f4))
    readout, sensory = torch.randn(4, 32, 4, 4), torch.zeros(4, 8, 4, 4)
    logits, _ = network.decoder((f16, f8, f4), readout, sensory, None, update_sensory=True)
    assert abs(float(logits.mean()) - FOREGROUND) < 1
    assert float(logits.std()) < 2


@torch.no_grad()
def test_queries_look_everywhere_at_first(small_training: partial[TrainingConfig]) -> None:
    from xmem.memory.similarity import memory_features, query_features, similarity

    network = initial_network(small_training().model, seed=0)
    key, shrinkage, selection = (
        part[0].flatten(1).T for part in network.key_proj(network.key_encoder(torch.randn(1, 3, 128, 128))[0])
    )
    weights = torch.softmax(similarity(query_features(key, selection), memory_features(key, shrinkage)), dim=1)
    elements_read = torch.exp(-(weights * torch.log(weights)).sum(dim=1))  # perplexity
    assert float(elements_read.mean()) > 32  # of 64


def test_the_tiny_network_fits_into_ten_megabytes_of_half_precision() -> None:
    numbers = sum(tensor.numel() for tensor in initial_network(TINY, seed=0).state_dict().values())
    assert 2 * numbers < MEGABYTES * 1e6
