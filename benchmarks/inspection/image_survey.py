"""Images of one video, as far as they were looked at."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.errors import MismatchError
from benchmarks.frames import read_image
from benchmarks.inspection.image_header import ImageHeader, read_header, verify_checksums
from benchmarks.masks import read_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Images by frame name: what they say of themselves, labels of those that were decoded, and what is damaged."""

    headers: Mapping[str, ImageHeader]
    labels: Mapping[str, frozenset[int]]
    damaged: Sequence[str]

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width of the first; None where there is none."""
        return next((header.size for header in self.headers.values()), None)


def survey_images(
    files: Mapping[str, Path],
    *,
    decoded: Collection[str],
    decode: Callable[[Path], frozenset[int]],
    readable: Callable[[ImageHeader], bool],
) -> Survey:
    """Look at images, and decode those that were named or do not end as they should.

    Args:
        files: by frame name.
        decoded: names of those that are decoded.
        decode: gives the labels of a mask, and none of a frame.
        readable: whether an image is of a kind that `decode` takes.
    """
    headers: dict[str, ImageHeader] = {}
    labels: dict[str, frozenset[int]] = {}
    damaged: list[str] = []
    for name, path in files.items():
        try:
            header = read_header(path)
            if readable(header) and (name in decoded or not header.ended):
                verify_checksums(path)
                labels[name] = decode(path)
            headers[name] = header
        except MismatchError as error:
            damaged.append(f"{path.name} ({error.found})")
    return Survey(headers=headers, labels=labels, damaged=damaged)


def decode_frame(path: Path) -> frozenset[int]:
    """No labels, once the frame was decoded.

    Raises:
        MismatchError: it cannot be.
    """
    read_image(path)
    return frozenset()


def read_labels(path: Path) -> frozenset[int]:
    """Labels of a mask, without the background's 0.

    Raises:
        MismatchError: it cannot be decoded.
    """
    return frozenset(np.flatnonzero(np.bincount(read_mask(path).ravel(), minlength=256)).tolist()) - {0}


def is_8_bit(header: ImageHeader) -> bool:
    """Whether it can be a frame."""
    return not header.mode.startswith(("I", "F"))


def is_index(header: ImageHeader) -> bool:
    """Whether it can be a mask."""
    return header.mode in ("P", "L", "1")
