"""What depends on the image alone is computed once for all objects.

The first convolutions of a `FusionBlock` see image and object side by side. A convolution is linear, so each is the
sum of one over the image's channels and one over the object's; the former is the same for every object.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmem.network.fusion import FusionBlock


class SharedFusionBlock(nn.Module):
    """A `FusionBlock` of which the image's part is computed once.

    Args:
        block: what it does. Its first residual block has a convolution for a shortcut.
        image_dim: channels of the image's features.
    """

    def __init__(self, block: FusionBlock, *, image_dim: int) -> None:
        super().__init__()
        first = block.block1
        if first.downsample is None:
            raise ValueError("expected a fusion block that changes the number of channels, got one that does not")
        self.image_conv, self.object_conv = _split(first.conv1, image_dim)
        self.image_shortcut, self.object_shortcut = _split(first.downsample, image_dim)
        self.conv2 = first.conv2
        self.attention, self.block2 = block.attention, block.block2

    def forward(self, image: Tensor, objects: Tensor) -> Tensor:
        inner = self.object_conv(F.relu(objects))
        inner += self.image_conv(F.relu(image))
        g = self.conv2(F.relu(inner, inplace=True))
        g += self.object_shortcut(objects)
        g += self.image_shortcut(image)
        fused: Tensor = self.block2(g + self.attention(g))
        return fused


def _split(conv: nn.Conv2d, image_dim: int) -> tuple[nn.Conv2d, nn.Conv2d]:
    """Over the first channels, with the bias; over the others, without."""
    return _over(conv, slice(image_dim), bias=conv.bias), _over(conv, slice(image_dim, None), bias=None)


def _over(conv: nn.Conv2d, channels: slice, *, bias: Tensor | None) -> nn.Conv2d:
    weight = conv.weight[:, channels]
    part = nn.Conv2d(
        weight.shape[1],
        conv.out_channels,
        3,
        padding=1,
        bias=bias is not None,
        device=weight.device,
        dtype=weight.dtype,
    )
    with torch.no_grad():
        part.weight.copy_(weight)
        if part.bias is not None and bias is not None:
            part.bias.copy_(bias)
    return part
