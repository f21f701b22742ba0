"""The demo dataset on disk, in the generic layout of folders: frames as JPEG, the truth of each as indexed PNG."""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from benchmarks.artifacts import make_folder, write_atomically
from benchmarks.demo.clips import CLIPS
from benchmarks.demo.scene import Clip, render
from benchmarks.errors import InputError
from benchmarks.masks import davis_palette, encode_mask

JPEG_QUALITY = 95


def write_demo(root: Path, *, on_clip: Callable[[str], None] | None = None) -> None:
    """Draw every clip into a new folder: ROOT/JPEGImages/CLIP/00000.jpg and ROOT/Annotations/CLIP/00000.png.

    The folder gets its name only when all is written: whatever interrupts, no half-made demo stands under it.

    Args:
        root: the folder to make; missing parents are made too.
        on_clip: told the name of each clip before it is drawn.

    Raises:
        InputError: the folder is there already, or the disk refuses.
    """
    if root.exists():
        raise _occupied(root)
    make_folder(root.parent)
    with TemporaryDirectory(prefix=f".{root.name}.", suffix=".partial", dir=root.parent) as scratch:
        partial = Path(scratch) / root.name  # the scratch folder itself is private to this user, the demo is not
        for clip in CLIPS:
            if on_clip is not None:
                on_clip(clip.name)
            _write_clip(clip, partial)
        try:
            partial.rename(root)
        except OSError as error:
            raise _occupied(root) from error


def _write_clip(clip: Clip, root: Path) -> None:
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


def _occupied(root: Path) -> InputError:
    return InputError(f"{root}: expected no such folder yet, found one; remove it or choose another")
