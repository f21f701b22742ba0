import io
from pathlib import Path
from typing import Any

import pytest

from benchmarks.acquisition import Means
from benchmarks.acquisition.checksums import checksum_of_file, read_lock
from benchmarks.acquisition.locked_file import acquire_file
from benchmarks.errors import InputError

WEIGHTS = b"\x80\x02 weights"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "XMem.pth"


def test_a_file_is_trusted_when_it_is_first_seen_and_held_to_it_ever_after(
    server: Any, path: Path, means: Means, said: io.StringIO
) -> None:
    server.content = WEIGHTS
    acquire_file(server.url, path, means=means)
    assert path.read_bytes() == WEIGHTS
    first = checksum_of_file(path)
    assert read_lock(means.lock) == {server.url: first}
    assert f"SHA-256 {first.sha256}, seen for the first time, recorded in {means.lock}\n" in said.getvalue()

    path.unlink()
    acquire_file(server.url, path, means=means)
    assert said.getvalue().endswith(f"{path}: SHA-256 {first.sha256}, as in {means.lock}\n")

    path.unlink()
    server.content = b"\x80\x02 WEIGHTS"
    with pytest.raises(InputError, match=rf"^{path}: expected SHA-256 {first.sha256} \(10 bytes\) as .*, found "):
        acquire_file(server.url, path, means=means)
    assert list(path.parent.iterdir()) == []
    assert read_lock(means.lock) == {server.url: first}


def test_a_file_that_is_there_is_not_fetched_but_checked(
    server: Any, path: Path, means: Means, said: io.StringIO
) -> None:
    path.parent.mkdir()
    path.write_bytes(WEIGHTS)
    acquire_file(server.url, path, means=means)
    acquire_file(server.url, path, means=means)
    assert said.getvalue().count(f"{path}: present\n") == 2
    assert read_lock(means.lock) == {server.url: checksum_of_file(path)}
    path.write_bytes(WEIGHTS + b"!")
    with pytest.raises(InputError, match=rf"^{path}: expected SHA-256 .* \(10 bytes\) .* found .* \(11 bytes\)"):
        acquire_file(server.url, path, means=means)
    assert path.read_bytes() == WEIGHTS + b"!"
    assert server.requests == []


@pytest.mark.parametrize("name", ["XMem.pth", "DAVIS.zip"])
@pytest.mark.parametrize("content", [b"", b"<html>sorry</html>", b"PK\x03\x04 an archive without its end"])
def test_what_is_not_of_the_kind_that_its_name_says_is_neither_trusted_nor_kept(
    server: Any, tmp_path: Path, means: Means, name: str, content: bytes
) -> None:
    server.content = content
    path = tmp_path / "folder" / name
    with pytest.raises(InputError, match=rf"^{path}: expected a whole {path.suffix} file from {server.url}, found one"):
        acquire_file(server.url, path, means=means)
    assert list(path.parent.iterdir()) == []
    assert not means.lock.exists()
