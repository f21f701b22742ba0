"""The lock file: what every file was when it was first fetched or used, which it must be ever after.

One line a file, in the order of their addresses: SHA-256, length in bytes, address.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.artifacts import make_folder, sha256_of_file, write_atomically
from benchmarks.errors import MismatchError

HEADER = """\
# SHA-256, length in bytes and address of every file that was fetched, or used when somebody had put it there: trusted
# when it was first seen, refused ever after when it differs. Where a file was meant to change, delete its line.
"""

ENTRY = re.compile(r"(?P<sha256>[0-9a-f]{64}) +(?P<length>[0-9]{1,18}) +(?P<url>\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """What tells one file from another."""

    sha256: str
    length: int


def checksum_of_file(path: Path) -> Checksum:
    """The checksum of a file that may be large.

    Raises:
        MismatchError: it cannot be read.
    """
    try:
        return Checksum(sha256=sha256_of_file(path), length=path.stat().st_size)
    except OSError as error:
        raise MismatchError(
            str(path), expected="a file", found=f"what cannot be read ({error.strerror})", remedy="mend or remove it"
        ) from error


def verify_locked(path: Path, *, url: str, lock: Path) -> bool:
    """Whether the lock file knows the address; where it does, the file is the one that was fetched first.

    Raises:
        MismatchError: the file is another one, or either file cannot be read.
    """
    return url in read_lock(lock) and require_locked(path, checksum_of_file(path), url=url, lock=lock)


def require_locked(path: Path, found: Checksum, *, url: str, lock: Path) -> bool:
    """As `verify_locked`, for a file whose checksum is known.

    Raises:
        MismatchError: the file is another one, or the lock file cannot be read.
    """
    expected = read_lock(lock).get(url)
    if expected is not None and expected != found:
        raise MismatchError(
            str(path),
            expected=f"SHA-256 {expected.sha256} ({expected.length} bytes) as {lock} has it of {url}",
            found=f"{found.sha256} ({found.length} bytes)",
            remedy="use the file that was recorded or, if the change is meant, delete the line of the lock file",
        )
    return expected is not None


def record_checksum(found: Checksum, *, url: str, lock: Path) -> None:
    """Write down a file that is seen for the first time.

    Raises:
        MismatchError: the lock file cannot be read or written.
    """
    make_folder(lock.parent)
    with _sole_editor(lock):
        entries = {**read_lock(lock), url: found}
        lines = [f"{entry.sha256} {entry.length:>12} {name}\n" for name, entry in sorted(entries.items())]
        write_atomically(lock, (HEADER + "".join(lines)).encode())


def read_lock(lock: Path) -> Mapping[str, Checksum]:
    """Every entry by address; a lock file that does not exist has none.

    Raises:
        MismatchError: it cannot be read, a line is no entry, or two lines are of one address.
    """
    try:
        lines = lock.read_text(encoding="utf-8").splitlines() if lock.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise MismatchError(
            str(lock), expected="a lock file", found=f"what cannot be read ({error})", remedy="restore it"
        ) from error
    entries: dict[str, Checksum] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = ENTRY.fullmatch(line)
        if entry is None or entry["url"] in entries:
            raise MismatchError(
                str(lock),
                expected=f"SHA-256, length and an address of its own in line {number}",
                found=f"{line!r}",
                remedy="restore the line, or delete it",
            )
        entries[entry["url"]] = Checksum(sha256=entry["sha256"], length=int(entry["length"]))
    return entries


@contextmanager
def _sole_editor(lock: Path) -> Iterator[None]:
    """Let two processes that fetch at the same time write one after the other, so that no entry is lost."""
    folder = os.open(lock.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
