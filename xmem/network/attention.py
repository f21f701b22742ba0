"""CBAM: what to look at by channel, then by place (Woo et al., ECCV 2018)."""

from typing import cast

import torch
from torch import Tensor, nn

REDUCTION = 16


class ChannelGate(nn.Module):
    """Scales each channel by a gate drawn from its mean and maximum over the map."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Flatten(), nn.Linear(dim, dim // REDUCTION), nn.ReLU(), nn.Linear(dim // REDUCTION, dim)
        )

    def forward(self, x: Tensor) -> Tensor:
        gate = self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))
        return x * torch.sigmoid(gate)[:, :, None, None]


class SpatialGate(nn.Module):
    """Scales each place by a gate drawn from the maximum and mean over its channels."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial = nn.Module()  # a level that only the official parameter names have
        self.spatial.conv = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        summary = torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
        conv = cast("nn.Conv2d", self.spatial.conv)
        return x * torch.sigmoid(conv(summary))


class CBAM(nn.Module):
    """Channel gate, then spatial gate."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.ChannelGate = ChannelGate(dim)
        self.SpatialGate = SpatialGate()

    def forward(self, x: Tensor) -> Tensor:
        return cast("Tensor", self.SpatialGate(self.ChannelGate(x)))
