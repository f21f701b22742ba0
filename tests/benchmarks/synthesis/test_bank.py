import numpy as np
import pytest

from benchmarks.synthesis import bank as bank_module
from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.build import draw_skin
from benchmarks.synthesis.texture import SIDE

V, U = np.mgrid[:SIDE, :SIDE].astype(np.float32)


def test_a_tile_is_the_same_whoever_asks_and_when() -> None:
    first, second = TextureBank(4), TextureBank(4)
    for number in (3, 1, 2):
        second.sample(number, U, V, texels_per_pixel=1.0)
    np.testing.assert_array_equal(
        first.sample(1, U, V, texels_per_pixel=1.0), second.sample(1, U, V, texels_per_pixel=1.0)
    )
    assert (first.sample(1, U, V, texels_per_pixel=1.0) != TextureBank(5).sample(1, U, V, texels_per_pixel=1.0)).any()


def test_a_tile_that_was_forgotten_comes_back_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_module, "KEPT", 1)
    bank = TextureBank(4)
    before = bank.sample(1, U, V, texels_per_pixel=1.0)
    bank.sample(2, U, V, texels_per_pixel=1.0)
    np.testing.assert_array_equal(bank.sample(1, U, V, texels_per_pixel=1.0), before)


def test_coordinates_beyond_the_tile_begin_anew() -> None:
    bank = TextureBank(4)
    inside = bank.sample(1, U, V, texels_per_pixel=1.0)
    np.testing.assert_allclose(bank.sample(1, U + SIDE, V - SIDE, texels_per_pixel=1.0), inside, atol=1)


def test_from_afar_detail_fades() -> None:
    bank = TextureBank(4)
    near, far = (bank.sample(0, 8 * U, 8 * V, texels_per_pixel=texels) for texels in (1.0, 8.0))
    assert far.std() < near.std()


def test_cloth_goes_on_without_a_seam_in_the_asked_size() -> None:
    skin = draw_skin(np.random.default_rng(2), np.array([7]))
    cloth = TextureBank(4).cloth(skin, side=200, repeats=2.0)
    assert cloth.shape == (200, 200, 3)
    halves = cloth[:, :100].astype(int) - cloth[:, 100:]
    assert np.abs(halves).mean() < 2
