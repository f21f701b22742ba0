"""The entry point `benchmarks.fetch`, with a server; its mistakes without one are in tests/benchmarks/test_fetch.py."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.acquisition.checksums import checksum_of_file

EntryPoint = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]

CONTENT = b"\x80\x02" + np.random.default_rng(0).bytes(200_000)


@pytest.fixture
def overrides(server: Any, tmp_path: Path) -> tuple[str, ...]:
    server.content = CONTENT
    return (
        "variant=xmem",
        f"variant.source=http://127.0.0.1:{server.port}",
        f"paths.weights={tmp_path}/weights",
        f"paths.lock={tmp_path}/checksums.lock",
        "attempts=1",
    )


def test_a_checkpoint_is_fetched_recorded_and_from_then_on_enforced(
    entry_point: EntryPoint, overrides: tuple[str, ...], server: Any, tmp_path: Path
) -> None:
    path, lock = tmp_path / "weights/XMem.pth", tmp_path / "checksums.lock"
    status, output, errors = entry_point("fetch", *overrides)
    assert (status, errors) == (0, "")
    assert path.read_bytes() == CONTENT
    sha256 = checksum_of_file(path).sha256
    assert output == (
        f"{path}: from http://127.0.0.1:{server.port}/XMem.pth\n"
        f"{path}: SHA-256 {sha256}, seen for the first time, recorded in {lock}\n"
    )
    assert entry_point("fetch", *overrides) == (0, f"{path}: present\n{path}: SHA-256 {sha256}, as in {lock}\n", "")
    path.write_bytes(CONTENT[:-1])
    status, _, errors = entry_point("fetch", *overrides)
    assert status == 2
    assert errors.startswith(f"error: {path}: expected SHA-256 {sha256} (200002 bytes) as {lock} has it")
    assert errors.count("\n") == 1


def test_a_server_that_refuses_is_one_line(entry_point: EntryPoint, overrides: tuple[str, ...], server: Any) -> None:
    server.scripted = [server.says(404)]
    status, _, errors = entry_point("fetch", *overrides)
    assert status == 2
    assert errors == (
        f"error: http://127.0.0.1:{server.port}/XMem.pth: expected a file, found 404 Not Found; name another address, "
        "or download it by hand\n"
    )


def test_after_kill_9_the_same_command_fetches_the_rest(
    start: Start, entry_point: EntryPoint, overrides: tuple[str, ...], server: Any, tmp_path: Path
) -> None:
    server.scripted = [server.hangs(after=50_000)]
    part = tmp_path / "weights/XMem.pth.part"
    with start("benchmarks.fetch", *overrides) as process:
        deadline = time.monotonic() + 60
        while not part.exists() or part.stat().st_size < 50_000:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()
        process.communicate()
    status, _, errors = entry_point("fetch", *overrides)
    assert (status, errors) == (0, "")
    assert (tmp_path / "weights/XMem.pth").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=50000-"]
