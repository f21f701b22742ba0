import numpy as np
import pytest

from benchmarks.demo.texture import FAMILIES, Surface, sample, tile

SIDE = 256


def surface(family: str, variant: int = 0) -> Surface:
    return Surface(family=family, colours=((0, 0, 0), (120, 60, 200), (255, 255, 255)), size=16, variant=variant)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tile_repeats_without_a_seam(family: str) -> None:
    texture = tile(surface(family), seed=3, side=SIDE)
    steps = np.abs(texture - np.roll(texture, 1, axis=1)).mean(axis=(0, 2))
    assert steps[0] <= 1.05 * steps[1:].max()


@pytest.mark.parametrize("family", FAMILIES)
def test_variants_look_alike_and_match_nowhere(family: str) -> None:
    first, second = (tile(surface(family, variant), seed=3, side=SIDE) for variant in (0, 1))
    assert np.abs(first.mean(axis=(0, 1)) - second.mean(axis=(0, 1))).max() < 0.1
    assert abs(np.corrcoef(first[..., 0].ravel(), second[..., 0].ravel())[0, 1]) < 0.5


def test_sampling_goes_on_beyond_the_tile() -> None:
    texture = tile(surface("cells"), seed=3, side=SIDE)
    points = np.arange(8)[None, :] + 1j * np.arange(8)[:, None]
    assert np.array_equal(sample(texture, points), sample(texture, points + SIDE * (3 - 2j)))
    assert np.array_equal(sample(texture, points)[0, 0], texture[SIDE // 2, SIDE // 2])


def test_an_unknown_family_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"among cells, weave, marble, speckle, got tartan"):
        surface("tartan")
