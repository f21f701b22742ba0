import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.acquisition.folder_merge import merge_folder
from benchmarks.errors import InputError

Contents = Callable[[Path], dict[str, bytes]]


def write(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (0, 0))  # so that nothing but content tells two files of one length apart
    return root


def test_a_folder_that_is_not_there_yet_is_moved_at_once(tmp_path: Path, contents: Contents) -> None:
    source = write(tmp_path / "source", {"a/b": b"b", "c": b"c"})
    inode = source.stat().st_ino
    merge_folder(source, tmp_path / "new/target")
    assert contents(tmp_path) == {"new/target/a/b": b"b", "new/target/c": b"c"}
    assert (tmp_path / "new/target").stat().st_ino == inode


def test_what_is_there_stays_and_what_is_new_is_moved_a_folder_at_a_time(tmp_path: Path, contents: Contents) -> None:
    target = write(tmp_path / "target", {"images/480p/dog/0": b"0", "README": b"same", "own": b"mine"})
    source = write(tmp_path / "source", {"images/full/dog/0": b"1", "images/480p/cow/0": b"2", "README": b"same"})
    inodes = {name: (source / name).stat().st_ino for name in ("images/full", "images/480p/cow")}
    merge_folder(source, target)
    assert contents(target) == {
        "images/480p/dog/0": b"0",
        "images/480p/cow/0": b"2",
        "images/full/dog/0": b"1",
        "README": b"same",
        "own": b"mine",
    }
    assert {name: (target / name).stat().st_ino for name in inodes} == inodes


@pytest.mark.parametrize(
    "there", [{"z": b"2"}, {"z": b"longer"}, {"z/z": b"1"}, {"a": b"a file"}], ids=["other", "longer", "folder", "file"]
)
def test_where_one_file_differs_nothing_is_moved(tmp_path: Path, contents: Contents, there: dict[str, bytes]) -> None:
    target = write(tmp_path / "target", there)
    source = write(tmp_path / "source", {"a/new": b"1", "z": b"1"})
    with pytest.raises(InputError, match=rf"^{target}/[az]: expected the file of the archive, found another; move it"):
        merge_folder(source, target)
    assert contents(target) == there
    assert contents(source) == {"a/new": b"1", "z": b"1"}


def test_a_file_in_the_place_of_a_parent_is_named_in_one_line(tmp_path: Path) -> None:
    source = write(tmp_path / "source", {"a": b""})
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=rf"^{tmp_path}/file.*: cannot move files there: .*; mend permissions"):
        merge_folder(source, tmp_path / "file/below/target")
