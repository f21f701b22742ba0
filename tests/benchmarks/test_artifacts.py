import hashlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from benchmarks.artifacts import (
    make_folder,
    remove_partial_files,
    sha256_of_file,
    sha256_of_files,
    sole_writer,
    write_atomically,
    write_record,
)
from benchmarks.errors import InputError

ROOT = Path(__file__).parents[2]


@contextmanager
def another_process(script: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """A Python process that runs the script with these arguments; it is killed on leaving."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_file_is_written_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"first")
    assert path.read_bytes() == b"first"
    write_atomically(path, b"second, longer")
    assert path.read_bytes() == b"second, longer"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_leaves_the_old_content_and_no_leftovers(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    script = """
        import resource, signal, sys
        from pathlib import Path
        from benchmarks.artifacts import write_atomically
        from benchmarks.errors import InputError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then the kernel answers the write with EFBIG
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            write_atomically(Path(sys.argv[1]), bytes(1_000_000))
        except InputError as error:
            print(error)
    """
    with another_process(script, path) as process:
        output, errors = process.communicate(timeout=60)
    assert errors == ""
    assert output.startswith(f"{path}: cannot write there: File too large; free space")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_process_killed_while_it_writes_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    script = """
        import sys
        from pathlib import Path
        from benchmarks.artifacts import write_atomically
        content = bytes(50_000_000)
        print("ready", flush=True)
        while True:
            write_atomically(Path(sys.argv[1]).with_name("other"), content)
            write_atomically(Path(sys.argv[1]), b"new")
    """
    with another_process(script, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        begun = 0
        while not begun:
            assert process.poll() is None
            with suppress(FileNotFoundError):  # it comes and goes
                begun = (tmp_path / f".other.{process.pid}.partial").stat().st_size
        process.kill()
        process.wait()
    assert path.read_bytes() in (b"old", b"new")
    other = tmp_path / "other"
    assert not other.exists() or other.stat().st_size == 50_000_000


def test_a_folder_that_is_none_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below = tmp_path / "file" / "below"
    for write in (make_folder, lambda path: write_atomically(path, b""), lambda path: write_record(path / "x", [])):
        with pytest.raises(InputError, match=rf"^{tmp_path}/file.*: cannot write there: .*; free space, mend perm"):
            write(below)
    with pytest.raises(InputError, match="cannot write there"), sole_writer(below):
        pass


def test_a_folder_that_may_not_be_written_to_is_named_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)  # pytest's own folders are private, and the process below becomes nobody
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o555)
    script = """
        import os, sys
        from pathlib import Path
        from benchmarks.artifacts import make_folder, sole_writer, write_atomically
        from benchmarks.errors import InputError
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        folder = Path(sys.argv[1])
        def lock():
            with sole_writer(folder):
                pass
        for write in (lambda: write_atomically(folder / "file", b""), lambda: make_folder(folder / "new"), lock):
            try:
                write()
            except InputError as error:
                print(error)
    """
    with another_process(script, folder) as process:
        output, errors = process.communicate(timeout=60)
    assert errors == ""
    told = [line.split("; ")[0] for line in output.splitlines()]
    reason = "cannot write there: Permission denied"
    assert told == [f"{folder / 'file'}: {reason}", f"{folder / 'new'}: {reason}", f"{folder}: {reason}"]
    assert list(folder.iterdir()) == []


HOLD = """
    import sys
    from pathlib import Path
    from benchmarks.artifacts import sole_writer
    with sole_writer(Path(sys.argv[1])):
        print("locked", flush=True)
        sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_gone_even_by_kill_9(tmp_path: Path) -> None:
    folder = tmp_path / "cell"
    with another_process(HOLD, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with (
            pytest.raises(InputError, match=f"^{folder}: another process is running this very cell"),
            sole_writer(folder),
        ):
            pass
        process.kill()
        process.wait()
        with sole_writer(folder):
            pass
    with sole_writer(folder):  # again, in the same process
        pass


def test_hashes_are_of_content_and_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    assert sha256_of_file(one) == hashlib.sha256(b"1").hexdigest()
    assert sha256_of_files([one, two]) != sha256_of_files([two, one])
    joined = tmp_path / "joined"
    joined.write_bytes(b"12")
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert len({sha256_of_files(paths) for paths in ([one, two], [joined], [joined, empty], [])}) == 4


def test_what_killed_processes_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    for name in (".00001.png.4711.partial", "00001.png", "partial", ".lock"):
        (tmp_path / name).write_text("")
    remove_partial_files(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "00001.png", "partial"]
