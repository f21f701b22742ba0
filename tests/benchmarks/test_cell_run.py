"""Repeats of a cell: timed again, compared, and scored where they differ."""

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch
from rich.console import Console

from benchmarks import cell_run, reproduction
from benchmarks.cell import Cell, prepare_cell
from benchmarks.config import CellConfig
from benchmarks.errors import InputError
from benchmarks.masks import read_mask
from benchmarks.progress import RunProgress
from reports.cell_table import run_table
from reports.result import read_result
from reports.run_folder import RunFolder
from xmem import XMem

CellConfigs = Callable[..., CellConfig]
RunCell = Callable[[CellConfig], Cell]
Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def same(cell_config: CellConfigs, videos: Path) -> CellConfigs:
    """The tiny network on the two own videos."""
    return lambda *overrides: cell_config("dataset=folder", f"paths.data={videos}", *overrides)


@pytest.fixture
def noisy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network whose answers hang on random numbers, as those of a device may that adds in any order."""
    segment = XMem.segment

    def disturbed(self: XMem, *args: object, **kwargs: object) -> object:
        logits, sensory = segment(self, *args, **kwargs)  # type: ignore[arg-type]
        return logits + 3 * torch.randn_like(logits), sensory

    monkeypatch.setattr(XMem, "segment", disturbed)
    return


def score(config: CellConfig) -> RunFolder:
    """The cell, run and scored."""
    reproduction.reproduce(config, config.variant.checkpoints[0], Console(quiet=True))
    return prepare_cell(config, config.variant.checkpoints[0]).folder


def test_repeats_with_equal_masks_are_called_deterministic_and_only_timed(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same("repeats=3")).folder
    record = folder.read_determinism()
    assert record is not None
    assert (record.verdict, record.n) == ("deterministic, n = 3", 3)
    seeds = []
    for number in (1, 2, 3):
        cow, dog = folder.read_sequences(repeat=number)
        assert len(cow.milliseconds) == 5
        assert cow.wall_seconds is not None
        assert cow.seed == dog.seed
        seeds.append(cow.seed)
    assert seeds == [0, 1, 2]
    assert not (folder.repeat(2).masks).exists()
    assert len(list(folder.masks.rglob("*.png"))) == 11


def test_deterministic_repeats_have_a_spread_of_speed_and_none_of_accuracy(same: CellConfigs) -> None:
    folder = score(same("repeats=2"))
    result = read_result(folder)
    assert (len(result.timed), len(result.scores)) == (2, 1)
    table = run_table(folder)
    assert "Masks of repeats: deterministic, n = 2." in table
    assert "FPS: mean ± sample standard deviation (n = 2 timings)" in table
    assert "± 0.0 " not in table


@pytest.mark.usefixtures("noisy")
def test_repeats_that_differ_are_scored_and_the_first_difference_is_named(same: CellConfigs) -> None:
    folder = score(same("repeats=3"))
    result = read_result(folder)
    assert result.determinism is not None
    assert {one.repeat for one in result.determinism.differences} == {2, 3}
    first = result.determinism.differences[0]
    frames = [path.stem for path in sorted((folder.masks / first.sequence).iterdir())]
    same_mask = [
        (
            read_mask(folder.masks / first.sequence / f"{frame}.png")
            == read_mask(folder.repeat(2).masks / first.sequence / f"{frame}.png")
        ).all()
        for frame in frames
    ]
    assert frames[same_mask.index(False)] == first.frame
    values = [one.j_and_f for one in result.scores]
    assert len(values) == 3
    assert len(set(values)) == 3
    assert f"first differ in sequence {first.sequence}, frame {first.frame}; J&F " in run_table(folder)
    assert "(n = 3 repeats that differ)" in run_table(folder)


@pytest.mark.usefixtures("noisy")
def test_a_repeat_can_be_had_again_by_its_seed(same: CellConfigs, run_cell: RunCell, contents: Contents) -> None:
    folder = run_cell(same("repeats=2")).folder
    again = run_cell(same("seed=1")).folder
    assert again != folder
    assert contents(again.masks) == contents(folder.repeat(2).masks)
    assert contents(again.masks) != contents(folder.masks)


@pytest.mark.usefixtures("noisy")
def test_a_repeat_that_was_not_asked_for_and_is_broken_stops_nothing(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same("repeats=3")).folder
    shutil.rmtree(folder.repeat(3).masks)
    score(same("repeats=2"))
    result = read_result(folder)
    assert result.determinism is not None
    assert result.determinism.n == 2
    assert len(result.scores) == 2
    run_cell(same("repeats=3"))
    record = folder.read_determinism()
    assert record is not None
    assert record.n == 3


def test_of_each_sequence_it_is_told_once_that_its_masks_are_complete_be_it_before_or_now(
    same: CellConfigs, quiet: RunProgress
) -> None:
    told: list[str] = []
    for _ in range(2):
        config = same("repeats=2")
        cell_run.run_cell(prepare_cell(config, config.variant.checkpoints[0]), quiet, tell_finished=told.append)
    assert told == ["cow", "dog"] * 2


def test_more_repeats_go_on_where_fewer_ended(same: CellConfigs, run_cell: RunCell, contents: Contents) -> None:
    folder = run_cell(same()).folder
    before = contents(folder.path)
    assert folder.read_determinism() is None
    assert run_cell(same("repeats=2")).folder == folder
    twice = contents(folder.path)
    assert {name: twice[name] for name in before if name != "run.json"} == {
        name: content for name, content in before.items() if name != "run.json"
    }
    run_cell(same("repeats=2"))
    run_cell(same())
    assert contents(folder.path) == twice  # nothing was done again, and what was repeated is not forgotten
    assert folder.read_run().cell["repeats"] == 2


def test_a_repeat_that_was_interrupted_is_finished(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same("repeats=2")).folder
    kept = folder.repeat(2).sequence_file("cow").read_bytes()
    folder.repeat(2).sequence_file("dog").unlink()
    folder.determinism_file.unlink()
    assert len(read_result(folder).repeats) == 0  # half a repeat is none
    run_cell(same("repeats=2"))
    assert folder.repeat(2).sequence_file("cow").read_bytes() == kept
    assert len(read_result(folder).repeats) == 1
    assert folder.determinism_file.exists()


def test_a_repeat_whose_masks_are_gone_is_run_again(same: CellConfigs, run_cell: RunCell) -> None:
    folder = run_cell(same("repeats=2")).folder
    record = folder.repeat(2).read_sequence("dog")
    assert record is not None
    other = dataclasses.replace(record, masks_sha256="0" * 64)
    folder.repeat(2).sequence_file("dog").write_bytes(msgspec.json.encode(other))
    run_cell(same("repeats=2"))
    again = folder.repeat(2).read_sequence("dog")
    assert again is not None
    assert again.masks_sha256 == record.masks_sha256


def test_a_repeat_whose_masks_were_those_of_a_first_that_had_to_be_run_again_is_run_again_too(
    same: CellConfigs, run_cell: RunCell
) -> None:
    folder = run_cell(same("repeats=2")).folder
    for number in (1, 2):  # both as of other masks, which were kept once
        record = folder.repeat(number).read_sequence("dog")
        assert record is not None
        other = dataclasses.replace(record, masks_sha256="0" * 64)
        folder.repeat(number).sequence_file("dog").write_bytes(msgspec.json.encode(other))
    run_cell(same("repeats=2"))
    assert {folder.repeat(number).read_sequence("dog").masks_sha256 for number in (1, 2)} == {record.masks_sha256}  # type: ignore[union-attr]


@pytest.mark.parametrize("override", ["repeats=0", "repeats=1001", "seed=-1", "seed=4294967296"])
def test_numbers_out_of_range_are_refused(same: CellConfigs, override: str) -> None:
    with pytest.raises(InputError, match=f"expected {override.partition('=')[0]} in "):
        same(override)
