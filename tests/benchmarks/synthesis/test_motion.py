import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.synthesis.motion import draw_axis, draw_wander, rotation

SEEDS = st.integers(0, 10_000)


@given(seed=SEEDS, angle=st.floats(-10, 10))
def test_a_rotation_keeps_lengths_and_its_axis(seed: int, angle: float) -> None:
    axis = draw_axis(np.random.default_rng(seed))
    matrix = rotation(axis, angle)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(matrix @ axis, axis, atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(matrix), 1, atol=1e-9)


def test_a_quarter_turn_around_z_takes_x_to_y() -> None:
    np.testing.assert_allclose(rotation(np.array([0.0, 0.0, 1.0]), np.pi / 2) @ [1, 0, 0], [0, 1, 0], atol=1e-12)


@given(seed=SEEDS)
def test_a_path_begins_where_it_was_told_to(seed: int) -> None:
    start = np.array([0.3, -2.0, 5.0])
    path = draw_wander(np.random.default_rng(seed), start, drift=1.0, swing=0.5)
    np.testing.assert_allclose(path.at(0.0), start, atol=1e-12)


@given(seed=SEEDS)
def test_a_path_never_jumps(seed: int) -> None:
    path = draw_wander(np.random.default_rng(seed), np.zeros(2), drift=1.0, swing=0.5)
    places = np.array([path.at(time) for time in np.linspace(0, 1, 201)])
    assert np.abs(np.diff(places, axis=0)).max() < 0.2


def test_a_path_without_drift_and_swing_stands_still() -> None:
    path = draw_wander(np.random.default_rng(1), np.ones(2), drift=0.0, swing=0.0)
    np.testing.assert_array_equal(path.at(0.7), np.ones(2))
