"""Scoring beside the model: the same scores and the same errors as after it, by processes that are really there."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import scoring_beside
from benchmarks.cell import prepare_cell
from benchmarks.config import CellConfig
from benchmarks.datasets import open_dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import run_masks
from benchmarks.reproduction import NotScoredError, run_and_score
from benchmarks.scoring import score_masks
from benchmarks.scoring_beside import BUSY_BESIDE_GPU, hand_in_finished, processes_beside
from benchmarks.scoring_pool import ScoringPool, ScoringTask
from evaluators import DatasetScore
from reports.run_folder import RunFolder

CellConfigs = Callable[..., CellConfig]

ROOT = Path(__file__).parents[2]


def one_process(_device: str) -> int:
    """As a GPU allows, on the CPU that a test has."""
    return 1


def run(config: CellConfig, *, beside: Callable[[str], int]) -> RunFolder:
    cell = prepare_cell(config, config.variant.checkpoints[0])
    run_and_score(cell, Console(quiet=True), beside=beside)
    return cell.folder


def scores(folder: RunFolder) -> DatasetScore:
    found = folder.read_scores()
    assert found is not None
    return found


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, ...]]:
    """Of each sequence that another process began to score, those whose masks were there by then."""
    seen: dict[str, tuple[str, ...]] = {}
    submit = ScoringPool.submit

    def watched(self: ScoringPool, task: ScoringTask) -> None:
        known = task.name in self._futures
        submit(self, task)
        if known or self._others is None:
            return
        deadline = time.monotonic() + 60
        while not (self._futures[task.name].running() or self._futures[task.name].done()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        folder = Path(task.frames[0].read_predicted.args[0]).parents[2]  # type: ignore[attr-defined]
        seen[task.name] = tuple(sorted(path.stem for path in (folder / "sequences").iterdir()))

    monkeypatch.setattr(ScoringPool, "submit", watched)
    return seen


@pytest.fixture
def own(cell_config: CellConfigs, videos: Path, tmp_path: Path) -> CellConfigs:
    """The two own videos, with runs in a folder of that name."""

    def configure(runs: str, *more: str) -> CellConfig:
        return cell_config("dataset=folder", f"paths.data={videos}", f"paths.runs={tmp_path / runs}", *more)

    return configure


def test_a_sequence_is_scored_while_the_next_is_segmented_and_scores_are_those_of_scoring_afterwards(
    own: CellConfigs, begun: dict[str, tuple[str, ...]]
) -> None:
    beside = run(own("beside"), beside=one_process)
    assert begun == {"cow": ("cow",), "dog": ("cow", "dog")}
    after = run(own("after"), beside=processes_beside)
    assert len(begun) == 2
    assert scores(beside) == scores(after)
    assert beside.read_run().digest == after.read_run().digest


def test_what_was_finished_before_is_handed_in_too(own: CellConfigs, begun: dict[str, tuple[str, ...]]) -> None:
    folder = run(own("runs"), beside=processes_beside)
    before = scores(folder)
    folder.sequence_file("dog").unlink()
    run(own("runs"), beside=one_process)
    assert begun == {"cow": ("cow",), "dog": ("cow", "dog")}
    assert scores(folder) == before
    begun.clear()
    run(own("runs"), beside=one_process)  # of a run that is finished there is nothing to be beside
    assert begun == {}


def test_a_sequence_without_truth_enough_is_not_handed_in(
    own: CellConfigs, videos: Path, begun: dict[str, tuple[str, ...]]
) -> None:
    for path in sorted((videos / "Annotations/cow").iterdir())[1:]:
        path.unlink()
    folder = run(own("runs"), beside=one_process)
    assert list(begun) == ["dog"]
    assert [one.name for one in scores(folder).sequences] == ["dog"]


def test_the_local_g_of_youtube_vos_is_that_of_scoring_afterwards(
    cell_config: CellConfigs,
    youtube_2018: Path,
    add_truth: Callable[[Path], None],
    tmp_path: Path,
    begun: dict[str, tuple[str, ...]],
) -> None:
    add_truth(youtube_2018)
    given = ("dataset=youtube18_val", f"paths.data={youtube_2018}", "dataset.seen_categories=[person]")
    beside, after = (
        run(cell_config(*given, f"paths.runs={tmp_path / name}"), beside=how)
        for name, how in (("beside", one_process), ("after", processes_beside))
    )
    assert begun == {"0late": ("0late",), "simple": ("0late", "simple")}
    assert scores(beside) == scores(after)
    overall = scores(beside).overall
    assert overall is not None
    assert (overall.seen_objects, overall.unseen_objects) == (2, 1)


def test_a_truth_mask_that_is_damaged_stops_no_run_and_is_told_after_it(
    cell_config: CellConfigs, davis_2016: Path, begun: dict[str, tuple[str, ...]]
) -> None:
    truth = davis_2016 / "DAVIS/2016/Annotations/480p/cow/00003.png"
    truth.write_bytes(truth.read_bytes()[:60])
    config = cell_config("dataset=davis16_val", f"paths.data={davis_2016}")
    with pytest.raises(NotScoredError, match=f"^{truth}: expected a mask image, found a damaged one"):
        run(config, beside=one_process)
    assert list(begun) == ["cow", "dog"]
    folder = prepare_cell(config, config.variant.checkpoints[0]).folder
    assert [one.name for one in folder.read_sequences()] == ["cow", "dog"]
    assert "2 of 20 sequences, 0 scored" in folder.table_file.read_text()


def test_truth_of_which_it_cannot_be_told_whether_it_can_be_scored_is_left_for_after_the_run(
    own: CellConfigs, videos: Path
) -> None:
    config = own("runs")
    cell = prepare_cell(config, config.variant.checkpoints[0])
    (videos / "Annotations/dog/00000.png").write_bytes(b"")
    with ScoringPool(processes=1) as pool:
        hand_in_finished(cell.dataset, cell.folder, protocol=config.dataset.scoring, pool=pool)("dog")
        assert pool._futures == {}


def test_a_mask_that_is_gone_is_an_error_at_once(own: CellConfigs, videos: Path) -> None:
    config = own("runs")
    folder = run(config, beside=processes_beside)
    dataset = open_dataset(config.dataset, data=videos, size=None)
    protocol = config.dataset.scoring
    (folder.masks / "cow/00002.png").unlink()
    with ScoringPool(processes=2) as pool:
        hand_in = hand_in_finished(dataset, folder, protocol=protocol, pool=pool)
        for name in ("cow", "dog"):
            hand_in(name)
        with pytest.raises(InputError, match=f"^{folder.masks}/cow/00002.png: expected a mask, found no such file"):
            score_masks(dataset, run_masks(folder), protocol=protocol, pool=pool)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes started meanwhile obey SIGINT, which those of a shell's background job would inherit as ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


BESIDE = """
from functools import partial
from benchmarks import reproduction, run
from benchmarks.command_line import run_with_hydra
reproduction.run_and_score = partial(reproduction.run_and_score, beside=lambda device: 1)
run_with_hydra(run.main, config_name="run")
"""


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_that_comes_to_all_processes_leaves_one_line(
    tiny: tuple[str, ...], tmp_path: Path, write_video: Callable[..., None]
) -> None:
    data = tmp_path / "videos"
    write_video(data / "JPEGImages/a", data / "Annotations/a", frames=4)
    write_video(data / "JPEGImages/b", data / "Annotations/b", frames=300)
    command = [sys.executable, "-c", BESIDE, *tiny, "dataset=folder", f"paths.data={data}"]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("runs/folder/*/masks/b/00050.png")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert len(children) == 2  # multiprocessing's own, and the one that scores
    assert (process.returncode, errors) == (130, "interrupted; the same command continues with what is not finished\n")


def test_a_cpu_scores_nothing_beside_the_model_and_a_gpu_what_its_host_has_cores_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for cores in (1, BUSY_BESIDE_GPU, BUSY_BESIDE_GPU + 3):
        monkeypatch.setattr(scoring_beside, "usable_processors", lambda cores=cores: set(range(cores)))
        assert processes_beside("cpu") == 0
        assert processes_beside("cuda") == max(0, cores - BUSY_BESIDE_GPU)
