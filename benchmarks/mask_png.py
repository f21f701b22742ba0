"""The PNGs that nearly all masks are, decoded in half the time: a mask is a few runs of one label.

DAVIS filters rows by `Sub`, each byte as its difference from the one before, so that all but the ends of runs are
zeros. What has another form, or is damaged, is left to Pillow, which reads everything and says what is wrong.
"""

import struct
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from zlib_ng import zlib_ng

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, INDEXED = 0, 3  # colour types
NONE, SUB = 0, 1  # filter types of rows
LARGEST = 2**26  # pixels; of more Pillow warns
_CHUNK = 12  # bytes of a chunk beside its content: length, kind and checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class _Png:
    """Size, and the compressed rows."""

    height: int
    width: int
    compressed: bytes


def decode_plain_png(content: bytes) -> UInt8[np.ndarray, "height width"] | None:
    """The indices or grey levels of a whole PNG of 8 bits a pixel, all of whose rows have filter `None`, or all `Sub`.

    Returns:
        None where it is anything else, damaged files among them.
    """
    if (png := _parse(content)) is None or (rows := _inflate(png)) is None:
        return None
    filters = rows[:, 0]
    if (filters == NONE).all():
        return rows[:, 1:].copy()
    if (filters == SUB).all():
        return _integrate(rows)[:, 1:].copy()
    return None


def _integrate(rows: UInt8[np.ndarray, "height bytes"]) -> UInt8[np.ndarray, "height bytes"]:
    """Sums along rows of all but each first byte, which is not 0, modulo 256."""
    flat = rows.ravel()
    starts = np.flatnonzero(flat != 0)  # of runs: of each row, and of each byte that differs from the one before
    firsts = np.searchsorted(starts, np.arange(0, flat.size, rows.shape[1]))
    values = np.add.accumulate(flat[starts], dtype=np.uint8)
    values -= np.repeat(values[firsts], np.diff(firsts, append=starts.size))  # every row begins anew
    return np.repeat(values, np.diff(starts, append=flat.size)).reshape(rows.shape)


def _inflate(png: _Png) -> UInt8[np.ndarray, "height bytes"] | None:
    """The rows, each after the type of its filter."""
    size = png.height * (png.width + 1)
    inflating = zlib_ng.decompressobj()
    try:
        content = inflating.decompress(png.compressed, size)
        if len(content) != size or inflating.decompress(inflating.unconsumed_tail, 1) or not inflating.eof:
            return None
    except zlib_ng.error:  # type: ignore[misc]  # its stub calls it an object
        return None
    return np.frombuffer(content, dtype=np.uint8).reshape(png.height, png.width + 1)


def _parse(content: bytes) -> _Png | None:
    """What the chunks say, if there are all of them and their checksums fit."""
    if not content.startswith(SIGNATURE):
        return None
    size: tuple[int, int] | None = None
    parts: list[bytes] = []
    place, end = len(SIGNATURE), len(content)
    while place + _CHUNK <= end:
        length, kind = struct.unpack_from(">I4s", content, place)
        after = place + _CHUNK + length
        if after > end or struct.unpack_from(">I", content, after - 4)[0] != zlib_ng.crc32(
            content[place + 4 : after - 4]
        ):
            return None
        if kind == b"IHDR":
            size = _size(content[place + 8 : after - 4])
        elif kind == b"IDAT":
            parts.append(content[place + 8 : after - 4])
        elif kind == b"IEND":
            return None if size is None else _Png(height=size[0], width=size[1], compressed=b"".join(parts))
        elif kind in (b"acTL", b"fcTL"):  # an animation
            return None
        place = after
    return None


def _size(header: bytes) -> tuple[int, int] | None:
    """Height and width, where a pixel is a byte and rows come in order."""
    if len(header) != 13:
        return None
    width, height, bits, colour, *methods = struct.unpack(">IIBBBBB", header)
    plain = bits == 8 and colour in (GREY, INDEXED) and methods == [0, 0, 0]
    return (height, width) if plain and 0 < height * width <= LARGEST else None
