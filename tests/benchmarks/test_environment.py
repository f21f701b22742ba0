import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import environment
from benchmarks.computer import describe_computer, peak_memory_bytes
from benchmarks.environment import DECIDING, Computer, describe_environment

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")
COMPUTER = Computer(device="cpu", gpu=None, driver=None, threads=2)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources that decide masks, to be changed."""
    root = tmp_path / "checkout"
    for pattern in DECIDING:
        for path in ROOT.glob(pattern):
            copy = root / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    monkeypatch.setattr(environment, "ROOT", root)
    return root


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_machine_and_its_libraries_are_named() -> None:
    torch.set_num_threads(2)
    record = describe_environment(describe_computer(CPU))
    assert (record.device, record.gpu, record.driver) == ("cpu", None, None)
    assert record.threads == 2
    assert record.python == platform.python_version()
    assert record.packages["torch"] == torch.__version__
    assert set(record.packages) == {"torch", "numpy", "opencv-python-headless", "pillow"}
    assert record.cpu
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    assert all(record.cpu in name for name in names[:1])
    assert record.decoder == f"opencv {record.packages['opencv-python-headless']}"


@pytest.mark.gpu
def test_a_gpu_is_named_with_its_driver() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    record = describe_environment(describe_computer(torch.device("cuda")))
    assert (record.device, record.gpu) == ("cuda", torch.cuda.get_device_name())
    assert re.fullmatch(r"[0-9]+(\.[0-9]+)+", record.driver or "")


def test_the_commit_and_whether_it_was_modified_are_told(checkout: Path) -> None:
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "all")
    record = describe_environment(COMPUTER)
    assert (record.commit, record.modified) == (git(checkout, "rev-parse", "HEAD"), False)
    (checkout / "new").write_text("")
    record = describe_environment(COMPUTER)
    assert (record.commit, record.modified) == (git(checkout, "rev-parse", "HEAD"), True)


@pytest.mark.usefixtures("checkout")
def test_outside_a_checkout_there_is_no_commit() -> None:
    record = describe_environment(COMPUTER)
    assert (record.commit, record.modified) == (None, None)


def test_without_git_there_is_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    record = describe_environment(COMPUTER)
    assert (record.commit, record.modified) == (None, None)


def test_every_source_that_decides_masks_changes_the_hash(checkout: Path) -> None:
    hashes = {describe_environment(COMPUTER).code_sha256}
    sources = sorted(path for path in checkout.rglob("*") if path.is_file())
    named = {
        "runner.py",
        "ensemble.py",
        "frames.py",
        "masks.py",
        "device.py",
        "tracker.py",
        "network.py",
        "tiles.cpp",
        "vectors.hpp",
    }
    assert named <= {path.name for path in sources}
    for path in sources:
        content = path.read_text()
        path.write_text(content + "\n# a change\n")
        hashes.add(describe_environment(COMPUTER).code_sha256)
        path.write_text(content)
    assert len(hashes) == len(sources) + 1
    (checkout / "benchmarks/score.py").write_text("")
    assert describe_environment(COMPUTER).code_sha256 in hashes
    sources[-1].rename(sources[-1].with_stem(f"{sources[-1].stem}_"))
    assert describe_environment(COMPUTER).code_sha256 not in hashes


def test_every_pattern_of_deciding_sources_matches_some() -> None:
    assert [pattern for pattern in DECIDING if not list(ROOT.glob(pattern))] == []


def test_peak_memory_covers_what_was_held() -> None:
    before = peak_memory_bytes(CPU)
    held = bytearray(b"\1") * (before + 50_000_000)
    assert peak_memory_bytes(CPU) >= len(held)


def test_peak_memory_of_a_new_process_is_its_own() -> None:
    held = bytearray(b"\1") * 1_000_000_000
    code = "import torch; from benchmarks.computer import *; print(peak_memory_bytes(torch.device('cpu')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert 0 < int(done.stdout) < len(held)
