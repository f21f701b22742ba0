"""A convolution to one channel as nine of single pixels."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from xmem.engine.narrow import SingleChannelConv2d


@given(height=st.integers(1, 9), width=st.integers(1, 9), batch=st.integers(1, 3), bias=st.booleans())
def test_it_gives_what_the_direct_sum_gives(height: int, width: int, batch: int, bias: bool) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        direct = nn.Conv2d(40, 1, 3, padding=1, bias=bias).requires_grad_(requires_grad=False)
    x = torch.randn(batch, 40, height, width, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(SingleChannelConv2d(direct)(x), direct(x), rtol=1e-4, atol=1e-5)


def test_bf16_is_rounded_little_more_than_by_the_direct_sum() -> None:
    direct = nn.Conv2d(256, 1, 3, padding=1).requires_grad_(requires_grad=False).bfloat16()
    x = torch.randn(1, 256, 40, 40, generator=torch.Generator().manual_seed(0)).bfloat16()
    exact = copy_in_double(direct)(x.double())
    ours, usual = ((one(x).double() - exact).std() for one in (SingleChannelConv2d(direct), direct))
    assert 0 < ours < 2 * usual


def copy_in_double(conv: nn.Conv2d) -> nn.Conv2d:
    double = nn.Conv2d(conv.in_channels, conv.out_channels, 3, padding=1, dtype=torch.float64)
    double.load_state_dict(conv.state_dict())
    return double.requires_grad_(requires_grad=False)


@pytest.mark.parametrize(
    "other", [nn.Conv2d(4, 2, 3, padding=1), nn.Conv2d(4, 1, 1), nn.Conv2d(4, 1, 3, padding=1, stride=2)]
)
def test_other_convolutions_are_refused(other: nn.Conv2d) -> None:
    with pytest.raises(ValueError, match=r"expected a 3x3 convolution of stride 1 and padding 1 to one channel, got "):
        SingleChannelConv2d(other)
