"""Scoring in several processes: the same scores, the same errors, and no hanging."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import UInt8

from benchmarks.cell import Cell
from benchmarks.config import CellConfig, DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import open_masks
from benchmarks.scoring import score_masks, scoring_task
from benchmarks.scoring_pool import ScoringPool, ScoringTask
from evaluators import FramePair, ScoringError, ScoringProtocol, SequenceScore

EntryPoint = Callable[..., tuple[int, str, str]]

PROTOCOL = ScoringProtocol.FIRST_APPEARANCE


@pytest.fixture
def dataset(videos: Path) -> Dataset:
    config = DatasetConfig(name="folder", title="own videos", layout=Layout.FOLDER, root=".", scoring=PROTOCOL)
    return open_dataset(config, data=videos, size=None)


@pytest.fixture(scope="module")
def shared() -> Iterator[ScoringPool]:
    """Two processes, this one among them. The other takes half a second to begin."""
    with ScoringPool(processes=2) as pool:
        yield pool


def truth(*, label: int = 1) -> UInt8[np.ndarray, "height width"]:
    mask = np.zeros((24, 32), np.uint8)
    mask[5:15, 8:20] = label
    return mask


def shifted(by: int) -> UInt8[np.ndarray, "height width"]:
    return np.roll(truth(), by, axis=1)


def slowly(seconds: float) -> UInt8[np.ndarray, "height width"]:
    time.sleep(seconds)
    return truth()


def unusable() -> UInt8[np.ndarray, "height width"]:
    raise InputError("here: expected a mask, found none; add it")


def own_process(path: Path) -> UInt8[np.ndarray, "height width"]:
    path.write_text(str(os.getpid()))
    return truth()


def ending() -> UInt8[np.ndarray, "height width"]:
    os.kill(os.getpid(), signal.SIGKILL)
    return truth()


def task(name: str, *readers: Callable[[], UInt8[np.ndarray, "height width"]]) -> ScoringTask:
    frames = [
        FramePair(name=f"{index:05d}", read_predicted=reader, read_truth=truth)
        for index, reader in enumerate((truth, *readers))
    ]
    return ScoringTask(name=name, frames=tuple(frames), protocol=PROTOCOL, listed={})


def ignore(_frames: int) -> None: ...


def begin(pool: ScoringPool, one: ScoringTask) -> None:
    """Hand in, and wait until another process has it: then no longer is it for this one."""
    pool.submit(one)
    future = pool._futures[one.name]
    deadline = time.monotonic() + 30
    while not (future.running() or future.done()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_scores_come_in_the_order_of_the_tasks_whoever_found_them(shared: ScoringPool) -> None:
    tasks = [task(f"order-{by}", partial(shifted, by)) for by in (3, 0, 5, 1, 2)]
    told: list[int] = []
    scores = shared.scores(tasks, advance=told.append)
    assert scores == [one.score() for one in tasks]
    assert [score.name for score in scores] == [one.name for one in tasks]
    assert told == [2] * 5


def test_what_was_handed_in_is_scored_by_another_process_once(shared: ScoringPool, tmp_path: Path) -> None:
    one = task("early", partial(own_process, tmp_path / "process"))
    begin(shared, one)
    (score,) = shared.scores([one], advance=ignore)
    assert score == task("early", truth).score()
    assert int((tmp_path / "process").read_text()) != os.getpid()
    (tmp_path / "process").unlink()
    assert shared.scores([one], advance=ignore) == [score]
    assert not (tmp_path / "process").exists()


def test_this_process_does_not_wait_while_there_is_something_to_score(shared: ScoringPool, tmp_path: Path) -> None:
    tasks = [task("slow", partial(slowly, 0.5)), task("other", partial(slowly, 0.5))]
    begin(shared, tasks[0])
    mine = [task(f"mine-{index}", partial(own_process, tmp_path / str(index))) for index in range(4)]
    shared.scores([*tasks, *mine], advance=ignore)
    assert int((tmp_path / "3").read_text()) == os.getpid()


@pytest.mark.parametrize(
    ("reader", "kind", "message"),
    [
        (unusable, InputError, "here: expected a mask, found none; add it"),
        (partial(truth, label=7), ScoringError, "predicted label 7 is none of the truth's objects 1"),
    ],
)
def test_errors_of_other_processes_are_those_of_this_one(
    shared: ScoringPool, reader: Callable[[], np.ndarray], kind: type[Exception], message: str
) -> None:
    one = task(f"bad {kind.__name__}", reader)
    with pytest.raises(kind) as here:
        one.score()
    begin(shared, one)
    with pytest.raises(kind) as there:
        shared.scores([one], advance=ignore)
    assert message in str(there.value)
    assert str(there.value) == str(here.value)


def test_a_process_that_is_killed_is_an_error_and_no_hang() -> None:
    with ScoringPool(processes=2) as pool:
        one = task("killed", ending)
        begin(pool, one)
        with pytest.raises(InputError, match="sequence killed: expected a score, but the process that was to find it"):
            pool.scores([one], advance=ignore)


def test_what_is_handed_in_after_a_process_was_killed_is_no_error_before_its_score_is_asked_for() -> None:
    with ScoringPool(processes=2) as pool:
        begin(pool, task("killed", ending))
        pool._futures["killed"].exception(timeout=30)
        later = task("later", truth)
        pool.submit(later)
        with pytest.raises(InputError, match="sequence later: expected a score, but the process that was to find it"):
            pool.scores([later], advance=ignore)


def test_ctrl_c_is_left_to_the_process_that_asked() -> None:
    with ScoringPool(processes=2) as pool:
        one = task("interrupted", *[partial(slowly, 0.2)] * 5)
        begin(pool, one)
        (other,) = pool._others._processes.values()  # type: ignore[union-attr]
        os.kill(other.pid, signal.SIGINT)  # type: ignore[arg-type]
        assert pool.scores([one], advance=ignore) == [task("interrupted", *[truth] * 5).score()]


def test_leaving_does_not_wait_for_what_nobody_has_begun() -> None:
    began = time.monotonic()
    with ScoringPool(processes=2) as pool:
        begin(pool, task("first", partial(slowly, 0.1)))
        for index in range(50):
            pool.submit(task(f"later-{index}", partial(slowly, 1.0)))
    assert time.monotonic() - began < 15  # not 50


def test_masks_of_every_kind_can_be_read_by_other_processes(  # noqa: PLR0917 - fixtures
    cell_config: Callable[..., CellConfig],
    run_cell: Callable[[CellConfig], Cell],
    videos: Path,
    tmp_path: Path,
    entry_point: EntryPoint,
    dataset: Dataset,
) -> None:
    folder = run_cell(cell_config("dataset=folder", f"paths.data={videos}")).folder
    zipped = shutil.make_archive(str(tmp_path / "masks"), "zip", folder.path, "masks")
    archive = tmp_path / "masks.json"
    assert entry_point("archive", f"masks={folder.masks}", f"output={archive}")[0] == 0
    for path in (folder.path, folder.masks, zipped, archive):
        with open_masks(Path(path)) as masks, ScoringPool(processes=2) as pool:
            for sequence in dataset.sequences:
                begin(pool, scoring_task(sequence, masks, protocol=PROTOCOL))
            score = score_masks(dataset, masks, protocol=PROTOCOL, pool=pool)
            assert score == score_masks(dataset, masks, protocol=PROTOCOL, pool=ScoringPool(processes=1))


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one process that scores, got 0"):
        ScoringPool(processes=0)


def test_nothing_is_begun_for_one_process() -> None:
    before = threading.active_count()
    pool = ScoringPool(processes=1)
    pool.submit(task("one", truth))
    assert threading.active_count() == before
    scores: list[SequenceScore] = pool.scores([task("one", truth)], advance=ignore)
    assert [score.name for score in scores] == ["one"]
