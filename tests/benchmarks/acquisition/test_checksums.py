import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.acquisition.checksums import (
    HEADER,
    Checksum,
    checksum_of_file,
    read_lock,
    record_checksum,
    require_locked,
    verify_locked,
)
from benchmarks.errors import InputError

URL = "https://a.example/XMem.pth"
A, B = Checksum(sha256="a" * 64, length=7), Checksum(sha256="b" * 64, length=123_456_789)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "new" / "checksums.lock"


def test_a_lock_file_is_text_in_the_order_of_addresses(lock: Path) -> None:
    record_checksum(B, url="https://b.example/b", lock=lock)
    record_checksum(A, url="https://a.example/a", lock=lock)
    assert lock.read_text() == (
        HEADER + f"{'a' * 64}            7 https://a.example/a\n" + f"{'b' * 64}    123456789 https://b.example/b\n"
    )
    assert [path.name for path in lock.parent.iterdir()] == ["checksums.lock"]


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.from_regex(r"https://[!-~]{1,30}", fullmatch=True),
        st.builds(Checksum, sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True), length=st.integers(0, 10**17)),
        max_size=5,
    )
)
def test_whatever_is_recorded_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, Checksum]
) -> None:
    lock = tmp_path_factory.mktemp("locks") / "checksums.lock"
    for url, checksum in entries.items():
        record_checksum(checksum, url=url, lock=lock)
    assert read_lock(lock) == entries


def test_a_file_is_the_one_that_was_recorded_or_it_is_refused(tmp_path: Path, lock: Path) -> None:
    path = tmp_path / "XMem.pth"
    path.write_bytes(b"weights")
    found = checksum_of_file(path)
    assert found == Checksum(sha256=hashlib.sha256(b"weights").hexdigest(), length=7)
    assert not verify_locked(path, url=URL, lock=lock)
    record_checksum(found, url=URL, lock=lock)
    assert verify_locked(path, url=URL, lock=lock)
    assert not verify_locked(path, url=URL + "2", lock=lock)
    path.write_bytes(b"wEights")
    other = hashlib.sha256(b"wEights").hexdigest()
    with pytest.raises(InputError) as refusal:
        verify_locked(path, url=URL, lock=lock)
    assert str(refusal.value) == (
        f"{path}: expected SHA-256 {found.sha256} (7 bytes) as {lock} has it of {URL}, found {other} (7 bytes); use "
        "the file that was recorded or, if the change is meant, delete the line of the lock file"
    )


def test_a_length_counts_as_well(lock: Path) -> None:
    record_checksum(A, url=URL, lock=lock)
    with pytest.raises(InputError, match=r"\(7 bytes\).*\(8 bytes\)"):
        require_locked(lock, Checksum(sha256=A.sha256, length=8), url=URL, lock=lock)


@pytest.mark.parametrize(
    "line",
    [
        f"{'a' * 63} 7 {URL}",
        f"{'A' * 64} 7 {URL}",
        f"{'a' * 64} {URL}",
        f"{'a' * 64} -7 {URL}",
        f"{'b' * 64} 7 {URL} x",
    ],
)
def test_a_line_that_is_no_entry_is_named(lock: Path, line: str) -> None:
    record_checksum(A, url="https://b.example/x", lock=lock)
    lock.write_text(lock.read_text() + line + "\n")
    with pytest.raises(InputError, match=rf"^{lock}: expected SHA-256, length .* in line 4, found '{re.escape(line)}'"):
        read_lock(lock)


def test_two_lines_of_one_address_are_refused(lock: Path) -> None:
    record_checksum(A, url=URL, lock=lock)
    lock.write_text(lock.read_text() + f"{B.sha256} {B.length} {URL}\n")
    with pytest.raises(InputError, match="an address of its own in line 4"):
        read_lock(lock)


def test_what_is_no_text_or_no_file_is_named_in_one_line(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=rf"^{lock}: expected a lock file, found what cannot be read"):
        read_lock(lock)
    for read in (read_lock, checksum_of_file):
        with pytest.raises(InputError, match=rf"^{tmp_path}: expected a.*, found what cannot be read .*Is a directory"):
            read(tmp_path)


def test_those_who_record_at_the_same_time_lose_nothing(lock: Path) -> None:
    urls = [f"https://a.example/{index}" for index in range(60)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda url: record_checksum(A, url=url, lock=lock), urls))
    assert sorted(read_lock(lock)) == sorted(urls)
