"""Residual stages of the two encoders (He et al., 2016), under torchvision's parameter names.

What a layer has just made is changed in place, so that no memory is asked for a second time.
"""

import torch.nn.functional as F
from torch import Tensor, nn

BOTTLENECK_EXPANSION = 4


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut (ResNet-18)."""

    def __init__(self, in_dim: int, out_dim: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_dim, out_dim, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_dim)
        self.conv2 = nn.Conv2d(out_dim, out_dim, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_dim)
        self.downsample = _projection(in_dim, out_dim, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return F.relu(out, inplace=True)


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions around a shortcut (ResNet-50); the stride is on the 3x3."""

    def __init__(self, in_dim: int, width: int, *, stride: int) -> None:
        super().__init__()
        out_dim = width * BOTTLENECK_EXPANSION
        self.conv1 = nn.Conv2d(in_dim, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_dim, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_dim)
        self.downsample = _projection(in_dim, out_dim, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)), inplace=True)
        out = F.relu(self.bn2(self.conv2(out)), inplace=True)
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return F.relu(out, inplace=True)


def basic_stage(in_dim: int, out_dim: int, *, blocks: int, stride: int) -> nn.Sequential:
    """`blocks` basic blocks, the first of which strides."""
    first = BasicBlock(in_dim, out_dim, stride=stride)
    return nn.Sequential(first, *(BasicBlock(out_dim, out_dim, stride=1) for _ in range(blocks - 1)))


def bottleneck_stage(in_dim: int, width: int, *, blocks: int, stride: int) -> nn.Sequential:
    """`blocks` bottlenecks, the first of which strides; the result has 4 x `width` channels."""
    first = Bottleneck(in_dim, width, stride=stride)
    out_dim = width * BOTTLENECK_EXPANSION
    return nn.Sequential(first, *(Bottleneck(out_dim, width, stride=1) for _ in range(blocks - 1)))


def stem(conv: nn.Module, norm: nn.Module, image: Tensor) -> Tensor:
    """The first layers of either encoder, to stride 4. Pooling before or after the ReLU is the same."""
    x: Tensor = F.relu(norm(conv(image)), inplace=True)
    return F.max_pool2d(x, kernel_size=3, stride=2, padding=1)


def _projection(in_dim: int, out_dim: int, *, stride: int) -> nn.Sequential | None:
    """The shortcut where a block changes size; None where the input itself is added."""
    if stride == 1 and in_dim == out_dim:
        return None
    return nn.Sequential(nn.Conv2d(in_dim, out_dim, 1, stride=stride, bias=False), nn.BatchNorm2d(out_dim))
