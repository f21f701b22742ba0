import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem.inference.padding import padding_to_multiple

sides = st.integers(1, 200)


@given(height=sides, width=sides)
def test_padding_makes_both_sides_multiples_with_as_little_as_can_be(height: int, width: int) -> None:
    padding = padding_to_multiple(height, width, of=16)
    padded = padding.pad(torch.ones(3, height, width))
    for side, before in zip(padded.shape[1:], (height, width), strict=True):
        assert side % 16 == 0
        assert 0 <= side - before < 16
    assert padded.sum() == 3 * height * width


@given(height=sides, width=sides)
def test_unpadding_gives_the_image_back(height: int, width: int) -> None:
    image = torch.arange(height * width).view(1, height, width)
    padding = padding_to_multiple(height, width, of=16)
    assert torch.equal(padding.unpad(padding.pad(image)), image)


def test_an_odd_remainder_goes_right_and_below() -> None:
    padding = padding_to_multiple(13, 29, of=16)
    assert (padding.top, padding.bottom, padding.left, padding.right) == (1, 2, 1, 2)


def test_padding_is_zero() -> None:
    padded = padding_to_multiple(15, 16, of=16).pad(torch.full((1, 15, 16), 5.0))
    assert padded[0, 15].tolist() == [0.0] * 16
