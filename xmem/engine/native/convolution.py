"""3x3 convolutions in C++, by F(4x4, 3x3) tiles, which `xmem.engine.winograd` explains."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from xmem.engine.native.library import FORMATS, Shape, load_library
from xmem.engine.winograd import PRODUCTS, TILE, is_suited

CHANNELS = 32  # of which in and out are multiples: two vectors of the widest processors
POINTS_BYTES = 6e6  # of tiles that are transformed at a time, which should stay in the cache
FEWEST_TILES = 56  # at a time: for every so many the kernel is transformed anew


class NativeConv2d(nn.Module):
    """A 3x3 convolution of stride 1 and padding 1, for inference.

    Args:
        conv: what it does.
        dtype: of the products, fp32 or bf16; transforms, and all sums, are in fp32.

    Raises:
        ValueError: it is another kind of convolution, or another format.
        CompilerError: there is no compiler, or it fails.
    """

    def __init__(self, conv: nn.Conv2d, *, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        if not is_native(conv):
            raise ValueError(
                f"expected a 3x3 convolution of stride 1 and padding 1, of multiples of {CHANNELS} channels, got {conv}"
            )
        if dtype not in FORMATS:
            raise ValueError(f"expected products in {' or '.join(map(str, FORMATS))}, got {dtype}")
        self.in_channels, self.out_channels, self.dtype = conv.in_channels, conv.out_channels, dtype
        self.kernel: Tensor
        self.bias: Tensor
        zeros = torch.zeros(conv.out_channels)
        self.register_buffer("kernel", _panels(conv.weight.detach().float()))
        self.register_buffer("bias", zeros if conv.bias is None else conv.bias.detach().float().clone())

    def forward(
        self,
        x: Float[Tensor, "batch {self.in_channels} height width"],
        *,
        rectify_input: bool = False,
        added: Float[Tensor, "#batch {self.out_channels} height width"] | None = None,
        rectify: bool = False,
    ) -> Float[Tensor, "batch {self.out_channels} height width"]:
        """Convolve, with channels last.

        Args:
            x: what is convolved.
            rectify_input: that is, its ReLU.
            added: to the result.
            rectify: whether the ReLU of that is returned.

        Raises:
            ValueError: other channels or another device than it was made for, or it was brought to another format.
        """
        self._check(x)
        batch, _, height, width = x.shape
        x = x.to(self.dtype).contiguous(memory_format=torch.channels_last)
        out = x.new_empty(batch, height, width, self.out_channels)
        if added is not None:
            added = added.to(self.dtype).expand(batch, self.out_channels, height, width)
            added = added.contiguous(memory_format=torch.channels_last)
        library, end = load_library(), FORMATS[self.dtype]
        shape, threads = Shape(batch, height, width, self.in_channels, self.out_channels), torch.get_num_threads()
        block = self._block(x)
        workspace = torch.empty(getattr(library, f"tiles_workspace_{end}")(shape, block, threads), dtype=torch.uint8)
        tensors = (x, self.kernel, self.bias, added, out, workspace)
        addresses = [None if one is None else one.data_ptr() for one in tensors]
        getattr(library, f"convolve_tiles_{end}")(*addresses, shape, rectify_input, rectify, block, threads)
        return out.permute(0, 3, 1, 2)

    def _check(self, x: Tensor) -> None:
        """Addresses are all that C++ is told."""
        found = (x.shape[1], x.device.type, self.kernel.device.type, self.kernel.dtype)
        if found != (self.in_channels, "cpu", "cpu", torch.float32):
            raise ValueError(
                f"expected {self.in_channels} channels and a kernel in torch.float32, both on the CPU, "
                f"got {found[0]} on {x.device} and a kernel in {self.kernel.dtype} on {self.kernel.device}"
            )

    def _block(self, x: Tensor) -> int:
        """How many tiles are transformed at a time: about as many every time."""
        tiles = x.shape[0] * -(-x.shape[2] // TILE) * -(-x.shape[3] // TILE)
        most = max(FEWEST_TILES, int(POINTS_BYTES) // (PRODUCTS * self.in_channels * x.element_size()))
        return -(-tiles // -(-tiles // most))


def is_native(conv: nn.Conv2d) -> bool:
    """Whether there is one in C++ that does the same."""
    return is_suited(conv) and conv.in_channels % CHANNELS == 0 and conv.out_channels % CHANNELS == 0


def convolve(
    conv: nn.Module,
    x: Tensor,
    *,
    rectify_input: bool = False,
    added: Tensor | None = None,
    rectify: bool = False,
) -> Tensor:
    """What `NativeConv2d.forward` does, by one or by another convolution."""
    if isinstance(conv, NativeConv2d):
        native: Tensor = conv(x, rectify_input=rectify_input, added=added, rectify=rectify)
        return native
    out: Tensor = conv(F.relu(x) if rectify_input else x)
    if added is not None:
        out += added
    return F.relu(out, inplace=True) if rectify else out


def _panels(weight: Float[Tensor, "out into 3 3"]) -> Float[Tensor, "panels 9*into panel"]:
    """Output channels that are multiplied together lie side by side."""
    panel, (out, into) = load_library().panel_width(), weight.shape[:2]
    return weight.view(out // panel, panel, into, 3, 3).permute(0, 3, 4, 2, 1).reshape(out // panel, 9 * into, panel)
