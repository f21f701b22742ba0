"""What an image file says of itself, read without decoding its pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from benchmarks.errors import MismatchError
from benchmarks.regular_file import require_regular_file

IMAGE = "an image"  # what is expected of a file, in errors
BIT_DEPTH = 24  # position of its byte in a PNG
TRAILERS = {"PNG": b"IEND\xae\x42\x60\x82", "JPEG": b"\xff\xd9"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """The first and last bytes of an image file, understood.

    Args:
        format: of the file, by Pillow's name.
        mode: of the pixels, by Pillow's name: P is indexed, L grey.
        bits: of one channel of a pixel.
        size: height and width.
        palette: bytes of RGB, as many as the file has; None without one.
        ended: whether the last bytes are those that end such a file. What comes between is not looked at.
    """

    format: str
    mode: str
    bits: int
    size: tuple[int, int]
    palette: bytes | None
    ended: bool


def read_header(path: Path) -> ImageHeader:
    """What an image file says of itself.

    Raises:
        MismatchError: the file cannot be read, or is no image.
    """
    with _naming_damage(path), path.open("rb") as file, Image.open(file) as image:
        kind = image.format or ""
        palette = image.palette
        file.seek(0)
        start = file.read(BIT_DEPTH + 1)
        trailer = TRAILERS.get(kind, b"")
        file.seek(-len(trailer), 2)
        return ImageHeader(
            format=kind,
            mode=image.mode,
            bits=start[BIT_DEPTH] if kind == "PNG" else 8,
            size=(image.height, image.width),
            palette=None if palette is None else bytes(palette.getdata()[1]),
            ended=file.read() == trailer,
        )


def verify_checksums(path: Path) -> None:
    """Look whether a PNG is what was written, which decoding it does not tell; other formats have no checksums.

    Raises:
        MismatchError: it is not.
    """
    with _naming_damage(path), Image.open(path) as image:
        image.verify()


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    require_regular_file(path, expected=IMAGE)
    try:
        yield
    except UnidentifiedImageError as error:
        raise MismatchError(str(path), expected=IMAGE, found="something else", remedy="replace the file") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MismatchError(
            str(path), expected=IMAGE, found=f"a damaged one ({error})", remedy="replace the file"
        ) from error
