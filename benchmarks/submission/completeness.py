"""Whether a dataset is all there: a server takes few submissions, and one of a part of a dataset is wasted."""

from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets import Dataset
from benchmarks.errors import InputError


def require_complete(dataset: Dataset, config: DatasetConfig, *, data: Path) -> None:
    """Compare the sequences that were opened with those that a complete copy is known to hold.

    Args:
        dataset: the sequences, and how many there are in this copy.
        config: of the dataset.
        data: the folder that holds all datasets.

    Raises:
        InputError: there are more or fewer sequences, or frames in them, than in a complete copy.
    """
    wanted = dataset.available if config.counts.sequences is None else config.counts.sequences
    sequences, frames = len(dataset.sequences), sum(len(sequence.frames) for sequence in dataset.sequences)
    if sequences == wanted and config.counts.frames in (None, frames):
        return
    raise InputError(
        f"{data / config.root}: expected all of {config.title}, {_size(wanted, config.counts.frames)}, found "
        f"{_size(sequences, frames)}; python -m benchmarks.doctor dataset={config.name} names what is missing: "
        "restore it, and make the masks of all of it"
    )


def _size(sequences: int, frames: int | None) -> str:
    counted = f"{sequences} sequence{'' if sequences == 1 else 's'}"
    return counted if frames is None else f"{counted} of {frames} frames"
