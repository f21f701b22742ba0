from dataclasses import replace

import numpy as np
import pytest

from benchmarks.synthesis.lens import Lens, draw_lens, expose, smear, soften
from benchmarks.synthesis.motion import draw_wander
from benchmarks.synthesis.render import Layer

CANVAS = np.random.default_rng(1).uniform(0, 255, (32, 32, 3)).astype(np.float32)
HONEST = Lens(
    exposure=draw_wander(np.random.default_rng(1), np.zeros(3), drift=0.0, swing=0.0),
    mix=np.eye(3, dtype=np.float32),
    inverted=False,
    blur=0.0,
    shutter=0.0,
    grain=0.0,
    quality=None,
)


def shoot(lens: Lens, time: float = 0.0) -> np.ndarray:
    return expose(lens, CANVAS.copy(), time=time, generator=np.random.default_rng(2))


def test_an_honest_lens_shows_what_there_is() -> None:
    np.testing.assert_array_equal(shoot(HONEST), CANVAS.astype(np.uint8))


def test_every_fault_of_a_lens_is_to_be_seen() -> None:
    brighter = draw_wander(np.random.default_rng(1), np.full(3, 0.2), drift=0.0, swing=0.0)
    swapped = np.eye(3, dtype=np.float32)[[1, 0, 2]]
    faults = {"exposure": brighter, "mix": swapped, "inverted": True, "blur": 1.0, "grain": 9.0, "quality": 30}
    for name, value in faults.items():
        assert (shoot(replace(HONEST, **{name: value})) != shoot(HONEST)).mean() > 0.5, name  # type: ignore[arg-type]


def test_a_frame_is_the_same_each_time_it_is_shot() -> None:
    lens = draw_lens(np.random.default_rng(3))
    np.testing.assert_array_equal(shoot(lens, 0.4), shoot(lens, 0.4))


@pytest.mark.parametrize("velocity", [(6.0, 0.0), (0.0, -9.0), (5.0, 5.0)])
def test_smearing_keeps_the_light_and_spreads_it_along_the_motion(velocity: tuple[float, float]) -> None:
    point = np.zeros((41, 41, 3), dtype=np.float32)
    point[20, 20] = 100
    smeared = smear(point, np.array(velocity), longest=16)
    assert smeared.sum() == pytest.approx(300, rel=1e-4)
    rows, columns = np.nonzero(smeared[..., 0])
    spread = np.array([np.ptp(columns), np.ptp(rows)])
    np.testing.assert_allclose(spread, np.abs(velocity), atol=2)


def test_what_hardly_moves_is_not_smeared() -> None:
    np.testing.assert_array_equal(smear(CANVAS, np.array([0.5, 0.2]), longest=16), CANVAS)


def test_soft_edges_stay_where_the_hard_ones_were() -> None:
    pixels = np.zeros((20, 20, 4), dtype=np.float32)
    pixels[5:15, 5:15] = (200, 100, 50, 1)
    softened = soften(Layer(top=3, left=4, pixels=pixels), sigma=0.7)
    assert (softened.top, softened.left) == (3, 4)
    np.testing.assert_array_equal(softened.pixels[..., 3] > 0.5, pixels[..., 3] > 0.5)
    assert 0 < softened.pixels[4, 10, 3] < 0.5
