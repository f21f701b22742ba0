"""A finished run is known without torch, and only as long as torch would say the same."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from benchmarks import circumstances as module
from benchmarks import computer
from benchmarks.cell import Cell, prepare_cell
from benchmarks.circumstances import circumstances, known_computer
from benchmarks.config import CellConfig
from benchmarks.environment import Computer
from benchmarks.errors import InputError
from reports.run_folder import RunFolder

CellConfigs = Callable[..., CellConfig]
RunCell = Callable[[CellConfig], Cell]
Finish = Callable[..., tuple[int, str, str]]

TORCH = re.compile(r"^import time: .*\| +torch$", re.MULTILINE)
COMPUTER = Computer(device="cpu", gpu=None, driver=None, threads=1)


@pytest.fixture
def same(cell_config: CellConfigs, videos: Path) -> CellConfigs:
    """The tiny network on one of the own videos."""
    return lambda *overrides: cell_config("dataset=folder", f"paths.data={videos}", "sequences=[cow]", *overrides)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Computer]:
    """What torch answered, each time that it was asked."""
    answers: list[Computer] = []
    choose = computer.choose_computer

    def ask(config: CellConfig) -> Computer:
        answers.append(choose(config))
        return answers[-1]

    monkeypatch.setattr(computer, "choose_computer", ask)
    return answers


def prepare(config: CellConfig) -> Cell:
    return prepare_cell(config, config.variant.checkpoints[0])


def rewrite(folder: RunFolder, **changes: object) -> None:
    """Change what the record of a run says."""
    folder.run_file.write_bytes(msgspec.json.encode(dataclasses.replace(folder.read_run(), **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("more", [(), ("device=auto", "repeats=2", "keep_probabilities=true")])
def test_a_finished_cell_is_verified_scored_and_tabulated_without_torch(
    finish: Finish, tiny: tuple[str, ...], videos: Path, more: tuple[str, ...]
) -> None:
    arguments = (*tiny, "dataset=folder", f"paths.data={videos}", *more)
    runs = [finish("benchmarks.run", *arguments, options=("-X", "importtime")) for _ in range(2)]
    assert [status for status, _, _ in runs] == [0, 0], runs
    (_, first, imported), (_, second, imported_again) = runs
    assert TORCH.search(imported)
    assert not TORCH.search(imported_again)
    assert "dog: finished before\n" in second
    assert first[first.index("\n\n") :] == second[second.index("\n\n") :]  # the same tables


def test_a_sweep_of_finished_cells_needs_no_torch(finish: Finish, tiny: tuple[str, ...], videos: Path) -> None:
    arguments = ("-m", *tiny, "dataset=folder", f"paths.data={videos}", "sequences=[cow]", "memory.top_k=20,30")
    assert finish("benchmarks.run", *arguments)[0] == 0
    status, output, imported = finish("benchmarks.run", *arguments, options=("-X", "importtime"))
    assert (status, output.count("cow: finished before\n")) == (0, 2)
    assert not TORCH.search(imported)


def test_torch_is_asked_until_the_cell_is_finished_and_then_no_more(
    same: CellConfigs, run_cell: RunCell, asked: list[Computer]
) -> None:
    folder = run_cell(same()).folder
    assert len(asked) == 1
    assert run_cell(same()).folder == folder
    assert len(asked) == 1
    (folder.masks / "cow/00002.png").unlink()
    assert prepare(same()).left == {(1, "cow")}
    assert len(asked) == 2
    run_cell(same("repeats=2"))
    assert len(asked) == 3


@pytest.mark.parametrize("override", ["device=auto", "threads=2", "precision=bf16", "memory.top_k=20"])
def test_whoever_asks_for_something_else_has_torch_asked(
    same: CellConfigs, run_cell: RunCell, asked: list[Computer], override: str
) -> None:
    run_cell(same())
    prepare(same(override))
    assert len(asked) == 2


def test_a_device_that_is_not_there_is_an_error_beside_finished_runs_too(same: CellConfigs, run_cell: RunCell) -> None:
    run_cell(same())
    for override, refusal in (
        ("device=gpu", "device: expected auto, cpu or cuda"),
        ("precision=amp", "float16 autocast, which is for CUDA"),
        ("engine=graphs", "engine=graphs is for device=cuda"),
    ):
        with pytest.raises(InputError, match=refusal):
            prepare(same(override))


def test_a_run_of_before_is_known_once_it_was_asked_for_again(
    same: CellConfigs, run_cell: RunCell, asked: list[Computer]
) -> None:
    folder = run_cell(same()).folder
    before = folder.read_run()
    rewrite(folder, circumstances=None)
    run_cell(same())
    assert len(asked) == 2
    assert folder.read_run() == before
    run_cell(same())
    assert len(asked) == 2


def test_what_a_record_claims_is_not_believed_where_something_is_run(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same()).folder
    true = folder.read_run()
    lie = dataclasses.replace(true.environment, threads=99)
    rewrite(folder, environment=lie)
    cell = prepare(same())  # with 99 threads it would be another run, which is not there
    assert (cell.record.digest, cell.record.environment.threads) == (true.digest, 1)


def test_runs_that_contradict_each_other_or_are_damaged_are_not_believed(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same()).folder
    there = circumstances(same())
    assert known_computer(same(), there) == COMPUTER
    assert known_computer(same(), "another") is None
    other = RunFolder(folder.path.with_name(f"{folder.read_run().name}-{'0' * 8}"))
    other.path.mkdir()
    other.run_file.write_bytes(b"{}")
    assert known_computer(same(), there) == COMPUTER
    other.run_file.write_bytes(folder.run_file.read_bytes())
    assert known_computer(same(), there) == COMPUTER
    rewrite(other, environment=dataclasses.replace(folder.read_run().environment, threads=2))
    assert known_computer(same(), there) is None


def test_circumstances_change_with_all_that_torch_looks_at(
    same: CellConfigs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "ROOT", tmp_path)
    seen = {circumstances(same())}

    def look() -> None:
        assert circumstances(same()) not in seen
        seen.add(circumstances(same()))
        assert circumstances(same()) in seen

    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "PYTORCH_NVML_BASED_CUDA_CHECK"):
        monkeypatch.setenv(name, "3")
        look()
        monkeypatch.setenv(name, "4")
        look()
    for file in ("version", "gpus/0000:01:00.0/information"):
        path = tmp_path / "proc/driver/nvidia" / file
        path.parent.mkdir(parents=True)
        for content in ("one", "another"):
            path.write_text(content)
            look()
    monkeypatch.setattr(module, "STARTED_WITH", tmp_path / "environ")
    for value in ("/one", "/another"):
        (tmp_path / "environ").write_text(f"HOME=/root\0LD_LIBRARY_PATH={value}\0")
        look()
    monkeypatch.setenv("LD_LIBRARY_PATH", "/as OpenCV changes it")
    assert circumstances(same()) in seen
    (tmp_path / "dev").mkdir()
    for file in ("dev/nvidia0", "proc/driver/nvidia/capabilities/gpu0/mig/gi1"):
        (tmp_path / file).mkdir(parents=True)
        look()
    monkeypatch.setattr(module, "version", lambda _: "99")
    look()
    monkeypatch.setattr(module, "cpu_name", lambda: "another")
    look()
    monkeypatch.setattr(module, "usable_processors", lambda: {77})
    look()
    monkeypatch.setenv("HOME", "elsewhere")
    assert circumstances(same()) in seen
