"""Writing to a run folder: each file whole or not at all, one process at a time."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from benchmarks.errors import InputError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands on half of it, whatever happens meanwhile.

    Two processes that write the same file do not meet; a process that is killed leaves its `.partial` behind.

    Raises:
        InputError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # what refused the file may refuse this too
            temporary.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def remove_partial_files(folder: Path) -> None:
    """Clear what killed processes left behind. Only for a folder to which nobody else is writing."""
    for leftover in folder.glob(".*.partial"):
        leftover.unlink(missing_ok=True)


def write_record(path: Path, record: Any) -> None:
    """Write a record as indented JSON.

    Raises:
        InputError: the file cannot be written.
    """
    make_folder(path.parent)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")


def make_folder(path: Path) -> None:
    """Make a folder and those above it.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to be filled inside; it gets its name on leaving, so that nothing half-made stands under it.

    Raises:
        InputError: the folder is there already, or cannot be made.
    """
    if path.exists():
        raise _occupied(path)
    make_folder(path.parent)
    try:
        scratch = TemporaryDirectory(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    with scratch as private:  # to this user; what is made in it is not
        partial = Path(private) / path.name
        make_folder(partial)
        yield partial
        try:
            partial.rename(path)
        except OSError as error:
            raise _occupied(path) from error


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Keep other processes from writing to this folder; the lock goes with the process, however it ends.

    Raises:
        InputError: another process is writing to it.
    """
    make_folder(folder)
    try:
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise unwritable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{folder}: another process is running this very cell; wait for it, or choose another paths.runs="
            ) from error
        yield


def sha256_of(value: Any) -> str:
    """A hash over a value as JSON, in which the order of keys means nothing."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()


def sha256_of_files(paths: Iterable[Path]) -> str:
    """A hash over the contents of files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file that may be large."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _occupied(path: Path) -> InputError:
    return InputError(f"{path}: expected no such folder yet, found one; remove it or choose another")


def unwritable(path: Path, error: OSError) -> InputError:
    """What a disk refuses, in words."""
    return InputError(
        f"{path}: cannot write there: {error.strerror}; free space, mend permissions, or choose another folder "
        "(paths.runs=, paths.weights=, paths.data=, paths.lock=)"
    )
