import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.demo.motion import Path, Pose, inside, interpolate, pose_at, seen_through

KEYS = ((0.0, 10.0, 5.0), (4.0, 30.0, 5.0), (10.0, -20.0, 7.0))


@pytest.mark.parametrize("key", KEYS)
def test_a_path_passes_through_its_keys(key: tuple[float, ...]) -> None:
    assert interpolate(KEYS, int(key[0])) == pytest.approx(key[1:])


def test_outside_its_keys_a_value_stands_still() -> None:
    assert interpolate(KEYS, -3) == (10.0, 5.0)
    assert interpolate(KEYS, 99) == (-20.0, 7.0)


def test_between_two_keys_motion_is_even() -> None:
    assert interpolate(((0, 0), (8, 16)), 3) == pytest.approx((6,))


@given(st.integers(1, 30), st.integers(1, 30), st.floats(-300, 300), st.floats(-300, 300))
def test_motion_has_no_jumps(middle: int, rest: int, there: float, back: float) -> None:
    keys = ((0, 0.0), (middle, there), (middle + rest, back))
    fastest = max(abs(there) / middle, abs(back - there) / rest)
    places = np.array([interpolate(keys, frame) for frame in range(-1, middle + rest + 2)])
    assert np.abs(np.diff(places, axis=0)).max() <= 1.5 * fastest + 1e-6


def test_degrees_turn_clockwise_on_the_screen() -> None:
    pose = pose_at(Path(at=((0, 5, 6),), degrees=((0, 90),), scale=((0, 2),)), 0)
    assert pose.shift + pose.factor * 1 == pytest.approx(5 + 8j)


def test_inside_undoes_what_a_view_and_a_pose_do() -> None:
    pose = seen_through(Pose(shift=3 + 4j, factor=2j), Pose(shift=1 - 1j, factor=0.5 + 0.5j))
    point = np.array([[7 + 2j]])
    assert np.allclose(inside(pose, (3 + 4j) + 2j * ((1 - 1j) + (0.5 + 0.5j) * point)), point)
