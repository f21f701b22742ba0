"""The demo dataset on disk, in the generic layout of folders: frames as JPEG, the truth of each as indexed PNG."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from benchmarks.artifacts import make_folder, new_folder, write_atomically
from benchmarks.demo.clips import CLIPS
from benchmarks.demo.scene import Clip, render
from benchmarks.masks import davis_palette, encode_mask

JPEG_QUALITY = 95


def write_demo(root: Path, *, on_clip: Callable[[str], None] | None = None) -> None:
    """Draw every clip into a new folder: ROOT/JPEGImages/CLIP/00000.jpg and ROOT/Annotations/CLIP/00000.png.

    Args:
        root: the folder to make; missing parents are made too.
        on_clip: told the name of each clip before it is drawn.

    Raises:
        InputError: the folder is there already, or the disk refuses.
    """
    with new_folder(root) as partial:
        for clip in CLIPS:
            if on_clip is not None:
                on_clip(clip.name)
            write_clip(clip, partial)


def write_clip(clip: Clip, root: Path) -> None:
    """Draw one clip into ROOT/JPEGImages/CLIP and ROOT/Annotations/CLIP.

    Raises:
        InputError: the disk refuses.
    """
    images, annotations = root / "JPEGImages" / clip.name, root / "Annotations" / clip.name
    make_folder(images)
    make_folder(annotations)
    palette = davis_palette()
    for index, (image, truth) in enumerate(render(clip)):
        write_atomically(images / f"{index:05d}.jpg", _encode_image(image))
        write_atomically(annotations / f"{index:05d}.png", encode_mask(truth, palette=palette))


def _encode_image(image: UInt8[np.ndarray, "height width 3"]) -> bytes:
    stream = io.BytesIO()
    # Subsampling 0 is 4:4:4: colour keeps the resolution of the truth.
    Image.fromarray(image).save(stream, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return stream.getvalue()
