from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthesis.body import Body, place, recovered
from benchmarks.synthesis.build import draw_body

TILES = np.arange(5)
SEEDS = st.integers(0, 10_000)


@settings(deadline=None)
@given(seed=SEEDS, time=st.floats(0, 1))
def test_a_body_that_is_turned_as_a_whole_keeps_its_build(seed: int, time: float) -> None:
    body = draw_body(np.random.default_rng(seed), tiles=TILES)
    half_turn = np.diag([-1.0, -1.0, 1.0])
    for straight, turned in zip(
        place(body, time=time, turned=np.eye(3)), place(body, time=time, turned=half_turn), strict=True
    ):
        np.testing.assert_allclose(turned.middle, half_turn @ straight.middle, atol=1e-9)
        np.testing.assert_allclose(turned.turned, half_turn @ straight.turned, atol=1e-9)


def test_limbs_swing() -> None:
    bodies = [draw_body(np.random.default_rng(seed), tiles=TILES) for seed in range(30)]
    moved = 0
    for body in bodies:
        then, now = (place(body, time=time, turned=np.eye(3)) for time in (0.0, 0.3))
        moved += any(np.abs(a.middle - b.middle).max() > 0.02 for a, b in zip(then, now, strict=True))
    assert moved > 10


def test_a_twin_is_built_and_covered_alike_but_matches_nowhere() -> None:
    body = draw_body(np.random.default_rng(5), tiles=TILES)
    twin = recovered(body, np.random.default_rng(6))
    assert [part.skin.tile for part in twin.parts] == [part.skin.tile for part in body.parts]
    assert all(a.skin.corner != b.skin.corner for a, b in zip(body.parts, twin.parts, strict=True))
    for part, other in zip(body.parts, twin.parts, strict=True):
        assert place(Body(parts=(replace(part, parent=-1, swing=0.0),)), time=0.0, turned=np.eye(3))[
            0
        ].middle.tolist() == (
            place(Body(parts=(replace(other, parent=-1, swing=0.0),)), time=0.0, turned=np.eye(3))[0].middle.tolist()
        )
