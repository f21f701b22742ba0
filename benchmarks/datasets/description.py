"""What is written down of a dataset."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets.sequence import Dataset
from reports.records import DatasetRecord


def describe_dataset(config: DatasetConfig, passes: Sequence[Dataset], *, data: Path) -> DatasetRecord:
    """The record of the sequences that were opened.

    Args:
        config: of the dataset.
        passes: the same sequences as each pass sees them, or as they are the only time.
        data: the folder that holds all datasets.

    Raises:
        InputError: a file cannot be looked at.
    """
    first = passes[0]
    return DatasetRecord(
        name=config.name,
        root=str(data / config.root),
        sequences=tuple(sequence.name for sequence in first.sequences),
        frames=sum(len(sequence.frames) for sequence in first.sequences),
        available=first.available,
        complete_sequences=config.counts.sequences,
        complete_frames=config.counts.frames,
        submission=config.submission,
        fingerprints=tuple(dataset.fingerprint() for dataset in passes),
    )
