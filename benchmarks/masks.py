"""Index masks on disk: read strictly, written as indexed PNG under the source's palette."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from benchmarks.errors import MismatchError
from benchmarks.mask_png import GREY, SIGNATURE, decode_plain_png
from benchmarks.regular_file import require_regular_file

PALETTE_BYTES = 256 * 3
MASK = "a mask image"  # what is expected of a file, in errors


def davis_palette() -> bytes:
    """256 RGB triplets: the bits of the index are dealt to the channels from the top, as PASCAL VOC and DAVIS do."""
    palette = np.zeros((256, 3), dtype=np.uint8)
    for bit in range(8):
        for channel in range(3):
            dealt = np.arange(256) >> (3 * bit + channel) & 1
            palette[:, channel] |= (dealt << (7 - bit)).astype(np.uint8)
    return palette.tobytes()


def read_mask(path: Path) -> UInt8[np.ndarray, "height width"]:
    """Labels 0..255 of a single-channel image; a 1-bit image holds one object, label 1.

    Raises:
        MismatchError: the file is missing, no image, truncated, or not 8-bit single-channel.
    """
    return decode_mask(_read(path), name=str(path))


def decode_mask(content: bytes, *, name: str) -> UInt8[np.ndarray, "height width"]:
    """As `read_mask`, of a file that was read already.

    Args:
        content: of the whole file.
        name: of the file, for errors.

    Raises:
        MismatchError: the content is no image, truncated, or not 8-bit single-channel.
    """
    if (plain := decode_plain_png(content)) is not None:
        return plain
    image = _open(content, name=name)
    if image.mode == "1":
        return np.asarray(image, dtype=np.uint8)
    if image.mode in ("P", "L"):
        return np.array(image, dtype=np.uint8) // _grey_step(content)
    if image.mode.startswith("I"):
        raise MismatchError(
            name,
            expected="a mask of 8-bit labels (0..255)",
            found=f"16- or 32-bit ones (mode {image.mode})",
            remedy="renumber its objects to 1..255 and save it as 8-bit single-channel PNG",
        )
    raise MismatchError(
        name,
        expected="a single-channel mask of labels (mode P or L)",
        found=f"mode {image.mode}",
        remedy="save it as an indexed PNG whose palette index is the object's label",
    )


def read_palette(path: Path) -> bytes:
    """The 768 palette bytes of an indexed image, or the DAVIS palette where the image has none."""
    image = _open(_read(path), name=str(path))
    palette = image.getpalette("RGB") if image.mode == "P" else None
    if palette is None:
        return davis_palette()
    return bytes(palette).ljust(PALETTE_BYTES, b"\0")[:PALETTE_BYTES]


def encode_mask(mask: UInt8[np.ndarray, "height width"], *, palette: bytes) -> bytes:
    """The mask as an 8-bit indexed PNG.

    zlib level 1 because encoders that search longer cost five times as much for masks that are small anyway.
    """
    height, width = mask.shape
    scanlines = np.zeros((height, width + 1), dtype=np.uint8)  # each begins with its filter type, 0: none
    scanlines[:, 1:] = mask
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(scanlines.tobytes(), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _grey_step(content: bytes) -> int:
    """What Pillow multiplied labels by: it stretches PNGs of 2 and 4 grey bits to the range of 8."""
    if not content.startswith(SIGNATURE) or content[25] != GREY:
        return 1
    return {2: 85, 4: 17}.get(content[24], 1)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _read(path: Path) -> bytes:
    require_regular_file(path, expected=MASK)
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MismatchError(str(path), expected="a mask", found="no such file", remedy="restore it") from error
    except OSError as error:
        raise _damaged(str(path), error) from error


def _open(content: bytes, *, name: str) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return image
    except UnidentifiedImageError as error:
        raise MismatchError(name, expected=MASK, found="something else", remedy="replace the file") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> MismatchError:
    return MismatchError(name, expected=MASK, found=f"a damaged one ({error})", remedy="replace the file")
