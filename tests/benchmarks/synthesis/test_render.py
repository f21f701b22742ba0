from dataclasses import replace

import numpy as np
import pytest

from benchmarks.synthesis.bank import TextureBank
from benchmarks.synthesis.body import Body, Part
from benchmarks.synthesis.build import draw_skin
from benchmarks.synthesis.render import Layer, Light, Pose, render
from benchmarks.synthesis.solid import Kind

SIZE = 96
LIGHT = Light(towards=np.array([0.0, -0.6, -0.8]), hardness=1.0)
BANK = TextureBank(1)
MIDDLE = Pose(middle=(48.0, 48.0), scale=30.0, turned=np.eye(3), time=0.0)


def part(**changes: object) -> Part:
    plain = Part(
        parent=-1,
        joint=np.zeros(3),
        centre=np.zeros(3),
        rest=np.eye(3),
        axis=np.array([0.0, 0.0, 1.0]),
        swing=0.0,
        rate=0.0,
        phase=0.0,
        kind=Kind.ELLIPSOID,
        radii=np.ones(3),
        skin=draw_skin(np.random.default_rng(1), np.arange(1)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def draw(*parts: Part, pose: Pose = MIDDLE) -> Layer:
    layer = render(Body(parts=parts), pose, bank=BANK, light=LIGHT, size=SIZE)
    assert layer is not None
    return layer


def square(half: float) -> np.ndarray:
    return half * np.array([[-1.0, -1.0], [1, -1], [1, 1], [-1, 1]])


def test_a_ball_covers_a_disc() -> None:
    layer = draw(part())
    assert layer.pixels[..., 3].sum() == pytest.approx(np.pi * 30**2, rel=0.01)


def test_a_ball_is_lit_from_the_side_that_the_light_is_on() -> None:
    colours = draw(part()).pixels[..., :3].sum(axis=2)
    middle = colours.shape[0] // 2
    assert colours[middle - 20, middle] > 1.2 * colours[middle + 20, middle]


def test_a_plate_covers_its_outline_without_its_hole() -> None:
    plate = part(outline=square(0.8), hole=square(0.4))
    assert draw(plate).pixels[..., 3].sum() == pytest.approx(48**2 - 24**2, rel=0.1)


def test_a_plate_seen_edge_on_is_not_there() -> None:
    plate = part(outline=square(0.8), rest=np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]))
    assert draw(plate).pixels.max() == 0


def test_the_nearer_part_hides_the_farther_whatever_their_order() -> None:
    skins = [draw_skin(np.random.default_rng(seed), np.array([seed])) for seed in (1, 2)]
    far = part(joint=np.array([0.0, 0, 2.0]), skin=skins[0])
    near = part(joint=np.array([0.0, 0, -2.0]), skin=skins[1])
    alone = draw(near).pixels
    np.testing.assert_array_equal(draw(far, near).pixels, alone)
    np.testing.assert_array_equal(draw(near, far).pixels, alone)


def test_a_body_out_of_sight_has_no_layer() -> None:
    away = replace(MIDDLE, middle=(500.0, 48.0))
    assert render(Body(parts=(part(),)), away, bank=BANK, light=LIGHT, size=SIZE) is None


def test_a_body_at_the_edge_is_drawn_as_far_as_it_can_be_seen() -> None:
    layer = draw(part(), pose=replace(MIDDLE, middle=(0.0, 48.0)))
    assert layer.left < 0
    seen = layer.pixels[:, -layer.left :, 3].sum()
    assert seen == pytest.approx(np.pi * 30**2 / 2, rel=0.04)


def test_coverage_is_all_or_nothing_and_colour_is_where_it_is() -> None:
    pixels = draw(part(), part(outline=square(0.5), joint=np.array([0.9, 0.0, -1.5]))).pixels
    assert set(np.unique(pixels[..., 3])) == {0.0, 1.0}
    assert (pixels[pixels[..., 3] == 0] == 0).all()
    assert pixels.max() <= 255
