import math

import numpy as np
import pytest

from benchmarks.demo.shape import Blob, Hinge, Lobe, Polygon, Ring, Shape

GRID = np.arange(-80, 81)[None, :] + 1j * np.arange(-80, 81)[:, None]
SHAPES: dict[str, Shape] = {
    "blob": Blob(radius=30, lobes=(Lobe(3, 0.2, 0.05), Lobe(2, 0.1, -0.02, 0.3))),
    "polygon": Polygon(corners=((34, 0), (0, -27), (2, -11), (-30, 11)), breath=0.2),
    "ring": Ring(radius=38, width=15, tilt=0.5),
    "hinge": Hinge(lengths=(38, 46), girths=(12, 16, 6), bend=60),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("frame", [0, 5, 17])
def test_an_outline_stays_within_its_reach(name: str, frame: int) -> None:
    inside = SHAPES[name].outline(GRID, frame).level < 0
    assert inside.any()
    assert np.abs(GRID[inside]).max() <= SHAPES[name].reach


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_deforms(name: str) -> None:
    first, later = (SHAPES[name].outline(GRID, frame).level < 0 for frame in (0, 5))
    assert np.count_nonzero(first != later) > 100


@pytest.mark.parametrize("name", SHAPES)
def test_texture_lies_undeformed_on_a_shape_at_frame_zero(name: str) -> None:
    assert np.allclose(SHAPES[name].outline(GRID, 0).material, GRID)


def test_a_polygon_covers_the_area_that_its_corners_enclose() -> None:
    notched = Polygon(corners=((-20, -20), (20, -20), (20, 20), (0, 0), (-20, 20)), rounding=0)
    assert np.count_nonzero(notched.outline(GRID + 0.25 + 0.25j, 0).level < 0) == pytest.approx(1200, rel=0.03)


def test_a_blob_without_lobes_is_a_disc_and_a_ring_has_a_hole() -> None:
    disc = Blob(radius=30).outline(GRID, 9).level < 0
    assert np.count_nonzero(disc) == pytest.approx(math.pi * 900, rel=0.01)
    assert SHAPES["ring"].outline(np.zeros((1, 1), dtype=complex), 0).level > 0
