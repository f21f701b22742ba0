"""Steps of the weights, and of their average."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from benchmarks.training.config import OptimiserConfig
from xmem import XMem

SHARE = "share"  # of the learning rate, that a group of parameters has


def make_optimiser(network: XMem, config: OptimiserConfig) -> torch.optim.AdamW:
    """AdamW whose weight decay is for weights only, not for biases and scales; projections to keys learn slower."""
    projections = {id(parameter) for parameter in network.key_proj.parameters()}
    groups = [
        {
            "params": [
                parameter
                for parameter in network.parameters()
                if (parameter.ndim > 1) == decays and (id(parameter) in projections) == projects
            ],
            "weight_decay": config.weight_decay if decays else 0.0,
            SHARE: config.projections if projects else 1.0,
        }
        for decays in (True, False)
        for projects in (True, False)
    ]
    return torch.optim.AdamW(groups, lr=config.peak, fused=True)


def optimise(optimiser: torch.optim.AdamW, network: XMem, *, rate: float, clip: float) -> Tensor:
    """One step along the gradients, which are then gone. Returns their norm before clipping (a scalar)."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group[SHARE]
    norm = nn.utils.clip_grad_norm_(network.parameters(), clip, foreach=True)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return norm


def freeze_statistics(network: XMem) -> None:
    """Batch norm normalises by what it has seen so far, as at inference; scales and offsets are still trained."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


class WeightAverage:
    """An exponential average over iterations of a network's weights, and of its batch norms' statistics."""

    def __init__(self, network: XMem) -> None:
        self.network = deepcopy(network).eval().requires_grad_(requires_grad=False)
        self._averages = _floats(self.network)
        self._sources = _floats(network)

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Move towards the weights as they are now."""
        torch._foreach_lerp_(self._averages, self._sources, 1 - decay)  # one call for 200 tensors


def _floats(network: XMem) -> list[Tensor]:
    return [tensor.detach() for tensor in network.state_dict().values() if tensor.is_floating_point()]
