"""Unpacking a zip that may be hostile: nothing leaves the folder, nothing but plain files, no more than is bearable."""

import errno
import re
import shutil
import stat
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.acquisition.transfer_progress import TransferProgress
from benchmarks.artifacts import make_folder
from benchmarks.errors import InputError
from benchmarks.zip_members import DAMAGE, METHODS, is_encrypted

CHUNK = 2**20
DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may hold. The largest known one, DAVIS 2017 at full resolution, stays far below.

    Args:
        members: files and folders.
        total: bytes of all files.
        ratio: bytes for each byte that they are packed in, of any one file and of all.
        small: bytes that a file may have at any ratio.
    """

    members: int = 500_000
    total: int = 100 * 10**9
    ratio: int = 200
    small: int = 10**6

    def bearable(self, packed: int, *, of: int) -> int:
        """Bytes, of those that are left, which so many packed ones may become."""
        return min(of, max(self.small, self.ratio * packed))


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file to be unpacked."""

    info: zipfile.ZipInfo
    path: PurePosixPath


def extract(archive: Path, folder: Path, *, root: str, progress: TransferProgress, limits: Limits = LIMITS) -> None:
    """Unpack the files below `root` of the archive into a folder; the whole archive is checked before the first.

    Args:
        archive: a zip.
        folder: where to; it exists, and is empty.
        root: a folder inside the archive; `.` is all of it.
        progress: where to show it.
        limits: of what is bearable.

    Raises:
        InputError: the archive is damaged or hostile, has no such folder, or the disk refuses. The folder then holds a
            part of it.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(archive, opened, root=root, limits=limits)
            _require_room(archive, folder, members)
            progress.begin(archive.name, total=sum(member.info.file_size for member in members))
            left = limits.bearable(archive.stat().st_size, of=limits.total)
            for member in members:
                bearable = limits.bearable(member.info.compress_size, of=left)
                left -= _unpack(archive, opened, member, folder / member.path, bearable=bearable, progress=progress)
    except InputError:
        raise
    except DAMAGE as error:
        raise _refusal(archive, f"it is damaged: {error}") from error
    except OSError as error:
        if error.errno == errno.EINVAL and error.filename is None:  # a place before the beginning of the archive
            raise _refusal(archive, "it is damaged: it names places outside itself") from error
        raise InputError(
            f"{error.filename or folder}: cannot unpack {archive} there: {error.strerror}; free space, mend "
            "permissions, or choose another paths.data="
        ) from error


def _members(archive: Path, opened: zipfile.ZipFile, *, root: str, limits: Limits) -> list[Member]:
    """The files below `root`, once every member, wherever it is, has been found harmless."""
    infos = opened.infolist()
    if len(infos) > limits.members:
        raise _refusal(archive, f"it holds {len(infos):,} members, more than {limits.members:,}")
    for info in infos:
        if fault := _fault(info):
            raise _refusal(archive, f"{info.orig_filename!a} is {fault}")
    _require_own_names(archive, [info for info in infos if not info.is_dir()])
    members = [
        Member(info=info, path=_path(info).relative_to(root))
        for info in infos
        if not info.is_dir() and _path(info).is_relative_to(root)
    ]
    if not members:
        raise _refusal(archive, f"there is no file in its folder {root}")
    return members


def _fault(info: zipfile.ZipInfo) -> str | None:
    """Why a member is not unpacked by anyone who is careful; None where it is harmless."""
    if not info.filename:
        return "without a name"
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    faults = {
        "a path with signs that no name of a file has": not name.isprintable() or "\\" in name,
        "a path that does not begin in the archive": name.startswith("/") or DRIVE.match(name) is not None,
        "a path that leaves the archive": ".." in PurePosixPath(name).parts,
        "a path to nowhere": _path(info) == PurePosixPath() and not info.is_dir(),
        "a link or a device": kind not in (0, stat.S_IFDIR if info.is_dir() else stat.S_IFREG),
        "encrypted": is_encrypted(info),
        f"compressed by method {info.compress_type}": info.compress_type not in METHODS,
    }
    return next((fault for fault, found in faults.items() if found), None)


def _require_own_names(archive: Path, files: Iterable[zipfile.ZipInfo]) -> None:
    """No file may stand twice, or be a folder as well."""
    counts = Counter(_path(info) for info in files)
    for path, count in counts.items():
        if count > 1:
            raise _refusal(archive, f"{str(path)!a} is in it {count} times")
        if not counts.keys().isdisjoint(path.parents):
            raise _refusal(archive, f"{str(path)!a} is below a file")


def _require_room(archive: Path, folder: Path, members: Iterable[Member]) -> None:
    """Say so before the disk is full, if the archive says how much it holds; `_unpack` does not believe it."""
    needed, free = sum(member.info.file_size for member in members), shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"{folder}: expected room for the {needed:,} bytes of {archive}, found {free:,}; free space, or choose "
            "another paths.data="
        )


def _unpack(
    archive: Path,
    opened: zipfile.ZipFile,
    member: Member,
    path: Path,
    *,
    bearable: int,
    progress: TransferProgress,
) -> int:
    """Write one file and count what is really written, whatever the archive says of it."""
    written = 0
    make_folder(path.parent)
    with opened.open(member.info) as packed, path.open("xb") as file:
        while chunk := packed.read(CHUNK):
            written += len(chunk)
            if written > bearable:
                raise _refusal(archive, f"{str(member.path)!a} unpacks to more than {bearable:,} bytes")
            file.write(chunk)
            progress.advance(len(chunk))
    if written != member.info.file_size:
        raise _refusal(archive, f"{str(member.path)!a} has {written:,} of {member.info.file_size:,} bytes")
    return written


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(info.filename)


def _refusal(archive: Path, found: str) -> InputError:
    return InputError(
        f"{archive}: expected a zip that is whole and safe to unpack, but {found}; remove it and fetch it again, or "
        "unpack it by hand"
    )
