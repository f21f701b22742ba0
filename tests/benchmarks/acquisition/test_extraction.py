import io
import shutil
import stat
import struct
import subprocess
import sys
import textwrap
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from benchmarks.acquisition.extraction import LIMITS, Limits, extract
from benchmarks.acquisition.transfer_progress import TransferProgress
from benchmarks.errors import InputError

ROOT = Path(__file__).parents[3]

Unpack = Callable[..., dict[str, bytes]]


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def zipped_info(name: str = "root/x", *, mode: int = 0, content: bytes = b"x") -> bytes:
    stream = io.BytesIO()
    info = zipfile.ZipInfo(name)
    info.filename = info.orig_filename = name  # as a hostile writer would: ZipInfo itself tidies names
    info.external_attr = mode << 16
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(info, content)
    return stream.getvalue()


@pytest.fixture
def unpack(tmp_path: Path, progress: TransferProgress) -> Unpack:
    """Extract these bytes: the files that came out of them."""

    def unpack(content: bytes, *, root: str = "root", limits: Limits = LIMITS) -> dict[str, bytes]:
        archive, folder = tmp_path / "archive.zip", tmp_path / "folder"
        archive.write_bytes(content)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            extract(archive, folder, root=root, progress=progress, limits=limits)
        finally:
            assert {path.name for path in tmp_path.iterdir()} == {"archive.zip", "folder"}
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    return unpack


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_is_below_the_root_is_unpacked_and_the_rest_is_left(unpack: Unpack, method: int) -> None:
    members = {"root/": b"", "root/a/b.png": b"b" * 5000, "root/c.txt": b"", "other/d": b"d", "rootless": b"e"}
    assert unpack(zipped(members, method=method)) == {"a/b.png": b"b" * 5000, "c.txt": b""}


def test_a_root_may_be_deep_or_everything(unpack: Unpack) -> None:
    content = zipped({"root/a/b": b"b", "root/c": b"c"})
    assert unpack(content, root="root/a") == {"b": b"b"}
    assert unpack(content, root=".") == {"root/a/b": b"b", "root/c": b"c"}


HOSTILE = {
    "parent": (zipped_info("root/../../evil"), "a path that leaves the archive"),
    "parent outside the root": (zipped({"root/x": b"", "elsewhere/../../evil": b""}), "a path that leaves the archive"),
    "absolute": (zipped_info("/root/evil"), "a path that does not begin in the archive"),
    "drive": (zipped_info("C:/evil"), "a path that does not begin in the archive"),
    "backslash": (zipped_info("root\\..\\..\\evil"), "a path with signs that no name of a file has"),
    "zero byte": (zipped_info("root/evil\0.png"), "a path with signs that no name of a file has"),
    "escape sequence": (zipped_info("root/\x1b[2J"), "a path with signs that no name of a file has"),
    "no name": (zipped_info("."), "a path to nowhere"),
    "empty name": (zipped_info(""), "is without a name"),
    "link": (zipped_info(mode=stat.S_IFLNK | 0o777, content=b"/etc"), "a link or a device"),
    "device": (zipped_info(mode=stat.S_IFCHR | 0o666), "a link or a device"),
    "pipe": (zipped_info(mode=stat.S_IFIFO | 0o666), "a link or a device"),
    "folder that is a file": (zipped_info(mode=stat.S_IFDIR | 0o777), "a link or a device"),
    "other compression": (zipped({"root/x": b"x"}, method=zipfile.ZIP_BZIP2), "compressed by method 12"),
    "file and folder": (zipped({"root/x": b"", "root/x/y": b""}), "'root/x/y' is below a file"),
    "empty": (zipped({}), "there is no file in its folder root"),
    "other root": (zipped({"roots/x": b""}), "there is no file in its folder root"),
    "no zip": (b"<html>", "it is damaged: File is not a zip file"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_before_anything_is_unpacked(
    unpack: Unpack, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(InputError) as refusal:
        unpack(content)
    assert str(refusal.value).startswith(
        f"{tmp_path}/archive.zip: expected a zip that is whole and safe to unpack, but"
    )
    assert reason in str(refusal.value)
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_file_that_stands_twice_is_refused(unpack: Unpack) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("root/x", b"1")
        archive.writestr("root//x", b"2")
    with pytest.raises(InputError, match=r"'root/x' is in it 2 times"):
        unpack(stream.getvalue())


def test_an_encrypted_file_is_refused(unpack: Unpack) -> None:
    content = bytearray(zipped({"root/x": b"x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flags of the central directory
    with pytest.raises(InputError, match="'root/x' is encrypted"):
        unpack(bytes(content))


def test_too_many_members_are_refused(unpack: Unpack) -> None:
    content = zipped({f"root/{index}": b"" for index in range(11)})
    with pytest.raises(InputError, match="it holds 11 members, more than 10"):
        unpack(content, limits=Limits(members=10))
    assert len(unpack(content, limits=Limits(members=11))) == 11


def test_a_file_that_swells_too_much_is_refused(unpack: Unpack, tmp_path: Path) -> None:
    ballast = np.random.default_rng(0).bytes(10**5)  # by which the archive as a whole might swell to 12 MB
    with pytest.raises(InputError, match=r"'x' unpacks to more than 1,\d\d\d,\d\d\d bytes"):
        unpack(zipped({"root/x": bytes(10**7), "ballast": ballast}), limits=Limits(ratio=120))
    assert sum(path.stat().st_size for path in (tmp_path / "folder").iterdir()) < 1.3e6


def test_many_small_files_that_swell_too_much_together_are_refused(unpack: Unpack) -> None:
    content = zipped({f"root/{index}": bytes(10**5) for index in range(30)})
    with pytest.raises(InputError, match=r"'\d+' unpacks to more than \d\d,\d\d\d bytes"):
        unpack(content, limits=Limits(ratio=100, small=10**5))
    with pytest.raises(InputError, match=r"'4' unpacks to more than 50,000 bytes"):
        unpack(content, limits=Limits(total=450_000))
    assert len(unpack(content, limits=Limits(ratio=1000))) == 30


def test_what_the_header_says_of_a_size_is_not_believed(unpack: Unpack) -> None:
    content = bytearray(zipped({"root/x": bytes(5000)}))
    size_at = content.index(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", content, size_at) == (5000,)
    for claimed in (10, 6000):
        struct.pack_into("<I", content, size_at, claimed)
        with pytest.raises(InputError, match="expected a zip that is whole"):
            unpack(bytes(content))


def test_more_than_the_disk_has_room_for_is_not_begun(unpack: Unpack, tmp_path: Path) -> None:
    content = bytearray(zipped({f"root/{index}": b"x" for index in range(2000)}))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", content, at + 24, 2**32 - 2)
        at = content.find(b"PK\x01\x02", at + 4)
    with pytest.raises(InputError, match=rf"^{tmp_path}/folder: expected room for the 8,589,934,588,000 bytes of"):
        unpack(bytes(content))
    assert list((tmp_path / "folder").iterdir()) == []


ORIGINAL = {"a/b.png": bytes(range(256)) * 8, "c.txt": b"dog\n" * 50}


@given(at=st.integers(0, 10**6), value=st.integers(1, 255), cut=st.integers(0, 10**6) | st.none())
def test_a_damaged_archive_is_refused_or_gives_what_was_packed(at: int, value: int, cut: int | None) -> None:
    content = bytearray(zipped({f"root/{name}": packed for name, packed in ORIGINAL.items()}))
    content[at % len(content)] ^= value
    with TemporaryDirectory() as scratch:
        archive, folder = Path(scratch) / "archive.zip", Path(scratch) / "folder"
        archive.write_bytes(content if cut is None else content[: cut % len(content)])
        folder.mkdir()
        try:
            extract(archive, folder, root="root", progress=TransferProgress(Console(file=io.StringIO())))
        except InputError:
            return
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {path.read_bytes() for path in files} <= set(ORIGINAL.values())
        assert all(path.resolve().is_relative_to(folder.resolve()) for path in files)


def test_an_archive_whose_files_begin_before_its_first_byte_is_refused(unpack: Unpack) -> None:
    content = bytearray(zipped({"root/a": b"x"}))
    start = content.rindex(b"PK\x05\x06") + 16  # of the list of files, as the end of the archive has it
    struct.pack_into("<I", content, start, *(value + 20 for value in struct.unpack_from("<I", content, start)))
    with pytest.raises(InputError, match="it is damaged: it names places outside itself"):
        unpack(bytes(content))


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive.zip", tmp_path / "folder"
    archive.write_bytes(zipped({"root/x": bytes(200_000)}))
    folder.mkdir()
    script = """
        import io, resource, signal, sys
        from pathlib import Path
        from rich.console import Console
        from benchmarks.acquisition.extraction import extract
        from benchmarks.errors import InputError
        from benchmarks.acquisition.transfer_progress import TransferProgress
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the kernel answers the write with EFBIG
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        progress = TransferProgress(Console(file=io.StringIO()))
        try:
            extract(Path(sys.argv[1]), Path(sys.argv[2]), root="root", progress=progress)
        except InputError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(archive), str(folder)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == ""
    assert result.stdout == (
        f"{folder}: cannot unpack {archive} there: File too large; free space, mend permissions, or choose another "
        "paths.data=\n"
    )
