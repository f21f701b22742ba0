"""Steps of the weights, and of their average."""

from functools import partial

import pytest
import torch

from benchmarks.training.config import OptimiserConfig, TrainingConfig
from benchmarks.training.network import initial_network
from benchmarks.training.optimiser import WeightAverage, freeze_statistics, make_optimiser, optimise
from xmem import XMem


@pytest.fixture
def network(small_training: partial[TrainingConfig]) -> XMem:
    return initial_network(small_training().model, seed=0)


def test_every_parameter_is_in_one_group(network: XMem) -> None:
    grouped = [
        parameter for group in make_optimiser(network, OptimiserConfig()).param_groups for parameter in group["params"]
    ]
    assert sorted(map(id, grouped)) == sorted(map(id, network.parameters()))


def test_biases_and_scales_do_not_decay(network: XMem) -> None:
    for group in make_optimiser(network, OptimiserConfig(weight_decay=0.5)).param_groups:
        assert {parameter.ndim > 1 for parameter in group["params"]} == {group["weight_decay"] == 0.5}


def test_projections_to_keys_learn_at_their_share_of_the_rate(network: XMem) -> None:
    config = OptimiserConfig(projections=0.25)
    optimiser = make_optimiser(network, config)
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimise(optimiser, network, rate=1e-2, clip=1e9)
    for name, parameter in network.named_parameters():
        if parameter.ndim <= 1:  # no decay: the first step of Adam is the rate itself
            step = float((before[name] - parameter.detach()).abs().max())
            assert step == pytest.approx(0.25e-2 if name.startswith("key_proj.") else 1e-2, rel=1e-3), name


def test_gradients_are_clipped_and_their_norm_is_told(network: XMem) -> None:
    optimiser = make_optimiser(network, OptimiserConfig())
    count = sum(parameter.numel() for parameter in network.parameters())
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 2.0)
    norm = optimise(optimiser, network, rate=0.0, clip=3.0)
    assert float(norm) == pytest.approx(2 * count**0.5, rel=1e-4)
    assert all(parameter.grad is None for parameter in network.parameters())


def test_the_average_moves_towards_weights_and_statistics(network: XMem) -> None:
    average = WeightAverage(network)
    bias, mean = network.decoder.pred.bias, network.key_encoder.bn1.running_mean
    assert bias is not None
    assert mean is not None
    before = float(bias.detach()[0])
    with torch.no_grad():
        bias += 1.0
        mean += 2.0
    average.update(0.75)
    moved = average.network
    assert moved.decoder.pred.bias is not None
    assert moved.key_encoder.bn1.running_mean is not None
    assert float(moved.decoder.pred.bias[0]) == pytest.approx(before + 0.25)
    torch.testing.assert_close(moved.key_encoder.bn1.running_mean, torch.full_like(mean, 0.5))
    assert not moved.training


def test_frozen_statistics_do_not_move(network: XMem) -> None:
    freeze_statistics(network)
    network.key_encoder(torch.randn(2, 3, 32, 32))
    assert int(network.key_encoder.bn1.num_batches_tracked or 0) == 0
    assert network.decoder.training
