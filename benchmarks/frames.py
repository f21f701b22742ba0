"""From files to what a tracker is given: decoded, normalised and resized frames, with prompts for new objects."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float32, UInt8
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from benchmarks.datasets import Sequence
from benchmarks.errors import InputError, MismatchError
from benchmarks.masks import read_mask
from benchmarks.regular_file import require_regular_file
from evaluators.image_size import size_text
from xmem.image import normalise

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
FRAME = "a frame"  # what is expected of a file, in errors

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame, ready for the model.

    Args:
        name: as its masks will be called.
        image: normalised, at the size at which it is segmented.
        prompt: labels of the objects that are introduced here, 0 elsewhere; None where there are none.
        written_size: height and width of the masks that are written.
        flipped: whether image and prompt are mirrored, left to right.
    """

    name: str
    image: Float32[Tensor, "3 height width"]
    prompt: UInt8[Tensor, "height width"] | None
    written_size: tuple[int, int]
    flipped: bool = False


def read_frames(sequence: Sequence, *, size: int | None, flip: bool = False, threads: int = 1) -> Iterator[Frame]:
    """Decode a sequence frame by frame, in time order.

    Args:
        sequence: what to read.
        size: the shorter side in pixels; None leaves frames as they are.
        flip: whether images and prompts are mirrored, left to right, once they have their size.
        threads: that decode, of which each works on another frame.

    Raises:
        InputError: a frame or prompt is missing, damaged, or of another size than the rest.
    """
    introduced: set[int] = set()
    prompted = False
    first_size: tuple[int, int] | None = None
    written_size = None if sequence.written_like is None else image_size(sequence.written_like)
    images = _in_order(partial(_read_scaled, shorter_side=size), sequence.frames, threads=threads)
    for path, (original, image) in zip(sequence.frames, images, strict=True):
        first_size = first_size or original
        if original != first_size:
            raise InputError(
                f"{path}: expected a frame of {size_text(first_size)} like the first of {sequence.name}, "
                f"found {size_text(original)}; a video keeps its size"
            )
        target = scaled_size(original, shorter_side=size)
        prompt = _read_prompt(sequence, path.stem, introduced=introduced, size=original, target=target)
        prompted = prompted or prompt is not None
        yield Frame(
            name=path.stem,
            image=image.flip(-1) if flip else image,
            prompt=prompt.flip(-1) if flip and prompt is not None else prompt,
            written_size=written_size or original,
            flipped=flip,
        )
    if not prompted:
        first = next(iter(sequence.prompts.values()))
        raise InputError(
            f"{first}: expected a mask that shows at least one object at the size at which frames are segmented, "
            "found only background"
        )


def read_image(path: Path) -> UInt8[np.ndarray, "height width 3"]:
    """Pixels in RGB, as Pillow decodes them.

    Complete JPEGs in grey or RGB are decoded by OpenCV, which gives the same pixels sooner; anything else by Pillow,
    which also notices what is cut short.

    Raises:
        MismatchError: the file is missing, no image, or truncated.
    """
    content = _read(path)
    complete_jpeg = content.startswith(JPEG_START) and content.endswith(JPEG_END)
    try:
        with Image.open(io.BytesIO(content)) as image:
            if complete_jpeg and image.mode in ("L", "RGB"):
                flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
                decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flags)
                if decoded is not None:
                    return np.asarray(decoded, dtype=np.uint8)
            _require_8_bits(path, image)
            return np.array(image.convert("RGB"), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise MismatchError(str(path), expected=FRAME, found="a file that is no image", remedy="replace it") from error
    except MismatchError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MismatchError(
            str(path), expected=FRAME, found=f"a damaged image ({error})", remedy="replace it"
        ) from error


def _read_scaled(path: Path, *, shorter_side: int | None) -> tuple[tuple[int, int], Tensor]:
    """The size of the file's image, and the image as the model takes it."""
    pixels = read_image(path)
    size: tuple[int, int] = pixels.shape[:2]
    return size, resize_image(normalise(torch.from_numpy(pixels)), scaled_size(size, shorter_side=shorter_side))


def _in_order(work: Callable[[Item], Result], items: Iterable[Item], *, threads: int) -> Iterator[Result]:
    """What `work` makes of each, in their order; with several threads, some items ahead."""
    if threads == 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decoder")
    ahead: deque[Future[Result]] = deque()
    try:
        for item in items:
            ahead.append(pool.submit(work, item))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def image_size(path: Path) -> tuple[int, int]:
    """Height and width, as the file says.

    Raises:
        InputError: it is missing, or no image.
    """
    require_regular_file(path, expected="an image")
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: expected an image, found a damaged or missing file ({error})") from error


def scaled_size(size: tuple[int, int], *, shorter_side: int | None) -> tuple[int, int]:
    """Height and width once the shorter side has the given length; the longer one is rounded down."""
    shorter = min(size)
    if shorter_side is None or shorter == shorter_side:
        return size
    height, width = (shorter_side if side == shorter else int(shorter_side * side / shorter) for side in size)
    return height, width


def resize_image(
    image: Float32[Tensor, "3 height width"], size: tuple[int, int]
) -> Float32[Tensor, "3 new_height new_width"]:
    """Bilinear, without antialiasing, after normalisation: as the reference resizes."""
    if image.shape[1:] == size:
        return image
    return F.interpolate(image[None], size, mode="bilinear", align_corners=False)[0]


def resize_prompt(mask: UInt8[Tensor, "height width"], size: tuple[int, int]) -> UInt8[Tensor, "new_height new_width"]:
    """Nearest label."""
    if mask.shape == size:
        return mask
    return F.interpolate(mask[None, None].float(), size, mode="nearest")[0, 0].to(torch.uint8)


def _read_prompt(
    sequence: Sequence, name: str, *, introduced: set[int], size: tuple[int, int], target: tuple[int, int]
) -> UInt8[Tensor, "height width"] | None:
    """The objects that appear here for the first time, which are then `introduced`; None where there are none.

    An object too small to survive the resize to `target` is introduced all the same, as nothing: it had its chance, and
    is scored from the next frame on like any other.
    """
    if name not in sequence.prompts:
        return None
    path = sequence.prompts[name]
    mask = read_mask(path)
    if mask.shape != size:
        raise InputError(
            f"{path}: expected a mask of its frame's size, {size_text(size)}, found {size_text(mask.shape)}; "
            "save it at the size of the frame"
        )
    if sequence.single_object:
        mask = (mask > 0).astype(np.uint8)
    new = sorted(set(np.unique(mask).tolist()) - introduced - {0, sequence.void})
    introduced.update(new)
    prompt = resize_prompt(torch.from_numpy(np.where(np.isin(mask, new), mask, 0).astype(np.uint8)), target)
    return prompt if prompt.any() else None


def _read(path: Path) -> bytes:
    require_regular_file(path, expected=FRAME)
    try:
        return path.read_bytes()
    except OSError as error:
        raise MismatchError(
            str(path), expected=FRAME, found=f"what cannot be read ({error.strerror})", remedy="restore it"
        ) from error


def _require_8_bits(path: Path, image: Image.Image) -> None:
    if image.mode.startswith(("I", "F")):
        raise MismatchError(
            str(path),
            expected="a frame of 8 bits per channel",
            found=f"mode {image.mode}",
            remedy="convert it, because only you know which values are black and white",
        )
