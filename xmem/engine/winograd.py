"""3x3 convolutions by F(4x4, 3x3): 36 products for 16 results, where 144 are usual (Lavin & Gray, CVPR 2016).

Both the image and the kernel are evaluated at points of a polynomial (B, G), multiplied there, and read back (A). The
products over channels are then 36 plain matrix products. In fp32 the results differ from those of the direct sum by
about 1e-5 of their spread, which is why narrower formats do not take this way.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

TILE = 4  # a side, of what one tile gives
PATCH = TILE + 2  # a side, of what it takes
PRODUCTS = PATCH**2
WORKSPACE = 16e6  # bytes of transformed tiles at a time: what is written is read again from the cache

# The points are 0, 1, -1, 2, -2 and infinity.
KERNEL = ((1 / 4, 0, 0), (-1 / 6, -1 / 6, -1 / 6), (-1 / 6, 1 / 6, -1 / 6), (1 / 24, 1 / 12, 1 / 6), (1 / 24, -1 / 12, 1 / 6), (0, 0, 1))  # fmt: skip  # noqa: E501
IMAGE = ((4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0), (0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0), (0, 4, 0, -5, 0, 1))  # fmt: skip  # noqa: E501
RESULT = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


class WinogradConv2d(nn.Module):
    """A 3x3 convolution of stride 1 and padding 1, in fp32, for inference.

    Args:
        conv: what it does.

    Raises:
        ValueError: it is another kind of convolution.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        if not is_suited(conv):
            raise ValueError(f"expected a 3x3 convolution of stride 1 and padding 1 in fp32, got {conv}")
        self.in_channels, self.out_channels = conv.in_channels, conv.out_channels
        self.kernel: Tensor
        self.bias: Tensor
        self.image_transform: Tensor
        self.result_transform: Tensor
        zeros = torch.zeros(conv.out_channels)
        self.register_buffer("kernel", transform_kernel(conv.weight.detach()))
        self.register_buffer("bias", zeros if conv.bias is None else conv.bias.detach().clone())
        self.register_buffer("image_transform", _twice(IMAGE).float())
        self.register_buffer("result_transform", _twice(RESULT).float())

    def forward(
        self, x: Float[Tensor, "batch {self.in_channels} height width"]
    ) -> Float[Tensor, "batch {self.out_channels} height width"]:
        batch, channels, height, width = x.shape
        rows, columns = -(-height // TILE), -(-width // TILE)
        beyond = (0, 0, 1, columns * TILE + 1 - width, 1, rows * TILE + 1 - height)
        padded = F.pad(x.permute(0, 2, 3, 1), beyond)
        out = x.new_empty(batch, rows * TILE, columns * TILE, self.out_channels)
        tile_bytes = PRODUCTS * (channels + self.out_channels) * x.element_size()
        step = max(1, int(WORKSPACE / (columns * tile_bytes)))
        for item in range(batch):
            for first in range(0, rows, step):
                band = slice(TILE * first, min(TILE * (first + step), TILE * rows) + 2)
                self._convolve(padded[item, band], out[item, band.start : band.stop - 2])
        return out[:, :height, :width].permute(0, 3, 1, 2)

    def _convolve(self, padded: Tensor, out: Tensor) -> None:
        """Tiles in one band of rows, padded by 1 on all sides; channels are last."""
        (height, width, channels), (down, right, along) = out.shape, padded.stride()
        rows, columns, into = height // TILE, width // TILE, padded.shape[2]
        patches = padded.as_strided(
            (PATCH, PATCH, rows, columns, into),
            (down, right, TILE * down, TILE * right, along),
            padded.storage_offset(),
        )
        image = (self.image_transform @ patches.reshape(PRODUCTS, -1)).view(PRODUCTS, rows * columns, into)
        products = torch.bmm(image, self.kernel)
        tiles = (self.result_transform @ products.view(PRODUCTS, -1)).view(TILE, TILE, rows, columns, channels)
        torch.add(tiles.permute(2, 0, 3, 1, 4), self.bias, out=out.view(rows, TILE, columns, TILE, channels))


def is_suited(conv: nn.Conv2d) -> bool:
    """Whether it is a convolution of the kind that tiles are made for."""
    same = (conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups)
    return same == ((3, 3), (1, 1), (1, 1), (1, 1), 1) and conv.weight.dtype == torch.float32


def transform_kernel(weight: Float[Tensor, "out into 3 3"]) -> Float[Tensor, "36 into out"]:
    """The kernel at the points, in double precision until the end."""
    points = torch.tensor(KERNEL, dtype=torch.float64)
    kernel = torch.einsum("ai,oxij,bj->abxo", points, weight.double(), points)
    return kernel.reshape(PRODUCTS, weight.shape[1], weight.shape[0]).to(weight.dtype).contiguous()


def _twice(transform: tuple[tuple[int, ...], ...]) -> Tensor:
    """Along rows and columns at once: of a flattened tile."""
    matrix = torch.tensor(transform, dtype=torch.float64)
    return torch.kron(matrix, matrix)
