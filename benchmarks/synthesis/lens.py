"""What lens, sensor and file format make of the light: blur, exposure, noise, compression."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from benchmarks.synthesis.motion import Wander, draw_wander
from benchmarks.synthesis.render import Canvas, Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """How one clip is filmed.

    Args:
        exposure: logarithm of the gain of red, green and blue over time.
        mix: 3x3 matrix over colours: exchanged, greyed.
        inverted: a negative.
        blur: standard deviation in pixels.
        shutter: share of the time between frames over which motion is smeared.
        grain: standard deviation of the sensor's noise, in grey levels.
        quality: of the JPEG that frames go through; None where they do not.
    """

    exposure: Wander
    mix: Float32[np.ndarray, "3 3"]
    inverted: bool
    blur: float
    shutter: float
    grain: float
    quality: int | None


def draw_lens(generator: np.random.Generator) -> Lens:
    """A way of filming."""
    mix = np.eye(3)[generator.permutation(3)] if generator.random() < 0.4 else np.eye(3)
    grey = generator.choice([0, 0, 0.4, 0.7, 1.0], p=[0.3, 0.3, 0.2, 0.1, 0.1])
    mix = (1 - grey) * mix + grey / 3
    fading = generator.choice([0.03, 0.15, 0.4], p=[0.45, 0.45, 0.1])
    return Lens(
        exposure=draw_wander(generator, generator.normal(0, 0.12, 3), drift=fading, swing=0.06),
        mix=mix.astype(np.float32),
        inverted=bool(generator.random() < 0.08),
        blur=float(generator.choice([0.0, 0.45, 0.8, 1.3])),
        shutter=float(generator.choice([0, 0.3, 0.6])),
        grain=float(generator.choice([0.5, 2, 5, 10], p=[0.4, 0.3, 0.2, 0.1])),
        quality=int(generator.integers(35, 96)) if generator.random() < 0.5 else None,
    )


def expose(
    lens: Lens, canvas: Canvas, *, time: float, generator: np.random.Generator
) -> UInt8[np.ndarray, "height width 3"]:
    """The frame as it comes out of the file."""
    gain = np.exp(lens.exposure.at(time)).astype(np.float32)
    exposed = cv2.transform(canvas, lens.mix * gain[:, None])
    if lens.blur > 0:
        exposed = cv2.GaussianBlur(exposed, (0, 0), lens.blur)
    exposed = exposed + np.float32(lens.grain) * generator.standard_normal(exposed.shape, dtype=np.float32)
    if lens.inverted:
        exposed = 255 - exposed
    frame: UInt8[np.ndarray, "height width 3"] = np.clip(exposed, 0, 255).astype(np.uint8)
    if lens.quality is not None:
        _, encoded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, lens.quality])
        frame = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), dtype=np.uint8)
    return frame


def smear(pixels: np.ndarray, velocity: Float64[np.ndarray, "2"], *, longest: int) -> np.ndarray:
    """Motion blur along a velocity in pixels per exposure."""
    speed = float(np.hypot(*velocity))
    length = min(int(speed), longest) | 1
    if length < 3:
        return pixels
    kernel = np.zeros((length, length), dtype=np.float32)
    middle = length // 2
    reach = velocity / speed * middle
    ends = [(round(middle + sign * float(reach[0])), round(middle + sign * float(reach[1]))) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), dtype=np.float32)


def soften(layer: Layer, *, sigma: float) -> Layer:
    """The layer with soft edges."""
    blurred = np.asarray(cv2.GaussianBlur(layer.pixels, (0, 0), sigma), dtype=np.float32)
    return Layer(top=layer.top, left=layer.left, pixels=blurred)
