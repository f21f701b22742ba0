import hashlib
import io
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.acquisition import Patience
from benchmarks.acquisition.checksums import Checksum
from benchmarks.acquisition.download import MAX_ATTEMPTS, download
from benchmarks.acquisition.transfer_progress import TransferProgress
from benchmarks.errors import InputError

ROOT = Path(__file__).parents[3]
CONTENT = np.random.default_rng(0).bytes(300_000)

Fetch = Callable[..., None]


@pytest.fixture
def server(server: Any) -> Any:
    server.content = CONTENT
    return server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "file.bin"


@pytest.fixture
def fetch(server: Any, path: Path, patience: Patience, progress: TransferProgress) -> Fetch:
    """Download from the server, and see that what was accepted is what is there."""

    def fetch(url: str | None = None) -> None:
        accepted: list[Checksum] = []

        def accept(content: Path, checksum: Checksum) -> None:
            assert content.name == "file.bin.part"
            assert not path.exists()
            accepted.append(checksum)

        download(url or server.url, path, accept=accept, patience=patience, progress=progress)
        content = path.read_bytes()
        assert accepted == [Checksum(sha256=hashlib.sha256(content).hexdigest(), length=len(content))]
        assert [file.name for file in path.parent.iterdir()] == ["file.bin"]

    return fetch


def test_a_file_is_fetched_with_one_request(server: Any, fetch: Fetch, path: Path) -> None:
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_what_breaks_off_is_continued_where_it_broke_off(
    server: Any, fetch: Fetch, path: Path, said: io.StringIO
) -> None:
    server.scripted = [server.honest(at_most=1000), server.honest(at_most=100_000)]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", "bytes=101000-"]
    assert [headers["If-Range"] for _, headers in server.requests] == [None, '"first"', '"first"']
    assert "file.bin: the connection was closed after 1,000 bytes; trying again\n" in said.getvalue()


def test_what_an_earlier_process_got_is_continued(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.honest(at_most=5000)] + [server.says(503)] * 3
    with pytest.raises(InputError, match=r"expected 300,000 bytes, found 5,000 bytes, because the server answered 503"):
        fetch()
    assert path.with_name("file.bin.part").read_bytes() == CONTENT[:5000]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, *["bytes=5000-"] * 4]


def test_a_complete_part_that_was_killed_before_it_got_its_name_is_not_asked_for_again(
    server: Any, fetch: Fetch, path: Path, patience: Patience, progress: TransferProgress
) -> None:
    def die(content: Path, _: Checksum) -> None:
        assert content.exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(server.url, path, accept=die, patience=patience, progress=progress)
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None]


def test_a_server_without_ranges_sends_all_of_it_again(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.honest(at_most=1000), server.honest(with_ranges=False)]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]


def test_a_file_that_changes_between_two_attempts_is_begun_anew(server: Any, fetch: Fetch, path: Path) -> None:
    def changed(handler: Any) -> None:
        server.content, server.headers = CONTENT[::-1], {"ETag": '"second"'}
        server.honest()(handler)

    server.scripted = [server.honest(at_most=1000), changed]
    fetch()
    assert path.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 999-299999/300000"},
        {"Content-Range": "bytes 1000-299999/300001"},
        {"Content-Range": "bytes 1000-299999/*"},
        {"Content-Range": "a lot"},
        {},
        {"Content-Range": "bytes 1000-299999/300000", "ETag": '"second"'},
    ],
)
def test_a_range_that_is_not_the_missing_one_is_not_appended(
    server: Any, fetch: Fetch, path: Path, headers: dict[str, str]
) -> None:
    wrong = {"Content-Length": "299000", **headers}
    server.scripted = [server.honest(at_most=1000), server.says(206, wrong, CONTENT[:299_000])]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", None]


def test_a_range_that_is_said_to_be_impossible_is_begun_anew(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.honest(at_most=1000), server.says(416)]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", None]


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"weak"'}])
def test_a_part_that_nobody_can_vouch_for_is_begun_anew(
    server: Any, fetch: Fetch, path: Path, headers: dict[str, str]
) -> None:
    server.headers = headers
    server.scripted = [server.honest(at_most=1000)]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, None]


def test_a_time_of_change_vouches_where_there_is_no_strong_etag(server: Any, fetch: Fetch, path: Path) -> None:
    server.headers = {"ETag": 'W/"weak"', "Last-Modified": "Sat, 01 Jan 2022 00:00:00 GMT"}
    server.scripted = [server.honest(at_most=1000)]
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]


@pytest.mark.parametrize("damage", ["other address", "no record", "damaged record", "longer than the whole"])
def test_a_part_of_who_knows_what_is_begun_anew(server: Any, fetch: Fetch, path: Path, damage: str) -> None:
    server.scripted = [server.honest(at_most=1000)] + [server.says(503)] * 3
    with pytest.raises(InputError):
        fetch(server.url.replace("file", "other") if damage == "other address" else None)
    part, record = path.with_name("file.bin.part"), path.with_name("file.bin.part.json")
    if damage == "no record":
        record.unlink()
    if damage == "damaged record":
        record.write_bytes(b"\xff{")
    if damage == "longer than the whole":
        part.write_bytes(bytes(300_001))
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges[4:] == [None]


def test_a_body_shorter_than_its_length_is_never_taken_for_the_file(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.says(200, {"Content-Length": "500"}, b"x" * 400)] * 9
    with pytest.raises(InputError, match="expected 500 bytes, found 400 bytes, because the connection was closed"):
        fetch()
    assert not path.exists()
    assert len(server.requests) == 4


def test_a_length_that_is_never_reached_because_it_is_a_lie_ends(server: Any, fetch: Fetch, path: Path) -> None:
    lie = {"ETag": '"first"', "Content-Length": "300100"}
    rest = {"ETag": '"first"', "Content-Length": "100", "Content-Range": "bytes 300000-300099/300100"}
    server.scripted = [server.says(200, lie, CONTENT)] + [server.says(206, rest)] * 9
    with pytest.raises(InputError, match="expected 300,100 bytes, found 300,000 bytes"):
        fetch()
    assert not path.exists()
    assert len(server.requests) == 4


def test_bytes_beyond_the_length_are_not_taken(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.says(200, {"Content-Length": "500"}, CONTENT[:800])]
    fetch()
    assert path.read_bytes() == CONTENT[:500]


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}, {"Content-Length": "-5"}])
def test_an_answer_without_a_length_is_refused(server: Any, fetch: Fetch, path: Path, headers: dict[str, str]) -> None:
    server.scripted = [server.says(200, headers, b"5\r\nhello\r\n0\r\n\r\n")]
    with pytest.raises(InputError, match="expected an answer that says its length, found none"):
        fetch()
    assert list(path.parent.iterdir()) == []


def test_a_server_that_gives_a_little_each_time_is_asked_so_often_and_no_more(
    server: Any, fetch: Fetch, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.acquisition.download.MAX_ATTEMPTS", 12)
    server.scripted = [server.honest(at_most=10) for _ in range(99)]
    with pytest.raises(InputError, match="found 120 bytes"):
        fetch()
    assert len(server.requests) == 12 < MAX_ATTEMPTS
    assert path.with_name("file.bin.part").stat().st_size == 120


def test_a_server_that_gives_the_same_again_and_again_is_not_taken_for_progress(server: Any, fetch: Fetch) -> None:
    server.scripted = [server.honest(at_most=1000), server.says(416)] * 50
    with pytest.raises(InputError, match="expected a file, found 0 bytes"):
        fetch()
    assert server.ranges == [None, "bytes=1000-", None, "bytes=1000-"]


def test_a_server_that_falls_silent_is_left_in_time_and_continued(
    server: Any, fetch: Fetch, path: Path, said: io.StringIO
) -> None:
    server.scripted = [server.hangs(after=2000)]
    before = time.monotonic()
    fetch()
    assert time.monotonic() - before < 10
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=2000-"]
    assert "the connection failed (timed out) after 2,000 bytes" in said.getvalue()


def test_a_server_that_is_not_there_is_named_in_one_line(
    server: Any, path: Path, patience: Patience, progress: TransferProgress
) -> None:
    url = "http://127.0.0.1:9/file.bin"  # the port of `discard`
    with pytest.raises(
        InputError, match=f"^{url}: expected a file, found 0 bytes, because there was no answer: .*Conn"
    ):
        download(url, path, accept=lambda *_: None, patience=patience, progress=progress)
    assert list(path.parent.iterdir()) == []
    assert server.requests == []


def test_a_web_page_before_the_file_costs_nothing_of_what_is_there(server: Any, fetch: Fetch, path: Path) -> None:
    page = server.says(200, {"Content-Type": "text/html; charset=utf-8", "Content-Length": "6"}, b"<html>")
    server.scripted = [server.honest(at_most=1000), page]
    with pytest.raises(InputError, match=f"^{server.url}: expected a file, found a web page"):
        fetch()
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", "bytes=1000-"]


def test_a_file_that_is_not_accepted_leaves_nothing(
    server: Any, path: Path, patience: Patience, progress: TransferProgress
) -> None:
    def refuse(content: Path, _: Checksum) -> None:
        raise InputError(f"{content.stat().st_size} wrong bytes")

    with pytest.raises(InputError, match="300000 wrong bytes"):
        download(server.url, path, accept=refuse, patience=patience, progress=progress)
    assert list(path.parent.iterdir()) == []


SCRIPT = """
    import io, resource, signal, sys
    from pathlib import Path
    from rich.console import Console
    from benchmarks.acquisition.download import Patience, download
    from benchmarks.errors import InputError
    from benchmarks.acquisition.transfer_progress import TransferProgress
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the kernel answers the write with EFBIG
    if sys.argv[3:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    progress = TransferProgress(Console(file=io.StringIO()))
    try:
        download(sys.argv[1], Path(sys.argv[2]), accept=lambda *_: None, patience=Patience(), progress=progress)
    except InputError as error:
        print(error)
"""


def another_process(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=-1, stderr=-1)


def test_a_full_disk_is_one_line_and_what_fitted_is_continued(server: Any, fetch: Fetch, path: Path) -> None:
    with another_process(server.url, path, 100_000) as process:
        output, errors = process.communicate(timeout=60)
    assert errors == ""
    assert output.startswith(f"{path}.part: cannot write there: File too large; free space")
    assert not path.exists()
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=100000-"]


def test_after_kill_9_in_the_middle_the_rest_is_fetched_and_meanwhile_nobody_else_may(
    server: Any, fetch: Fetch, path: Path
) -> None:
    server.scripted = [server.hangs(after=70_000)]
    part = path.with_name("file.bin.part")
    with another_process(server.url, path) as process:
        deadline = time.monotonic() + 60
        while not part.exists() or part.stat().st_size < 70_000:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with pytest.raises(InputError, match=f"^{part}: another process is fetching this very file; wait for it"):
            fetch()
        process.kill()
        process.wait()
    assert not path.exists()
    fetch()
    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=70000-"]


def test_a_file_larger_than_the_disk_is_not_begun(server: Any, fetch: Fetch, path: Path) -> None:
    server.scripted = [server.says(200, {"Content-Length": str(10**17)}, b"x")]
    with pytest.raises(InputError, match=r"file\.bin\.part: expected room for 100,000,000,000,000,000 bytes, found"):
        fetch()
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_is_none_is_named_in_one_line(tmp_path: Path, fetch: Fetch, path: Path) -> None:
    (tmp_path / "new").write_text("")
    with pytest.raises(InputError, match=f"^{path.parent}: cannot write there: "):
        fetch()
