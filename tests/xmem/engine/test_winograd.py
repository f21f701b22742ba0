"""Convolution by tiles gives what the direct sum gives."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from xmem.engine.winograd import WinogradConv2d, is_suited, transform_kernel


def conv(into: int, out: int, *, bias: bool = True) -> nn.Conv2d:
    with torch.random.fork_rng():
        torch.manual_seed(into * 1000 + out)
        return nn.Conv2d(into, out, 3, padding=1, bias=bias).requires_grad_(requires_grad=False)


@given(
    height=st.integers(1, 23),
    width=st.integers(1, 23),
    batch=st.integers(1, 3),
    into=st.integers(1, 5),
    out=st.integers(1, 5),
    bias=st.booleans(),
)
@settings(deadline=None)
def test_every_size_of_image_is_convolved(  # noqa: PLR0917 - drawn
    height: int, width: int, batch: int, into: int, out: int, bias: bool
) -> None:
    direct = conv(into, out, bias=bias)
    x = torch.randn(batch, into, height, width, generator=torch.Generator().manual_seed(0))
    expected = nn.functional.conv2d(
        x.double(), direct.weight.double(), None if direct.bias is None else direct.bias.double(), padding=1
    )
    torch.testing.assert_close(WinogradConv2d(direct)(x), expected.float(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bytes_at_a_time", [1.0, 1e5, 1e9])
def test_bands_of_tiles_meet_without_a_seam(bytes_at_a_time: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmem.engine.winograd.WORKSPACE", bytes_at_a_time)
    direct = conv(16, 16)
    x = torch.randn(2, 16, 37, 41, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(WinogradConv2d(direct)(x), direct(x), rtol=1e-4, atol=1e-5)


def test_wide_sums_stay_within_a_hundred_thousandth_of_their_spread() -> None:
    direct = conv(512, 64)
    x = torch.randn(1, 512, 16, 16, generator=torch.Generator().manual_seed(2))
    expected = nn.functional.conv2d(x.double(), direct.weight.double(), direct.bias.double(), padding=1)  # type: ignore[union-attr]
    error = (WinogradConv2d(direct)(x).double() - expected).abs().max() / expected.std()
    assert error < 1e-4


def test_a_kernel_that_copies_copies() -> None:
    direct = conv(1, 1, bias=False)
    direct.weight.zero_()[0, 0, 1, 1] = 1
    x = torch.arange(49.0).view(1, 1, 7, 7)
    torch.testing.assert_close(WinogradConv2d(direct)(x), x)
    assert transform_kernel(direct.weight).shape == (36, 1, 1)


@pytest.mark.parametrize(
    "other",
    [
        nn.Conv2d(4, 4, 1),
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 4, 3, padding=1, stride=2),
        nn.Conv2d(4, 4, 3, padding=1, groups=2),
    ],
)
def test_other_convolutions_are_refused(other: nn.Conv2d) -> None:
    assert not is_suited(other)
    with pytest.raises(ValueError, match="expected a 3x3 convolution of stride 1 and padding 1, got Conv2d"):
        WinogradConv2d(other)
