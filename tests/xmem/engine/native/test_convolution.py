"""Convolution in C++ gives what the direct sum gives."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from xmem.engine.native import NativeConv2d, convolve, is_native

FORMATS = pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])


def conv(into: int, out: int, *, bias: bool = True) -> nn.Conv2d:
    with torch.random.fork_rng():
        torch.manual_seed(into * 1000 + out)
        return nn.Conv2d(into, out, 3, padding=1, bias=bias).requires_grad_(requires_grad=False)


def exactly(
    direct: nn.Conv2d, x: Tensor, *, rectify_input: bool = False, added: Tensor | None = None, rectify: bool = False
) -> Tensor:
    x = F.relu(x.double()) if rectify_input else x.double()
    out = F.conv2d(x, direct.weight.double(), None if direct.bias is None else direct.bias.double(), padding=1)
    out = out if added is None else out + added.double()
    return F.relu(out) if rectify else out


def error(found: Tensor, expected: Tensor) -> float:
    """The root mean square error, in parts of the spread."""
    return float((found.double() - expected).pow(2).mean().sqrt() / expected.std())


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("every_processor")
@given(
    height=st.integers(1, 23),
    width=st.integers(1, 23),
    batch=st.integers(1, 3),
    into=st.sampled_from([32, 96, 160]),
    out=st.sampled_from([32, 64]),
    bias=st.booleans(),
    options=st.fixed_dictionaries({"rectify_input": st.booleans(), "rectify": st.booleans()}),
    add=st.sampled_from([None, "of all", "of one"]),
    channels_last=st.booleans(),
    format_and_error=st.sampled_from([(torch.float32, 1e-5), (torch.bfloat16, 0.03)]),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_size_of_image_is_convolved(  # noqa: PLR0917 - drawn
    height: int,
    width: int,
    batch: int,
    into: int,
    out: int,
    bias: bool,
    options: dict[str, bool],
    add: str | None,
    channels_last: bool,
    format_and_error: tuple[torch.dtype, float],
) -> None:
    dtype, most = format_and_error
    direct, x = conv(into, out, bias=bias), noise(batch, into, height, width).to(dtype)
    added = None if add is None else noise(1 if add == "of one" else batch, out, height, width, seed=1).to(dtype)
    if channels_last:
        x = x.to(memory_format=torch.channels_last)
    before = x.clone()
    found = NativeConv2d(direct, dtype=dtype)(x, added=added, **options)
    expected = exactly(direct, x, added=added, **options)
    assert (found.shape, found.dtype) == (expected.shape, dtype)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert (found.double() - expected).abs().max() < 5 * most * expected.std()
    assert error(found, expected) < most
    assert torch.equal(x, before)


@pytest.mark.usefixtures("every_processor")
def test_wide_sums_are_off_by_little_more_than_a_millionth_of_their_spread() -> None:
    """As direct sums; in one go, not chunk by chunk, they would be off by three."""
    direct, x = conv(1024, 64), noise(1, 1024, 16, 16)
    assert error(NativeConv2d(direct)(x), exactly(direct, x)) < 1.5e-6


@pytest.mark.usefixtures("every_processor")
def test_products_in_bf16_are_off_by_an_eightieth_of_the_spread() -> None:
    """Their sums are in fp32: rounded to bf16 between the transforms, they would be off by a sixty-fifth."""
    direct, x = conv(256, 64), noise(1, 256, 16, 16).bfloat16()
    assert 0.01 < error(NativeConv2d(direct, dtype=torch.bfloat16)(x), exactly(direct, x)) < 0.013


@FORMATS
def test_blocks_and_threads_and_other_images_change_no_bit(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    native, x = NativeConv2d(conv(64, 96), dtype=dtype), noise(2, 64, 37, 41).to(dtype)
    expected = native(x)
    assert torch.equal(native(x[1:]), expected[1:])
    monkeypatch.setattr("xmem.engine.native.convolution.FEWEST_TILES", 1)
    for points in (1.0, 2e5, 1e9):  # a tile at a time, some, all
        monkeypatch.setattr("xmem.engine.native.convolution.POINTS_BYTES", points)
        for count in (1, 2, 5, 16):  # fewer than panels, and more
            with threads(count):
                assert torch.equal(native(x), expected), (points, count)


@FORMATS
def test_what_is_not_a_number_stays_none(dtype: torch.dtype) -> None:
    x = noise(1, 32, 9, 9).to(dtype)
    x[0, 3, 4, 4] = torch.nan
    found = NativeConv2d(conv(32, 32), dtype=dtype)(x, rectify_input=True, rectify=True)
    assert found[..., 3:6, 3:6].isnan().all()
    assert not found[..., 8, 8].isnan().any()


def test_inputs_of_another_format_are_brought_to_that_of_the_products() -> None:
    native, x = NativeConv2d(conv(32, 32), dtype=torch.bfloat16), noise(1, 32, 5, 5)
    added = noise(1, 32, 5, 5, seed=1)
    assert torch.equal(native(x, added=added), native(x.bfloat16(), added=added.bfloat16()))


def test_what_it_was_not_made_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected products in torch.float32 or torch.bfloat16, got torch.float16"):
        NativeConv2d(conv(32, 32), dtype=torch.float16)


@pytest.mark.usefixtures("without_shape_checks")
def test_other_channels_formats_and_devices_are_refused() -> None:
    native, x = NativeConv2d(conv(32, 32)), noise(1, 32, 5, 5)
    with pytest.raises(ValueError, match=r"^expected 32 channels and a kernel in torch.float32, .*, got 31 on cpu "):
        native(x[:, 1:])
    with pytest.raises(ValueError, match=r"got 32 on meta and a kernel in torch.float32 on cpu$"):
        native(x.to("meta"))
    with pytest.raises(ValueError, match=r"got 32 on cpu and a kernel in torch.bfloat16 on cpu$"):
        copy.deepcopy(native).bfloat16()(x)
    with pytest.raises(ValueError, match=r"got 32 on cpu and a kernel in torch.float32 on meta$"):
        native.to("meta")(x)
    with pytest.raises(RuntimeError, match=r"expand"):
        NativeConv2d(conv(32, 32))(x, added=x[:, :31])


def test_copies_work_alone() -> None:
    native, x = NativeConv2d(conv(32, 32)), noise(1, 32, 5, 5)
    other = copy.deepcopy(native)
    expected = native(x)
    native.kernel.zero_()
    assert torch.equal(other(x), expected)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("rectify_input", [True, False])
@pytest.mark.parametrize("rectify", [True, False])
@pytest.mark.parametrize("add", [True, False])
def test_any_convolution_rectifies_and_adds(native: bool, rectify_input: bool, rectify: bool, add: bool) -> None:
    direct, x = conv(32, 64), noise(2, 32, 7, 6)
    added = noise(2, 64, 7, 6, seed=1) if add else None
    module = NativeConv2d(direct) if native else direct
    found = convolve(module, x, rectify_input=rectify_input, added=added, rectify=rectify)
    expected = exactly(direct, x, rectify_input=rectify_input, added=added, rectify=rectify)
    torch.testing.assert_close(found, expected.float(), rtol=1e-4, atol=1e-5)
    assert torch.equal(x, noise(2, 32, 7, 6))


@pytest.mark.parametrize(
    "other",
    [
        nn.Conv2d(32, 32, 1),
        nn.Conv2d(32, 32, 3),
        nn.Conv2d(32, 32, 3, padding=1, stride=2),
        nn.Conv2d(32, 32, 3, padding=1, groups=2),
        nn.Conv2d(48, 32, 3, padding=1),
        nn.Conv2d(32, 48, 3, padding=1),
    ],
)
def test_other_convolutions_are_refused(other: nn.Conv2d) -> None:
    assert not is_native(other)
    with pytest.raises(ValueError, match=r"expected a 3x3 convolution .*, of multiples of 32 channels, got Conv2d"):
        NativeConv2d(other)
