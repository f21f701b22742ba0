"""What a stand-in for NVIDIA's tool says becomes what a run records."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from benchmarks.gpu_watch import GpuWatch, read_slowdowns
from reports.device_use import GpuUse

CUDA = torch.device("cuda")


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes `nvidia-smi` a script that tells what is in two files; it keeps what it was asked in a third."""
    script = tmp_path / "bin/nvidia-smi"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n'
        f'case "$*" in *compute-apps*) cat {tmp_path}/processes;; *loop*) cat {tmp_path}/reasons; exec sleep 60;;\n'
        f"*) tail -n 1 {tmp_path}/reasons;; esac\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(uuid="123-456"))
    (tmp_path / "processes").write_text("77\n")
    (tmp_path / "reasons").write_text("0x0000000000000000\n")
    return tmp_path


def test_an_undisturbed_gpu_has_no_other_process_and_no_slowdown(driver: Path) -> None:
    assert GpuWatch(CUDA).use() == GpuUse(processes=0, slowdowns=())
    assert all("--id=GPU-123-456" in line for line in (driver / "asked").read_text().splitlines())


def test_processes_that_come_or_go_are_counted(driver: Path) -> None:
    (driver / "processes").write_text("77\n78\n79\n")
    watch = GpuWatch(CUDA)
    (driver / "processes").write_text("77\n")
    assert watch.use().processes == 2
    watch = GpuWatch(CUDA)
    (driver / "processes").write_text("77\n80\n")
    assert watch.use().processes == 1


def test_a_driver_that_lists_not_even_us_tells_nothing_of_others(driver: Path) -> None:
    for before, after in (("", ""), ("77\n", ""), ("", "77\n")):
        (driver / "processes").write_text(before)
        watch = GpuWatch(CUDA)
        (driver / "processes").write_text(after)
        assert watch.use().processes is None


def test_a_slowdown_after_an_hour_is_seen(driver: Path) -> None:
    (driver / "reasons").write_text("0x0000000000000040\n" + "0x0000000000000000\n" * 7200)
    watch = GpuWatch(CUDA)
    time.sleep(1)  # for the stand-in says all at once
    assert watch.use().slowdowns == ("heat (hardware)",)


def test_a_tool_that_holds_its_answers_back_is_asked_once_more(driver: Path) -> None:
    script = driver / "bin/nvidia-smi"
    script.write_text(script.read_text().replace(f"*loop*) cat {driver}/reasons;", "*loop*) "))
    (driver / "reasons").write_text("0x0000000000000080\n")
    began = time.monotonic()
    assert GpuWatch(CUDA).use().slowdowns == ("power brake",)
    assert time.monotonic() - began < 30  # it would never have said anything


@pytest.mark.usefixtures("driver")
def test_the_tool_is_stopped_and_not_waited_for() -> None:
    began = time.monotonic()
    assert GpuWatch(CUDA).use().slowdowns == ()
    assert time.monotonic() - began < 30  # it would sleep for a minute


def test_what_the_driver_does_not_tell_is_not_taken_for_nothing(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (driver / "reasons").write_text('Field "clocks_event_reasons.active" is not a valid field to query.\n')
    assert GpuWatch(CUDA).use().slowdowns is None
    monkeypatch.setenv("PATH", "")
    assert GpuWatch(CUDA).use() == GpuUse(processes=None, slowdowns=None)


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ("0x0000000000000000\n", ()),
        ("0x0000000000000001\n0x0000000000000004\n0x0000000000000002\n", ()),  # idle, at its power cap, clocks set
        ("0x0000000000000044\n0x0000000000000008\n", ("hardware slowdown", "heat (hardware)")),
        ("0x00000000000000a0\n", ("heat (software)", "power brake")),
        ("[N/A]\n", None),
        ("", None),
    ],
)
def test_bits_are_reasons(answers: str, reasons: tuple[str, ...] | None) -> None:
    assert read_slowdowns(answers) == reasons
