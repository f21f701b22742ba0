"""A file of which some has arrived: NAME.part, and beside it what is known of the whole."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from benchmarks.acquisition.checksums import Checksum
from benchmarks.artifacts import unwritable, write_record
from benchmarks.errors import InputError

CHUNK = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRecord:
    """What a server said of the whole file.

    Args:
        url: where it is.
        validator: its ETag or time of change, by which a server knows whether it is still the same.
        length: in bytes.
    """

    url: str
    validator: str | None
    length: int


class PartialFile:
    """The beginning of a file, kept from one process to the next; made by `open_part`."""

    def __init__(self, file: BinaryIO, *, path: Path, record_path: Path, url: str) -> None:
        self.path = path
        self.url = url
        self._file = file
        self._record_path = record_path
        self._digest = hashlib.sha256()
        self._size = os.fstat(file.fileno()).st_size
        self._whole = _read_whole(record_path)
        if self._whole is None or self._whole.url != url or self._size > self._whole.length:
            self.clear()  # nobody could tell whether the rest belongs to it
        else:
            self._hash_what_is_there()

    @property
    def size(self) -> int:
        """Bytes that have arrived."""
        return self._size

    @property
    def whole(self) -> WholeRecord | None:
        """What it is the beginning of; None as long as nothing of that is known."""
        return self._whole

    @property
    def complete(self) -> bool:
        """Whether all has arrived."""
        return self._whole is not None and self._size == self._whole.length

    @property
    def checksum(self) -> Checksum:
        """Of what has arrived."""
        return Checksum(sha256=self._digest.hexdigest(), length=self._size)

    def clear(self) -> None:
        """Forget what has arrived."""
        with self._writing():
            self._record_path.unlink(missing_ok=True)
            self._file.truncate(0)
        self._digest = hashlib.sha256()
        self._size = 0
        self._whole = None

    def begin(self, whole: WholeRecord) -> None:
        """Expect this file, from its first byte on.

        Raises:
            InputError: there is no room for it.
        """
        self.clear()
        free = shutil.disk_usage(self.path.parent).free
        if free < whole.length:
            raise InputError(
                f"{self.path}: expected room for {whole.length:,} bytes, found {free:,}; free space, or choose another "
                "folder (paths.data=, paths.weights=)"
            )
        write_record(self._record_path, whole)
        self._whole = whole

    def append(self, chunk: bytes) -> None:
        """Add what has arrived.

        Raises:
            InputError: the disk refuses it.
        """
        rest = memoryview(chunk)
        with self._writing():
            while rest:
                written = self._file.write(rest)
                self._digest.update(rest[:written])
                self._size += written
                rest = rest[written:]

    def move_to(self, path: Path) -> None:
        """Give the complete file its name, once it is safely on disk."""
        with self._writing():
            os.fsync(self._file.fileno())
            self.path.replace(path)
            self._record_path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Leave nothing of it."""
        with self._writing():
            self._record_path.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def _hash_what_is_there(self) -> None:
        with self._writing():
            self._file.seek(0)
            while chunk := self._file.read(CHUNK):
                self._digest.update(chunk)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self.path, error) from error


@contextmanager
def open_part(path: Path, *, url: str) -> Iterator[PartialFile]:
    """What has arrived so far of the file that will be `path`; nothing, if it is of another address.

    Raises:
        InputError: the disk refuses, or another process is fetching the same file.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        file = part.open("ab+", buffering=0)
    except OSError as error:
        raise unwritable(part, error) from error
    with file:
        if not _is_ours(file, part):
            raise InputError(f"{part}: another process is fetching this very file; wait for it")
        partial = PartialFile(file, path=part, record_path=part.with_name(f"{part.name}.json"), url=url)
        try:
            yield partial
        finally:
            if partial.size == 0:
                partial.remove()


def _is_ours(file: BinaryIO, path: Path) -> bool:
    """Whether no other process has the file open, or has meanwhile given it its name; the lock goes with ours."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _read_whole(record: Path) -> WholeRecord | None:
    """What was written down; a record that is damaged is as good as none, because all can be fetched again."""
    try:
        return msgspec.json.decode(record.read_bytes(), type=WholeRecord)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
