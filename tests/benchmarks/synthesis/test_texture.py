import numpy as np
import pytest

from benchmarks.demo import texture as demo_texture
from benchmarks.synthesis.texture import FAMILIES, SHARES, SIDE, draw_palette, draw_tile


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tile_is_a_coloured_square_that_its_generator_decides(family: str) -> None:
    tile = FAMILIES[family](generator(3))
    assert tile.shape == (SIDE, SIDE, 3)
    assert tile.dtype == np.uint8
    np.testing.assert_array_equal(tile, FAMILIES[family](generator(3)))
    assert (tile != FAMILIES[family](generator(4))).any()


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"glyphs"}))  # lines of text end where the tile does
def test_a_tile_repeats_without_a_seam(family: str) -> None:
    seams, steps = [], []
    for seed in range(8):
        tile = FAMILIES[family](generator(seed)).astype(float)
        seams += [np.abs(tile[0] - tile[-1]).mean(), np.abs(tile[:, 0] - tile[:, -1]).mean()]
        steps += [np.abs(np.diff(tile, axis=axis)).mean() for axis in (0, 1)]
    assert np.mean(seams) < 2.5 * np.mean(steps) + 1


def test_no_family_is_one_of_the_demo() -> None:
    assert not set(FAMILIES) & set(demo_texture.FAMILIES)


def test_every_family_has_a_share_and_comes_up() -> None:
    assert len(SHARES) == len(FAMILIES)
    assert sum(SHARES) == pytest.approx(1)
    assert min(SHARES) > 0


def test_tiles_drawn_one_after_another_differ() -> None:
    drawn = generator(1)
    assert len({draw_tile(drawn).tobytes() for _ in range(6)}) == 6


def test_colours_stay_within_what_a_frame_can_hold() -> None:
    drawn = generator(2)
    palettes = np.concatenate([draw_palette(drawn, colours=5) for _ in range(200)])
    assert palettes.min() >= 0
    assert palettes.max() <= 255
