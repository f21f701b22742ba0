import fcntl
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks.acquisition import Means
from benchmarks.acquisition.archive import acquire_archive
from benchmarks.config import ArchiveConfig
from benchmarks.errors import InputError

MEMORY = Path("/dev/shm")  # noqa: S108 - another file system than that of the tests

Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def acquire(server: Any, data: Path, means: Means) -> Callable[..., None]:
    """Acquire an archive that holds these files."""

    def acquire(files: dict[str, bytes] | None = None, *, name: str = "some.zip", keep: bool = False) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for path, content in (files or {"root/a/b": b"b"}).items():
                archive.writestr(zipfile.ZipInfo(path), content)  # without the time, so that it is the same again
        server.content = stream.getvalue()
        url = server.url.replace("file.bin", name)
        acquire_archive(ArchiveConfig(url=url, root="root", target="DAVIS/2017"), data=data, keep=keep, means=means)

    return acquire


def test_an_archive_is_unpacked_and_goes(acquire: Callable[..., None], data: Path, contents: Contents) -> None:
    acquire({"root/a/b": b"b", "README": b"not this"})
    assert contents(data) == {"DAVIS/2017/a/b": b"b"}
    assert [path.name for path in (data / "DAVIS").iterdir()] == ["2017"]


def test_an_archive_is_kept_where_that_is_wanted_and_not_fetched_again(
    acquire: Callable[..., None], server: Any, data: Path, contents: Contents
) -> None:
    acquire(keep=True)
    assert contents(data) == {"DAVIS/2017/a/b": b"b", "some.zip": server.content}
    (data / "DAVIS/2017/a/b").unlink()
    acquire(keep=True)
    assert contents(data) == {"DAVIS/2017/a/b": b"b", "some.zip": server.content}
    assert len(server.requests) == 1


def test_archives_share_a_target(acquire: Callable[..., None], data: Path, contents: Contents) -> None:
    acquire({"root/480p/x": b"1", "root/README": b"r"}, name="small.zip")
    acquire({"root/full/x": b"2", "root/README": b"r"}, name="large.zip")
    assert contents(data / "DAVIS/2017") == {"480p/x": b"1", "full/x": b"2", "README": b"r"}


def test_what_differs_from_what_is_there_changes_nothing_and_the_archive_stays(
    acquire: Callable[..., None], data: Path, contents: Contents
) -> None:
    acquire({"root/x": b"1"}, name="small.zip")
    with pytest.raises(InputError, match=rf"^{data}/DAVIS/2017/x: expected the file of the archive, found another"):
        acquire({"root/a": b"1", "root/x": b"2"}, name="large.zip")
    assert sorted(contents(data)) == ["DAVIS/2017/x", "large.zip"]


def test_a_hostile_archive_leaves_nothing_at_the_target(acquire: Callable[..., None], data: Path) -> None:
    with pytest.raises(InputError, match="a path that leaves the archive"):
        acquire({"root/a": b"1", "root/../../../evil": b"2"})
    assert list((data / "DAVIS").iterdir()) == []


def test_what_a_killed_process_left_is_cleared(acquire: Callable[..., None], data: Path, contents: Contents) -> None:
    leftover = data / "DAVIS/.some.zip.partial/a"
    leftover.mkdir(parents=True)
    (leftover / "half").write_bytes(b"ha")
    acquire()
    assert contents(data) == {"DAVIS/2017/a/b": b"b"}
    assert [path.name for path in (data / "DAVIS").iterdir()] == ["2017"]


@pytest.mark.skipif(not MEMORY.is_dir(), reason="needs a second file system")
def test_a_target_on_another_disk_may_be_linked_to(
    acquire: Callable[..., None], data: Path, contents: Contents
) -> None:
    with TemporaryDirectory(dir=MEMORY) as disk:
        (Path(disk) / "2017").mkdir()
        (data / "DAVIS").mkdir(parents=True)
        (data / "DAVIS/2017").symlink_to(Path(disk) / "2017")
        acquire()
        assert contents(Path(disk)) == {"2017/a/b": b"b"}


def test_an_archive_is_unpacked_by_one_process_at_a_time(acquire: Callable[..., None], data: Path) -> None:
    acquire(keep=True)
    with (data / "some.zip").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError, match=rf"^{data}/some.zip: another process is unpacking this very file; wait"):
            acquire(keep=True)
    acquire(keep=True)


@pytest.mark.parametrize("name", ["", "..", "%2e%2e", "x%2Fy.zip"])
def test_an_address_without_the_name_of_a_file_is_refused(
    acquire: Callable[..., None], data: Path, server: Any, name: str
) -> None:
    with pytest.raises(InputError, match="expected an address that ends in the name of a file, found none"):
        acquire(name=name)
    assert not data.exists()
    assert server.requests == []
