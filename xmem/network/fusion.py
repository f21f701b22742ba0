"""Blocks without normalisation that join what the image shows with what is known of each object."""

import torch
import torch.nn.functional as F
from jaxtyping import Int64
from torch import Tensor, nn

from xmem.network.attention import CBAM

Owner = Int64[Tensor, " objects"] | None  # which of several images each object is in; None where there is but one


def of_owner(images: Tensor, owner: Owner) -> Tensor:
    """What was made of each object's image: (images, ...) to (objects, ...). Of a single image (1, ...), as it is."""
    return images if owner is None else images.index_select(0, owner)


class ResidualBlock(nn.Module):
    """Two pre-activated 3x3 convolutions around a shortcut, which is a convolution where the width changes."""

    def __init__(self, in_dim: int, out_dim: int) -> None:
        super().__init__()
        self.downsample = None if in_dim == out_dim else nn.Conv2d(in_dim, out_dim, 3, padding=1)
        self.conv1 = nn.Conv2d(in_dim, out_dim, 3, padding=1)
        self.conv2 = nn.Conv2d(out_dim, out_dim, 3, padding=1)

    def forward(self, g: Tensor) -> Tensor:
        out: Tensor = self.conv2(F.relu(self.conv1(F.relu(g)), inplace=True))
        out += g if self.downsample is None else self.downsample(g)
        return out


class FusionBlock(nn.Module):
    """Joins image features (images, `image_dim`, h, w) with those of each object (objects, `object_dim`, h, w)."""

    def __init__(self, image_dim: int, object_dim: int, out_dim: int) -> None:
        super().__init__()
        self.block1 = ResidualBlock(image_dim + object_dim, out_dim)
        self.attention = CBAM(out_dim)
        self.block2 = ResidualBlock(out_dim, out_dim)

    def forward(self, image: Tensor, objects: Tensor, owner: Owner) -> Tensor:
        of_image = of_owner(image, owner).expand(objects.shape[0], -1, -1, -1)
        g: Tensor = self.block1(torch.cat([of_image, objects], dim=1))
        fused: Tensor = self.block2(g + self.attention(g))
        return fused
