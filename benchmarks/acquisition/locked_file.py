"""A file from a server, at its place: the one of the lock file, or entered there when it is seen for the first time."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.acquisition.checksums import Checksum, checksum_of_file, record_checksum, require_locked
from benchmarks.acquisition.download import Patience, download
from benchmarks.acquisition.transfer_progress import TransferProgress
from benchmarks.errors import InputError

LEGACY_CHECKPOINT = b"\x80"  # a pickle, as torch wrote them before it wrote zips


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every acquisition goes by.

    Args:
        lock: the lock file.
        patience: with servers.
        progress: where to show it.
    """

    lock: Path
    patience: Patience
    progress: TransferProgress


def acquire_file(url: str, path: Path, *, means: Means) -> None:
    """Fetch a file if it is missing, and check it either way.

    Raises:
        InputError: it is not to be had, is not what it was, or is not what its name says.
    """

    def accept(content: Path, checksum: Checksum) -> None:
        if require_locked(path, checksum, url=url, lock=means.lock):
            means.progress.say(f"{path}: SHA-256 {checksum.sha256}, as in {means.lock}")
            return
        _require_kind(content, path, url=url)
        record_checksum(checksum, url=url, lock=means.lock)
        means.progress.say(f"{path}: SHA-256 {checksum.sha256}, seen for the first time, recorded in {means.lock}")

    if path.exists():
        means.progress.say(f"{path}: present")
        accept(path, checksum_of_file(path))
    else:
        means.progress.say(f"{path}: from {url}")
        download(url, path, accept=accept, patience=means.patience, progress=means.progress)


def _require_kind(content: Path, path: Path, *, url: str) -> None:
    """A page of apologies, or an archive without its end, must not be trusted as the first of its kind.

    Raises:
        InputError: the content is not what the file's name says.
    """
    with content.open("rb") as file:
        beginning = file.read(16)
    whole_zip = zipfile.is_zipfile(content)
    fits = {".zip": whole_zip, ".pth": whole_zip or beginning.startswith(LEGACY_CHECKPOINT)}
    if not fits.get(path.suffix.lower(), True):
        raise InputError(
            f"{path}: expected a whole {path.suffix} file from {url}, found one that begins with {beginning!r} or "
            "lacks its end; fetch it again, or download it by hand"
        )
