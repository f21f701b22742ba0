"""The camera: where it looks, what its lens and sensor do to the light."""

import cmath
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from benchmarks.demo.motion import Keys, Path, Pose, interpolate, pose_at, tremor

VIGNETTE = 0.22  # share of the light lost in the corners
WARMTH = np.array([0.12, 0.01, -0.14])  # what warmth 1 adds to the gain of red, green and blue


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A path over the stage and a sensor; a scale above 1 zooms in.

    Attributes:
        path: the stage point in the middle of the view, and how the view is turned and enlarged.
        tremor: how far hands shake it, in pixels.
        gain: the exposure over time; 1 leaves colours as they are.
        warmth: the light's hue over time, in -1 (blue) .. 1 (amber).
        blur: the standard deviation of the lens's blur over time, in pixels.
        grain: the standard deviation of the sensor's noise, in grey levels of 255.
    """

    path: Path
    tremor: float = 0.0
    gain: Keys = ((0, 1),)
    warmth: Keys = ((0, 0),)
    blur: Keys = ((0, 0.5),)
    grain: float = 3.0


def view(camera: Camera, *, frame: int, size: tuple[int, int]) -> Pose:
    """The similarity from the stage to pixels of a frame of `size` (height, width)."""
    pose = pose_at(camera.path, frame)
    factor = cmath.rect(abs(pose.factor), -cmath.phase(pose.factor))  # the view turns, so the stage turns back
    middle = complex(size[1] - 1, size[0] - 1) / 2
    return Pose(shift=middle - factor * pose.shift + tremor(frame, amplitude=camera.tremor), factor=factor)


def expose(
    camera: Camera,
    light: Float32[np.ndarray, "height width 3"],
    *,
    frame: int,
    generator: np.random.Generator,
) -> UInt8[np.ndarray, "height width 3"]:
    """The frame that the sensor records of light in 0..1."""
    (gain,), (warmth,), (blur,) = (interpolate(keys, frame) for keys in (camera.gain, camera.warmth, camera.blur))
    exposed = light * (gain * (1 + warmth * WARMTH) * 255).astype(np.float32)
    exposed *= _vignette(light.shape[:2])[..., None]
    if blur > 0:
        exposed = np.asarray(cv2.GaussianBlur(exposed, (0, 0), blur), dtype=np.float32)
    # Grain is mostly of brightness: one draw shared by the channels, and a weaker one each.
    grey = generator.standard_normal((*light.shape[:2], 1), dtype=np.float32)
    hue = generator.standard_normal(light.shape, dtype=np.float32)
    noisy = exposed + np.float32(camera.grain) * (np.float32(0.85) * grey + np.float32(0.5) * hue)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _vignette(size: tuple[int, int]) -> Float32[np.ndarray, "height width"]:
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in size)
    return 1 - np.float32(VIGNETTE / 2) * (x[None, :] ** 2 + y[:, None] ** 2)
