"""3x3 convolutions by F(4x4, 3x3): 36 products for 16 results, where 144 are usual (Lavin & Gray, CVPR 2016).

Image and kernel are evaluated at points of a polynomial, multiplied there, and read back. The products over channels
are then 36 plain matrix products. Results are off by about 1e-6 of their spread, as those of the direct sum.

Here it is in torch, for GPUs; `xmem.engine.native` does the same on a CPU, in C++.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from xmem.engine.compiling import compiling

TILE = 4  # a side, of what one tile gives
PATCH = TILE + 2  # a side, of what it takes
PRODUCTS = PATCH**2
PART = 64  # channels of a kernel that are transformed at a time
WORKSPACE = 24e6  # bytes of transformed tiles at a time; beyond 32 MB the C library asks the system for fresh pages

# The points are 0, NEAR, -NEAR, FAR, -FAR and infinity. With 1 and 2, which are usual, rounding to bf16 between the
# transforms, as on a CPU, does twice the harm.
NEAR, FAR = 3 / 4, 3 / 2
NEAR2, FAR2 = NEAR**2, FAR**2
NEAR_SCALE, FAR_SCALE = 1 / (2 * NEAR2 * (NEAR2 - FAR2)), 1 / (2 * FAR2 * (FAR2 - NEAR2))

# What a kernel is there.
KERNEL = (
    (1 / (NEAR2 * FAR2), 0, 0),
    (NEAR_SCALE, NEAR_SCALE * NEAR, NEAR_SCALE * NEAR2),
    (NEAR_SCALE, -NEAR_SCALE * NEAR, NEAR_SCALE * NEAR2),
    (FAR_SCALE, FAR_SCALE * FAR, FAR_SCALE * FAR2),
    (FAR_SCALE, -FAR_SCALE * FAR, FAR_SCALE * FAR2),
    (0, 0, 1),
)


class WinogradConv2d(nn.Module):
    """A 3x3 convolution of stride 1 and padding 1, for inference.

    Args:
        conv: what it does.
        compiled: whether torch compiles the transforms, which otherwise take longer than the products.

    Raises:
        ValueError: it is another kind of convolution.
    """

    def __init__(self, conv: nn.Conv2d, *, compiled: bool = False) -> None:
        super().__init__()
        if not is_suited(conv):
            raise ValueError(f"expected a 3x3 convolution of stride 1 and padding 1, got {conv}")
        self.in_channels, self.out_channels, self.compiled = conv.in_channels, conv.out_channels, compiled
        self.kernel: Tensor
        self.bias: Tensor
        zeros = torch.zeros(conv.out_channels)
        self.register_buffer("kernel", transform_kernel(conv.weight.detach()))
        self.register_buffer("bias", zeros if conv.bias is None else conv.bias.detach().clone())

    def forward(
        self, x: Float[Tensor, "batch {self.in_channels} height width"]
    ) -> Float[Tensor, "batch {self.out_channels} height width"]:
        height, width = x.shape[-2:]
        out = convolve_tiles(_padded(x), self.kernel, self.bias, compiled=self.compiled)
        return out[:, :height, :width].permute(0, 3, 1, 2)


def _padded(x: Tensor) -> Tensor:
    """(batch, rows, columns, channels), with zeros around and up to whole tiles; nothing is written twice."""
    batch, channels, height, width = x.shape
    padded = x.new_empty(batch, 2 + height + -height % TILE, 2 + width + -width % TILE, channels)
    rows = padded[:, 1 : 1 + height]
    for border in (padded[:, 0], padded[:, 1 + height :], rows[:, :, 0], rows[:, :, 1 + width :]):
        border.zero_()
    rows[:, :, 1 : 1 + width] = x.permute(0, 2, 3, 1)
    return padded


def convolve_tiles(padded: Tensor, kernel: Tensor, bias: Tensor, *, compiled: bool) -> Tensor:
    """Convolve images whose sides are 2 more than multiples of the tile's, band by band.

    Args:
        padded: (batch, height + 2, width + 2, into).
        kernel: (36, into, out), transformed.
        bias: (out,).
        compiled: whether the transforms are.

    Returns:
        (batch, height, width, out).
    """
    to_points, from_points = _transforms(compiled)
    (batch, height, width, into), out_channels = padded.shape, len(bias)
    rows, columns = (height - 2) // TILE, (width - 2) // TILE
    out = padded.new_empty(batch, TILE * rows, TILE * columns, out_channels)
    bands = -(-rows * columns * PRODUCTS * max(into, out_channels) * padded.element_size() // int(WORKSPACE))
    most = -(-rows // bands)
    image = padded.new_empty(PRODUCTS * most * columns * into)
    products = padded.new_empty(PRODUCTS * most * columns * out_channels)
    for item in range(batch):
        for first in range(0, rows, most):
            band = slice(TILE * first, TILE * min(first + most, rows))
            tiles = (band.stop - band.start) // TILE * columns
            points = image[: PRODUCTS * tiles * into].view(PRODUCTS, tiles, into)
            answers = products[: PRODUCTS * tiles * out_channels].view(PRODUCTS, tiles, out_channels)
            to_points(padded[item, band.start : band.stop + 2], points)
            torch.bmm(points, kernel, out=answers)
            from_points(answers, bias, out[item, band])
    return out


def is_suited(conv: nn.Conv2d) -> bool:
    """Whether it is a convolution of the kind that tiles are made for."""
    same = (conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups)
    return same == ((3, 3), (1, 1), (1, 1), (1, 1), 1)


def transform_kernel(weight: Float[Tensor, "out into 3 3"]) -> Float[Tensor, "36 into out"]:
    """The kernel at the points, in double precision until the end; a part at a time, for that takes memory."""
    points = torch.tensor(KERNEL, dtype=torch.float64)
    kernel = torch.empty(PRODUCTS, weight.shape[1], weight.shape[0])
    for first in range(0, weight.shape[1], PART):
        part = weight[:, first : first + PART].double()
        kernel[:, first : first + PART] = torch.einsum("ai,oxij,bj->abxo", points, part, points).flatten(0, 1)
    return kernel


def image_to_points(padded: Tensor, points: Tensor) -> None:
    """Evaluate overlapping patches (4 rows + 2, 4 columns + 2, channels) into (36, rows x columns, channels)."""
    rows, columns = padded.shape[0] // TILE, padded.shape[1] // TILE
    down = [padded[i : i + TILE * rows - TILE + 1 : TILE] for i in range(PATCH)]
    columns_at = [_at_points([d[:, j : j + TILE * columns - TILE + 1 : TILE] for d in down]) for j in range(PATCH)]
    at_points = [_at_points([column[i] for column in columns_at]) for i in range(PATCH)]
    points.copy_(torch.stack([one for row in at_points for one in row]).view(points.shape))


def points_to_result(answers: Tensor, bias: Tensor, out: Tensor) -> None:
    """Read tiles of (4 rows, 4 columns, channels) back from (36, rows x columns, channels)."""
    rows, columns = out.shape[0] // TILE, out.shape[1] // TILE
    grid = answers.view(PATCH, PATCH, rows, columns, -1)
    columns_of = [_from_points([grid[i, j] for i in range(PATCH)]) for j in range(PATCH)]
    lines = [
        torch.stack([one + bias for one in _from_points([column[i] for column in columns_of])], dim=2)
        for i in range(TILE)
    ]
    out.copy_(torch.stack(lines, dim=1).view(out.shape))


def _at_points(values: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Six neighbours at the six points."""
    a, b, c, d, e, f = values
    near_even, near_odd = e - FAR2 * c, NEAR * (d - FAR2 * b)
    far_even, far_odd = e - NEAR2 * c, FAR * (d - NEAR2 * b)
    return (
        NEAR2 * FAR2 * a - (NEAR2 + FAR2) * c + e,
        near_even + near_odd,
        near_even - near_odd,
        far_even + far_odd,
        far_even - far_odd,
        NEAR2 * FAR2 * b - (NEAR2 + FAR2) * d + f,
    )


def _from_points(values: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Six points to four neighbours."""
    a, b, c, d, e, f = values
    near, far, near_odd, far_odd = b + c, d + e, NEAR * (b - c), FAR * (d - e)
    return a + near + far, near_odd + far_odd, NEAR2 * near + FAR2 * far, NEAR2 * near_odd + FAR2 * far_odd + f


def compile_transforms(device: torch.device) -> None:
    """Compile them now, for any size; later runs on the machine find them in torch's cache.

    Raises:
        CompilerError: there is no compiler for the device, or it fails.
    """
    conv = WinogradConv2d(nn.Conv2d(48, 32, 3, padding=1), compiled=True).to(device)
    with compiling(), torch.inference_mode():
        for height, width in ((17, 22), (9, 13)):  # two sizes, so that neither is taken for the only one
            conv(torch.zeros(1, 48, height, width, device=device))


@cache
def _transforms(compiled: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:  # noqa: FBT001
    """Both, as they are written or compiled for any size."""
    plain = image_to_points, points_to_result
    return tuple(torch.compile(one, dynamic=True) for one in plain) if compiled else plain  # type: ignore[return-value]
