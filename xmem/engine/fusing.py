"""What depends on the image alone is computed once for all objects.

The first convolutions of a `FusionBlock`, that of its first block and that of its shortcut, see image and object side
by side. A convolution is linear, so each is the sum of one over the image's channels and one over the object's; the
former is the same for every object. The image's features leave a ReLU, so that another one does nothing to them, and
both convolutions see the same.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmem.network.fusion import FusionBlock, Owner, of_owner


class SharedFusionBlock(nn.Module):
    """A `FusionBlock` of which the image's part is computed once for each image.

    Args:
        block: what it does. Its first residual block has a convolution for a shortcut.
        image_dim: channels of the image's features, none of which is negative.
    """

    def __init__(self, block: FusionBlock, *, image_dim: int) -> None:
        super().__init__()
        first = block.block1
        if first.downsample is None:
            raise ValueError("expected a fusion block that changes the number of channels, got one that does not")
        both = [first.conv1, first.downsample]
        self.image_conv = _over(both, slice(image_dim), bias=True)
        self.object_conv, self.object_shortcut = (_over([one], slice(image_dim, None), bias=False) for one in both)
        self.conv2 = first.conv2
        self.attention, self.block2 = block.attention, block.block2

    def forward(self, image: Tensor, objects: Tensor, owner: Owner) -> Tensor:
        image_inner, image_shortcut = of_owner(self.image_conv(image), owner).chunk(2, dim=1)
        inner = self.object_conv(F.relu(objects))
        inner += image_inner
        g = self.conv2(F.relu(inner, inplace=True))
        g += self.object_shortcut(objects)
        g += image_shortcut
        fused: Tensor = self.block2(g + self.attention(g))
        return fused


def _over(convolutions: Sequence[nn.Conv2d], channels: slice, *, bias: bool) -> nn.Conv2d:
    """One convolution over some of the input's channels, with the outputs of all of them side by side."""
    weight = torch.cat([conv.weight[:, channels] for conv in convolutions])
    joined = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1, bias=bias, dtype=weight.dtype)
    with torch.no_grad():
        joined.weight.copy_(weight)
        if joined.bias is not None:
            joined.bias.copy_(torch.cat([conv.bias for conv in convolutions if conv.bias is not None]))
    return joined
