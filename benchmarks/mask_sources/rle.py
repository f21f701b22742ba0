"""Binary masks as COCO writes them: column by column, the lengths of runs of 0 and 1 in turn, as ASCII text.

Each length is written as its difference from the one two before (from the fourth on), five bits a character, lowest
first; bit 6 says that more follow, and the sign is that of the last five bits. Source: pycocotools.
"""

import numpy as np
from jaxtyping import Bool, Int64, UInt8
from pycocotools import mask as coco

from evaluators.image_size import size_text

FIRST_CHARACTER = ord("0")
BITS = 5  # of a length, in each character
MORE = 1 << BITS
NEGATIVE = 1 << (BITS - 1)
MAX_CHARACTERS = 7  # of a length: 35 bits, more than pycocotools can hold


def encode_counts(mask: Bool[np.ndarray, "height width"]) -> str:
    """The runs of a mask, as text."""
    counts: bytes = coco.encode(np.asfortranarray(mask.view(np.uint8)))["counts"]
    return counts.decode("ascii")


def decode_counts(counts: str, *, height: int, width: int) -> Bool[np.ndarray, "height width"]:
    """The mask that the runs describe.

    Not by pycocotools, which believes whatever it is given, and reads and writes beyond its memory.

    Raises:
        ValueError: the text is no runs, or they do not fill the image exactly.
    """
    pixels = height * width
    if len(counts) > MAX_CHARACTERS * (pixels + 1):
        raise ValueError(
            f"expected at most {pixels + 1} runs in {size_text((height, width))} pixels, found {len(counts)} characters"
        )
    runs = _undo_differences(_numbers(counts))
    if runs.size and (runs.min() < 0 or runs.max() > pixels):
        raise ValueError(f"expected runs of 0..{pixels} pixels, found {runs.min()}..{runs.max()}")
    if (found := int(runs.sum())) != pixels:
        raise ValueError(
            f"expected runs that fill {size_text((height, width))} pixels, found {found} instead of {pixels}"
        )
    values = np.arange(runs.size) % 2 == 1
    mask: Bool[np.ndarray, "height width"] = np.repeat(values, runs).reshape(width, height).T
    return mask


def _numbers(counts: str) -> Int64[np.ndarray, " runs"]:
    """The text as whole numbers."""
    characters = np.frombuffer(counts.encode(errors="surrogatepass"), dtype=np.uint8)
    outside = (characters < FIRST_CHARACTER) | (characters >= FIRST_CHARACTER + 2 * MORE)
    if outside.any():
        raise ValueError(f"expected run lengths in the characters 0 to o, found {counts[:20]!a}")
    codes: UInt8[np.ndarray, " characters"] = characters - FIRST_CHARACTER
    ends = np.flatnonzero(codes < MORE)
    if codes.size and (not ends.size or ends[-1] != codes.size - 1):
        raise ValueError("expected whole run lengths, found the last of them cut short")
    starts = np.concatenate([[0], ends[:-1] + 1])[: ends.size]
    lengths = ends - starts + 1
    if lengths.max(initial=0) > MAX_CHARACTERS:
        raise ValueError(f"expected run lengths of at most {MAX_CHARACTERS} characters, found {lengths.max()}")
    places = BITS * (np.arange(codes.size) - np.repeat(starts, lengths))
    parts = (codes & (MORE - 1)).astype(np.int64) << places
    negative = (codes[ends] & NEGATIVE) > 0
    magnitudes = np.add.reduceat(parts, starts) if parts.size else parts
    numbers: Int64[np.ndarray, " runs"] = magnitudes - (negative.astype(np.int64) << (BITS * lengths))
    return numbers


def _undo_differences(numbers: Int64[np.ndarray, " runs"]) -> Int64[np.ndarray, " runs"]:
    runs = numbers.copy()
    runs[1::2] = np.cumsum(numbers[1::2])
    runs[2::2] = np.cumsum(numbers[2::2])
    return runs
