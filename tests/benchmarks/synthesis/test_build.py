import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthesis.build import draw_body, draw_outline

TILES = np.arange(5)
SEEDS = st.integers(0, 10_000)


@settings(deadline=None)
@given(seed=SEEDS)
def test_parts_hang_on_parts_that_come_before_them(seed: int) -> None:
    body = draw_body(np.random.default_rng(seed), tiles=TILES)
    assert body.parts
    assert all(-1 <= part.parent < index for index, part in enumerate(body.parts))
    assert {part.skin.tile for part in body.parts} <= set(TILES.tolist())


@given(seed=SEEDS)
def test_an_outline_goes_around_its_middle(seed: int) -> None:
    outline = draw_outline(np.random.default_rng(seed))
    assert 3 <= len(outline) <= 48
    assert np.hypot(*outline.T).max() < 1.7
