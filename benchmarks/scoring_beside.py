"""Scoring beside the model: each sequence as soon as its masks are complete, where that disturbs nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from benchmarks.datasets import Dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import run_masks
from benchmarks.processors import usable_processors
from benchmarks.scoring import find_scorable, scoring_task
from benchmarks.scoring_pool import ScoringPool
from evaluators import ScoringProtocol
from reports.run_folder import RunFolder

BUSY_BESIDE_GPU = 6  # processors: with the model's own thread, its decoders of frames, and the writer of masks


def processes_beside(device: str) -> int:
    """How many processes may score while `cpu` or `cuda` computes.

    None does beside a model on the CPU, which needs every core, and whose clock would be disturbed. A GPU leaves the
    cores idle that do not feed it.
    """
    return max(0, len(usable_processors()) - BUSY_BESIDE_GPU) if device == "cuda" else 0


def hand_in_finished(
    dataset: Dataset, folder: RunFolder, *, protocol: ScoringProtocol, pool: ScoringPool
) -> Callable[[str], None]:
    """What is told the name of each sequence whose masks are complete, and has the pool score it if it can be scored.

    It raises nothing that is wrong with truth or masks: that is said when scores are asked for.
    """
    sequences = {sequence.name: sequence for sequence in dataset.sequences}

    def hand_in(name: str) -> None:
        with suppress(InputError):
            scorable = find_scorable(replace(dataset, sequences=(sequences[name],)), protocol=protocol)
            for sequence in scorable.dataset.sequences:
                pool.submit(scoring_task(sequence, run_masks(folder, names=(name,)), protocol=protocol))

    return hand_in
