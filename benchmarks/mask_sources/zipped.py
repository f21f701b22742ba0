"""Masks in a zip, read in memory: nothing is unpacked, so no name in it can do harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

import numpy as np
from jaxtyping import UInt8

from benchmarks.artifacts import sha256_of_file
from benchmarks.datasets.listing import MASK_ENDINGS
from benchmarks.errors import InputError
from benchmarks.mask_sources.source import MaskSource, ReadMask
from benchmarks.masks import decode_mask
from benchmarks.zip_members import DAMAGE, METHODS, is_encrypted
from reports.mask_records import MasksKind, MasksRecord

MAX_MASK_BYTES = 1 << 26  # of one file when unpacked: twice an uncompressed 8K mask


class _Zip:
    """A zip that can be sent to another process, which opens it for itself at the first mask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: ZipFile | None = None

    @property
    def content(self) -> ZipFile:
        """The zip, opened."""
        if self._content is None:
            self._content = ZipFile(self._path)
        return self._content

    def __reduce__(self) -> tuple[type["_Zip"], tuple[Path]]:
        return _Zip, (self._path,)


@contextmanager
def zipped_masks(path: Path) -> Iterator[MaskSource]:
    """The masks of a zip: folders of sequences at its root or together in other folders (`Annotations/`).

    Args:
        path: of the zip. It stays open while its masks are read.

    Raises:
        InputError: the zip is damaged, or holds no masks, or they do not lie in folders of sequences.
    """
    masks = _Zip(path)
    try:
        content = masks.content
    except (*DAMAGE, OSError) as error:
        raise InputError(f"{path}: expected a zip of masks, cannot read it ({error}); zip the masks anew") from error
    with content:
        origin = MasksRecord(path=str(path.resolve()), kind=MasksKind.ZIP, sha256=sha256_of_file(path))
        yield MaskSource(path=path, origin=origin, readers=_list(masks, path))


def _list(masks: _Zip, path: Path) -> dict[str, dict[str, ReadMask]]:
    readers: dict[str, dict[str, ReadMask]] = {}
    roots: dict[PurePosixPath, str] = {}
    for member in sorted(filter(_is_mask, masks.content.infolist()), key=lambda member: member.filename):
        name = PurePosixPath(member.filename)
        folder = name.parent
        if not folder.name:
            raise InputError(f"{path}, {name}: expected masks in a folder for each sequence, found this one outside")
        roots.setdefault(folder.parent, member.filename)
        own = readers.setdefault(folder.name, {})
        if name.stem in own:
            raise InputError(f"{path}, {name}: expected one mask per frame, found another of this name; remove one")
        own[name.stem] = partial(_read, masks, member, place=f"{path}, {name}")
    if len(roots) > 1:
        first, second = list(roots.values())[:2]
        raise InputError(
            f"{path}: expected folders of sequences side by side, found {first} and {second}; zip one result at a time"
        )
    if not readers:
        raise InputError(f"{path}: expected masks (<sequence>/<frame>.png), found none")
    return readers


def _is_mask(member: ZipInfo) -> bool:
    """Whether it is a mask: not a folder, a note, or what macOS and editors leave behind."""
    name = PurePosixPath(member.filename)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in name.parts)
    return not member.is_dir() and not hidden and name.suffix.lower() in MASK_ENDINGS


def _read(masks: _Zip, member: ZipInfo, *, place: str) -> UInt8[np.ndarray, "height width"]:
    if is_encrypted(member):
        raise InputError(f"{place}: expected a mask, found an encrypted one; zip the masks without a password")
    if member.compress_type not in METHODS:
        raise InputError(
            f"{place}: expected a mask stored or deflated, found compression {member.compress_type}; "
            "zip the masks with the usual compression"
        )
    if member.file_size > MAX_MASK_BYTES:
        raise InputError(
            f"{place}: expected a mask of at most {MAX_MASK_BYTES} bytes, found {member.file_size}; save it as PNG"
        )
    try:
        image = masks.content.read(member)
    except (*DAMAGE, OSError) as error:
        raise InputError(f"{place}: expected a mask, cannot unpack it ({error}); zip the masks anew") from error
    return decode_mask(image, name=place)
