import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthesis.motion import draw_axis, rotation
from benchmarks.synthesis.solid import MISS, Hit, Kind, cast, extent

SEEDS = st.integers(0, 10_000)
KINDS = st.sampled_from(list(Kind))


def look(
    kind: Kind, radii: np.ndarray, turned: np.ndarray, *, reach: float = 1.0, side: int = 41
) -> tuple[Hit, np.ndarray]:
    """A solid seen along +z from -reach to reach; also the rays' origins in its frame."""
    axis = np.linspace(-reach, reach, side, dtype=np.float32)
    own = turned.T.astype(np.float32)
    origin = own[:, 0, None, None] * axis[None, None, :] + own[:, 1, None, None] * axis[None, :, None]
    return cast(kind, radii, origin, turned.T[:, 2]), origin


@pytest.mark.parametrize("kind", Kind)
def test_the_middle_ray_meets_the_near_side(kind: Kind) -> None:
    hit, _ = look(kind, np.array([0.5, 0.4, 0.3]), np.eye(3))
    assert hit.depth[20, 20] == pytest.approx(-0.3, abs=1e-3)
    np.testing.assert_allclose(hit.normal[:, 20, 20], [0, 0, -1], atol=1e-2)


def test_outlines_are_those_of_the_solids() -> None:
    axis = np.linspace(-1, 1, 41)
    x, y = axis[None, :] / 0.62, axis[:, None] / 0.43
    radii = np.array([0.62, 0.43, 0.3])
    round_, boxed = x**2 + y**2 < 1, (np.abs(x) < 1) & (np.abs(y) < 1)
    for kind, outline in ((Kind.ELLIPSOID, round_), (Kind.CYLINDER, round_), (Kind.BOX, boxed)):
        np.testing.assert_array_equal(look(kind, radii, np.eye(3))[0].depth < MISS, outline)


@settings(deadline=None)
@given(kind=KINDS, seed=SEEDS)
def test_whatever_is_met_lies_on_the_surface_and_faces_the_camera(kind: Kind, seed: int) -> None:
    generator = np.random.default_rng(seed)
    radii = generator.uniform(0.1, 0.7, 3)
    turned = rotation(draw_axis(generator), generator.uniform(-3, 3))
    hit, origin = look(kind, radii, turned)
    met = hit.depth < MISS
    point = (origin + turned.T[:, 2, None, None] * hit.depth)[:, met] / radii[:, None]
    circle = np.hypot(point[0], point[1])
    level = {
        Kind.ELLIPSOID: np.sqrt((point**2).sum(axis=0)),
        Kind.BOX: np.abs(point).max(axis=0),
        Kind.CYLINDER: np.maximum(circle, np.abs(point[2])),
    }[kind]
    np.testing.assert_allclose(level, 1, atol=0.03)
    assert (np.tensordot(turned.T[:, 2], hit.normal, axes=1)[met] < 0.05).all()


@settings(deadline=None)
@given(kind=KINDS, seed=SEEDS)
def test_a_solid_stays_within_its_window(kind: Kind, seed: int) -> None:
    generator = np.random.default_rng(seed)
    radii = generator.uniform(0.05, 0.5, 3)
    turned = rotation(draw_axis(generator), generator.uniform(-3, 3))
    rows, columns = np.nonzero(look(kind, radii, turned)[0].depth < MISS)
    wide, high = extent(kind, radii, turned)
    if rows.size:
        assert np.abs(columns - 20).max() / 20 <= wide + 0.02
        assert np.abs(rows - 20).max() / 20 <= high + 0.02
