"""Layers over layers: bending, covering, casting shadows."""

from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from benchmarks.synthesis.render import Canvas, Layer


def bend(layer: Layer, warp: Float32[np.ndarray, "2 knots knots"]) -> Layer:
    """The layer, elastically displaced: coarse knots in shares of its longer side, smooth between them."""
    high, wide = layer.pixels.shape[:2]
    reach = np.float32(max(high, wide))
    flow = [np.asarray(cv2.resize(part, (wide, high), interpolation=cv2.INTER_CUBIC)) * reach for part in warp]
    x = np.arange(wide, dtype=np.float32)[None, :] + flow[0]
    y = np.arange(high, dtype=np.float32)[:, None] + flow[1]
    pixels = cv2.remap(layer.pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return replace(layer, pixels=np.asarray(pixels, dtype=np.float32))


def lay(layer: Layer, canvas: Canvas, mask: UInt8[np.ndarray, "size size"], *, label: int, shadow: float) -> None:
    """Put a layer over what is there, in place."""
    size = canvas.shape[0]
    top, left = max(layer.top, 0), max(layer.left, 0)
    high, wide = layer.pixels.shape[:2]
    bottom, right = min(layer.top + high, size), min(layer.left + wide, size)
    if bottom <= top or right <= left:
        return
    there = layer.pixels[top - layer.top : bottom - layer.top, left - layer.left : right - layer.left]
    here = canvas[top:bottom, left:right]
    coverage = there[..., 3:]
    if shadow > 0:
        _darken(canvas, coverage[..., 0], top=top, left=left, shadow=shadow)
    here *= 1 - coverage
    here += there[..., :3]
    mask[top:bottom, left:right][coverage[..., 0] > 0.5] = label


def _darken(
    canvas: Canvas, coverage: Float32[np.ndarray, "rows columns"], *, top: int, left: int, shadow: float
) -> None:
    """Let what covers a window cast a soft shadow to the lower right, in place; computed at a quarter of the size."""
    size = canvas.shape[0]
    reach = max(coverage.shape) / 8 + 1
    whole = np.zeros((size, size), dtype=np.float32)
    whole[top : top + coverage.shape[0], left : left + coverage.shape[1]] = coverage
    small = cv2.resize(whole, (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, reach / 8], [0, 1, reach / 4]], dtype=np.float32)
    dark = cv2.GaussianBlur(cv2.warpAffine(small, shift, small.shape[::-1]), (0, 0), reach / 8)
    canvas *= (1 - np.float32(shadow) * np.asarray(cv2.resize(dark, (size, size))))[..., None]
