"""A cell from beginning to end: prepared, run, scored and tabulated; or, in a sweep, recorded as not run."""

import shlex
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from rich.console import Console

from benchmarks.artifacts import write_atomically, write_record
from benchmarks.cell import Cell, prepare_cell
from benchmarks.cell_run import run_cell
from benchmarks.config import CellConfig, to_plain
from benchmarks.datasets import Dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import run_masks
from benchmarks.progress import RunProgress
from benchmarks.repeat_scores import score_repeats
from benchmarks.scoring import Scorable, find_scorable, score_overall, scoring_pool
from benchmarks.scoring_beside import hand_in_finished, processes_beside
from benchmarks.scoring_pool import ScoringPool
from evaluators import DatasetScore, ScoringError
from reports.cell_table import run_table
from reports.records import SCHEMA, Lack, NotRunRecord
from reports.run_folder import RunFolder, RunFolderError, not_run_file, read_not_run


class NotScoredError(InputError):
    """A run is finished, but could not be scored."""


def reproduce(config: CellConfig, checkpoint: str, console: Console) -> None:
    """Segment, score and tabulate a cell with one of its variant's checkpoints. What is finished is not done again.

    Raises:
        InputError: something it needs is missing, unusable, or does not go with the rest.
        NotScoredError: it was run, but cannot be scored.
        RunFolderError: what an earlier run left is damaged.
    """
    run_and_score(prepare_cell(config, checkpoint), console)
    _forget_not_run(config, checkpoint)


def run_and_score(cell: Cell, console: Console, *, beside: Callable[[str], int] = processes_beside) -> None:
    """Segment, score and tabulate a cell that is prepared.

    Args:
        cell: to run.
        console: where to show it.
        beside: how many processes may score while a device, `cpu` or `cuda`, computes.

    Raises:
        InputError: input is unusable, or results cannot be written.
        NotScoredError: it was run, but cannot be scored.
        RunFolderError: what an earlier run left is damaged.
    """
    config, dataset, folder = cell.config, cell.dataset, cell.folder
    frames = config.repeats * sum(len(sequence.frames) for sequence in dataset.sequences)
    others = beside(cell.record.environment.device) if cell.left else 0
    with scoring_pool(dataset, processes=1 + others if others else None) as pool:
        with RunProgress(console, frames=frames) as progress:
            progress.say(f"{folder.path} on {cell.record.devices}")
            if others:
                hand_in = hand_in_finished(dataset, folder, protocol=config.dataset.scoring, pool=pool)
                run_cell(cell, progress, tell_finished=hand_in)
            else:
                run_cell(cell, progress)
        score_and_tabulate(config, dataset, folder, console, pool=pool)


def reproduce_or_record(config: CellConfig, checkpoint: str, console: Console) -> NotRunRecord | None:
    """As `reproduce`, but what the cell lacks is written down, so that the rest of a sweep can run.

    Returns:
        What was written down; None if the cell was run.

    Raises:
        InputError: the record itself cannot be written.
    """
    try:
        reproduce(config, checkpoint, console)
    except (InputError, RunFolderError, OSError) as error:
        record = NotRunRecord(
            schema=SCHEMA,
            lack=Lack.SCORES if isinstance(error, NotScoredError) else Lack.RUN,
            name=config.name,
            dataset=config.dataset.name,
            checkpoint=checkpoint,
            reason=" ".join(str(error).split()),
            command=shlex.join(sys.orig_argv),
            tried=datetime.now().astimezone().isoformat(timespec="seconds"),
            cell=to_plain(config),
        )
        write_record(_not_run_file(config, checkpoint), record)
        line = f"{record.lack}: {record.title}: {record.reason}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
        return record
    return None


def score_and_tabulate(
    config: CellConfig, dataset: Dataset, folder: RunFolder, console: Console, *, pool: ScoringPool
) -> None:
    """Score a finished run where there is truth, and print and write its table, which is there without scores too.

    Args:
        config: of the cell.
        dataset: the sequences that were run.
        folder: where their masks are.
        console: where to print it.
        pool: what scores, and may have begun.

    Raises:
        NotScoredError: truth is unusable, or does not fit.
        InputError: the results cannot be written.
    """
    try:
        scorable = find_scorable(dataset, protocol=config.dataset.scoring)
        score = _score(scorable, config, folder, console, pool)
        if score is not None:
            score_repeats(scorable.dataset, folder, score)
    except (InputError, ScoringError) as error:
        folder.scores_file.unlink(missing_ok=True)
        _tabulate(folder, console)
        raise NotScoredError(str(error)) from error
    if score is None:  # scores of a time when there was truth say nothing of today
        folder.scores_file.unlink(missing_ok=True)
    else:
        write_record(folder.scores_file, score)
    for line in scorable.explain():
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    _tabulate(folder, console)
    if config.variant.untrained:
        console.print("These weights are drawn at random, not trained: the scores mean nothing.", highlight=False)


def _score(
    scorable: Scorable, config: CellConfig, folder: RunFolder, console: Console, pool: ScoringPool
) -> DatasetScore | None:
    if not scorable.dataset.sequences:
        return None
    with RunProgress(console, frames=scorable.frames) as progress:
        progress.start("scoring")
        return score_overall(
            scorable.dataset,
            run_masks(folder),
            config=config.dataset,
            data=Path(config.paths.data),
            pool=pool,
            advance=progress.advance,
        )


def _tabulate(folder: RunFolder, console: Console) -> None:
    table = run_table(folder)
    write_atomically(folder.table_file, table.encode())
    console.print(f"\n{table}", markup=False, highlight=False, soft_wrap=True)


def _forget_not_run(config: CellConfig, checkpoint: str) -> None:
    """What was run after all is no longer missing; but a part of its sequences says nothing of the others."""
    path = _not_run_file(config, checkpoint)
    if path.exists() and (config.sequences is None or read_not_run(path).cell == to_plain(config)):
        path.unlink()


def _not_run_file(config: CellConfig, checkpoint: str) -> Path:
    return not_run_file(Path(config.paths.runs), dataset=config.dataset.name, name=config.name, checkpoint=checkpoint)
