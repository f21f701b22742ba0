"""An archive, from its server to the folder it is unpacked to."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from benchmarks.acquisition.extraction import extract
from benchmarks.acquisition.folder_merge import merge_folder
from benchmarks.acquisition.locked_file import Means, acquire_file
from benchmarks.artifacts import make_folder
from benchmarks.config import ArchiveConfig
from benchmarks.errors import InputError
from benchmarks.names import is_plain_name


def acquire_archive(archive: ArchiveConfig, *, data: Path, keep: bool, means: Means) -> None:
    """Fetch an archive and unpack it; first beside its target, so that no half of it ever passes for the whole."""
    name = unquote(PurePosixPath(urlsplit(archive.url).path).name)
    if not is_plain_name(name):
        raise InputError(f"{archive.url}: expected an address that ends in the name of a file, found none")
    path, target = data / name, (data / archive.target).resolve()
    acquire_file(archive.url, path, means=means)
    make_folder(target.parent)
    with _scratch_folder(path, beside=target) as scratch:
        extract(path, scratch, root=archive.root, progress=means.progress)
        merge_folder(scratch, target)
    means.progress.say(f"{target}: unpacked from {name}")
    if not keep:
        path.unlink()


@contextmanager
def _scratch_folder(archive: Path, *, beside: Path) -> Iterator[Path]:
    """An empty folder for one process at a time; what a killed one left in it is cleared."""
    folder = beside.with_name(f".{archive.name}.partial")
    with archive.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"{archive}: another process is unpacking this very file; wait for it") from error
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
