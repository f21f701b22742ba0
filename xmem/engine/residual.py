"""Residual blocks whose convolutions do themselves what otherwise are passes of their own."""

from torch import Tensor, nn

from xmem.engine.native import convolve
from xmem.network.fusion import ResidualBlock


class FusedResidualBlock(nn.Module):
    """A `ResidualBlock` whose convolutions rectify and add themselves where they can.

    Args:
        block: what it does. Its modules are taken over, not copied.
    """

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.conv1, self.conv2, self.downsample = block.conv1, block.conv2, block.downsample

    def forward(self, g: Tensor) -> Tensor:
        inner = convolve(self.conv1, g, rectify_input=True, rectify=True)
        return convolve(self.conv2, inner, added=g if self.downsample is None else self.downsample(g))
