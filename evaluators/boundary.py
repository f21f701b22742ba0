"""Contour accuracy F: how much of two masks' boundaries agrees to within a small radius.

A boundary is dilated and counted as one Python integer, a bit per pixel: a shift moves every pixel at once and
`bit_count` counts them. That is exact, needs no dependency, and beats array arithmetic several times over.
"""

import math
from functools import partial

import numpy as np
from jaxtyping import Bool, Float64

from evaluators.batches import score_each

TOLERANCE = 0.008  # share of the image diagonal, the DAVIS benchmark's choice


def boundary_map(mask: Bool[np.ndarray, "*batch height width"]) -> Bool[np.ndarray, "*batch height width"]:
    """Pixels that differ from their right, lower or lower-right neighbour.

    A neighbour outside the image counts as equal, so the last row looks right only, the last column down only, and
    the last pixel is never boundary. Source: the DAVIS 2017 toolkit.
    """
    boundary = np.zeros_like(mask)
    boundary[..., :, :-1] = mask[..., :, :-1] ^ mask[..., :, 1:]
    boundary[..., :-1, :] |= mask[..., :-1, :] ^ mask[..., 1:, :]
    boundary[..., :-1, :-1] |= mask[..., :-1, :-1] ^ mask[..., 1:, 1:]
    return boundary


def boundary_f(
    predicted: Bool[np.ndarray, "*batch height width"],
    truth: Bool[np.ndarray, "*batch height width"],
    *,
    tolerance: float = TOLERANCE,
) -> Float64[np.ndarray, "*batch"]:
    """F measure of the boundary pixels that find a partner within the tolerance, in [0, 1], for each pair of masks.

    Two masks without boundary (empty or full) score 1, only one of them without boundary scores 0.

    Args:
        predicted: the masks to judge.
        truth: the masks to judge them by.
        tolerance: radius as a share of the image diagonal; rounded up to whole pixels.

    Source: F of the DAVIS 2017 toolkit, bit for bit.

    Raises:
        ValueError: the masks are not boolean or differ in shape, or the tolerance is outside [0, 1).
    """
    if not 0 <= tolerance < 1:
        raise ValueError(f"expected tolerance as a share of the image diagonal in [0, 1), got {tolerance}")
    height, width = truth.shape[-2:] if truth.ndim >= 2 else (0, 0)  # score_each has the words for the latter
    radius = math.ceil(tolerance * math.sqrt(height**2 + width**2))
    return score_each(partial(_f_measure, radius=radius), predicted, truth)


def _f_measure(
    predicted: Bool[np.ndarray, "height width"], truth: Bool[np.ndarray, "height width"], *, radius: int
) -> float:
    rows, columns = _surroundings(predicted | truth)
    predicted_boundary = boundary_map(predicted[rows, columns])
    truth_boundary = boundary_map(truth[rows, columns])
    stride = _stride(truth_boundary.shape[1], radius)
    predicted_pixels = _pack(predicted_boundary, stride)
    truth_pixels = _pack(truth_boundary, stride)
    if not (predicted_pixels and truth_pixels):
        return float(predicted_pixels == truth_pixels)
    precision = _matched_share(predicted_pixels, _dilate(truth_pixels, radius, stride))
    recall = _matched_share(truth_pixels, _dilate(predicted_pixels, radius, stride))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _surroundings(mask: Bool[np.ndarray, "height width"]) -> tuple[slice, slice]:
    """The rows and columns that hold the mask and one pixel more on each side, clipped to the image.

    Cropping both masks to it changes no score. A boundary pixel lies on the mask or just above or left of it; the
    background just below and right of it keeps the crop's edge from passing for the image's.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return slice(0), slice(0)
    return slice(max(int(rows[0]) - 1, 0), int(rows[-1]) + 2), slice(max(int(columns[0]) - 1, 0), int(columns[-1]) + 2)


def _stride(width: int, radius: int) -> int:
    """Bits from one row to the next: whole bytes, with an empty margin that a row may spread into by the radius."""
    return -(-(width + radius) // 8) * 8


def _pack(pixels: Bool[np.ndarray, "height width"], stride: int) -> int:
    """The pixels as bits, row after row: pixel (y, x) is bit y * stride + x."""
    rows = np.zeros((pixels.shape[0], stride), dtype=np.bool_)
    rows[:, : pixels.shape[1]] = pixels
    return int.from_bytes(np.packbits(rows, bitorder="little").tobytes(), "little")


def _dilate(pixels: int, radius: int, stride: int) -> int:
    """The union of disks dx^2 + dy^2 <= radius^2 around the pixels.

    Bits that leave the image stay in the margins, where nothing is compared.
    """
    dilated = 0
    row, half_width = pixels, 0  # every pixel as a run of 2 * half_width + 1
    for dy in range(radius, -1, -1):  # from the disk's tip to its middle, so that runs only ever grow
        widest = math.isqrt(radius**2 - dy**2)
        while half_width < widest:
            step = min(widest - half_width, 2 * half_width + 1)  # further, and the three copies would leave a gap
            row |= row << step | row >> step
            half_width += step
        dilated |= row << dy * stride | row >> dy * stride
    return dilated


def _matched_share(pixels: int, reach: int) -> float:
    return (pixels & reach).bit_count() / pixels.bit_count()
