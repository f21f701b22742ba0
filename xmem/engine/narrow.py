"""3x3 convolutions to a single channel: direct ones, made for many, take four to twenty times as long."""

from typing import TypeGuard

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from xmem.engine.winograd import is_suited

SIDE = 3


class SingleChannelConv2d(nn.Module):
    """A 3x3 convolution of stride 1 and padding 1 to one channel, for inference: nine 1x1, shifted and summed.

    Args:
        conv: what it does.

    Raises:
        ValueError: it is another kind of convolution.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        if not has_single_channel(conv):
            raise ValueError(f"expected a 3x3 convolution of stride 1 and padding 1 to one channel, got {conv}")
        self.in_channels = conv.in_channels
        self.pointwise = nn.Conv2d(conv.in_channels, SIDE**2, 1, bias=False)
        self.pointwise.weight = nn.Parameter(conv.weight.detach().permute(2, 3, 1, 0).reshape(SIDE**2, -1, 1, 1))
        self.bias: Tensor
        self.register_buffer("bias", torch.zeros(1) if conv.bias is None else conv.bias.detach().clone())

    def forward(
        self, x: Float[Tensor, "batch {self.in_channels} height width"]
    ) -> Float[Tensor, "batch 1 height width"]:
        height, width = x.shape[-2:]
        parts = self.pointwise(x)
        padded = F.pad(parts.float(), (1, 1, 1, 1))
        out = self.bias.float().expand(x.shape[0], 1, height, width).clone()
        for part in range(SIDE**2):
            i, j = divmod(part, SIDE)
            out += padded[:, part : part + 1, i : i + height, j : j + width]
        return out.to(parts.dtype)


def has_single_channel(module: nn.Module) -> TypeGuard[nn.Conv2d]:
    """Whether it is a convolution of the kind that this is made for."""
    return isinstance(module, nn.Conv2d) and is_suited(module) and module.out_channels == 1
