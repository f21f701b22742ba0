"""What is compiled is loaded beside torch, and a compiler that is of no use is an error."""

import subprocess
import sys
from pathlib import Path

import pytest

from xmem.engine import CompilerError
from xmem.engine.native.library import load_library

load_anew = load_library.__wrapped__


@pytest.mark.parametrize(
    ("compiler", "message"),
    [
        (
            "/nonexistent/g++",
            r"^expected /nonexistent/g\+\+ to make a library .* No such file or directory: '/nonexistent",
        ),
        ("false", r"^expected false to compile .*native, found: nothing that it said$"),
        ("g++ -lnowhere", r"^expected g\+\+ to compile .*native, found: .*cannot find -lnowhere"),
        ("g++ -include nothing.hpp", r"^expected g\+\+ to compile .*native, found: .*error: nothing.hpp: No such file"),
    ],
)
def test_a_compiler_that_fails_is_an_error(compiler: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", compiler)
    with pytest.raises(CompilerError, match=message):
        load_anew()


def test_a_compiler_that_makes_something_else_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "c++"
    script.write_text('#!/bin/sh\nfor last; do :; done\necho "not a library" > "$last"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    with pytest.raises(CompilerError, match=r"^expected .*c\+\+ to make a library .*too short$"):
        load_anew()


def test_no_room_for_what_it_makes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(CompilerError, match=r"TMPDIR another folder\), found: .*nowhere/xmem-"):
        load_anew()


def test_the_compiler_has_nothing_to_warn_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "g++ -Wall -Wextra -Wshadow -Werror")
    load_anew()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert load_anew().panel_width() in {8, 16, 32}
    assert list(tmp_path.iterdir()) == []


def test_its_threads_are_those_of_torch() -> None:
    """In a process of its own, where nobody else begins threads."""
    code = """
import os
import torch
from torch import nn
from xmem.engine.native import NativeConv2d
torch.set_num_threads(3)
with torch.inference_mode():
    native, x = NativeConv2d(nn.Conv2d(64, 64, 3, padding=1)), torch.zeros(1, 64, 64, 64)
    torch.zeros(10**7).relu_()
    before = len(os.listdir("/proc/self/task"))
    native(x)
    print(before, len(os.listdir("/proc/self/task")))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    before, after = map(int, done.stdout.split())
    assert before == after >= 3
