"""Masks on disk against truth on disk."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.masks import read_mask
from evaluators import (
    DatasetScore,
    FramePair,
    ScoringProtocol,
    SequenceScore,
    score_sequence,
    summarise_sequences,
)


def with_truth(dataset: Dataset) -> Dataset:
    """The part of a dataset that can be scored: sequences with more truth than the one mask they are prompted with."""
    return replace(dataset, sequences=tuple(sequence for sequence in dataset.sequences if len(sequence.truth) > 1))


def score_dataset(dataset: Dataset, masks: Path, *, protocol: ScoringProtocol) -> DatasetScore:
    """Score a folder that holds a folder of masks for each sequence.

    Raises:
        InputError: a sequence or a mask is missing or unusable.
        ScoringError: masks do not fit the truth.
    """
    _require_sequences(dataset, masks)
    return summarise_sequences([_score(sequence, masks, protocol) for sequence in dataset.sequences])


def _score(sequence: Sequence, masks: Path, protocol: ScoringProtocol) -> SequenceScore:
    pairs = [
        FramePair(
            name=name,
            read_predicted=partial(read_mask, masks / sequence.name / f"{name}.png"),
            read_truth=partial(read_mask, path),
        )
        for name, path in sequence.truth.items()
    ]
    return score_sequence(sequence.name, pairs, protocol=protocol)


def _require_sequences(dataset: Dataset, masks: Path) -> None:
    """Say what is missing before a long scoring begins, not in the middle of it."""
    if not masks.is_dir():
        raise InputError(f"{masks}: expected a folder of masks for each sequence, found no such folder")
    missing = [sequence.name for sequence in dataset.sequences if not (masks / sequence.name).is_dir()]
    if missing:
        raise InputError(
            f"{masks}: expected a folder for every sequence of {dataset.name}, found none for {', '.join(missing)}; "
            "add them, or name those that are there with sequences=[...]"
        )
