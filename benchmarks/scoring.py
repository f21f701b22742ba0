"""Masks that exist against truth on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets import Dataset, Sequence
from benchmarks.datasets.youtube_vos import seen_categories
from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from benchmarks.masks import read_mask
from evaluators import (
    DatasetScore,
    FramePair,
    ScoringProtocol,
    SequenceScore,
    overall,
    score_sequence,
    summarise_sequences,
)

NO_TRUTH = "for want of truth in every frame"
TOO_LATE = "for want of an object before the last frame with truth"
LISTED_ONCE = "for want of an object that is listed in more than one frame"

NAMES_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorable:
    """What of a dataset can be scored.

    Args:
        dataset: those of its sequences that can.
        unscored: why the others cannot, by name.
    """

    dataset: Dataset
    unscored: Mapping[str, str]

    def explain(self) -> list[str]:
        """A line for each reason, with the sequences that it keeps from being scored."""
        names: dict[str, list[str]] = {}
        for name, reason in self.unscored.items():
            names.setdefault(reason, []).append(name)
        return [f"Not scored, {reason}: {_some(each)}" for reason, each in names.items()]


def find_scorable(dataset: Dataset, *, protocol: ScoringProtocol) -> Scorable:
    """Tell the sequences with enough truth to score any masks from those without.

    Raises:
        InputError: a truth mask is unusable.
    """
    unscored = {
        sequence.name: reason
        for sequence in dataset.sequences
        if (reason := _why_unscorable(sequence, protocol)) is not None
    }
    chosen = tuple(sequence for sequence in dataset.sequences if sequence.name not in unscored)
    return Scorable(dataset=replace(dataset, sequences=chosen), unscored=unscored)


def require_scorable(dataset: Dataset, *, protocol: ScoringProtocol) -> Scorable:
    """As `find_scorable`, of a dataset that somebody wants scores of.

    Raises:
        InputError: nothing can be scored, or a truth mask is unusable.
    """
    scorable = find_scorable(dataset, protocol=protocol)
    if not scorable.dataset.sequences:
        raise InputError(
            f"{dataset.name}: expected a sequence that can be scored, found none. {'. '.join(scorable.explain())}; "
            "add truth masks, or choose another dataset"
        )
    return scorable


def require_means_of_scoring(dataset: Dataset, *, config: DatasetConfig, data: Path) -> None:
    """Ask for what scoring will need beside truth, where something can be scored: before a long run, not after it.

    Raises:
        InputError: nobody says which categories were seen.
    """
    if config.scoring is not ScoringProtocol.YOUTUBE_VOS:
        return
    if find_scorable(dataset, protocol=config.scoring).dataset.sequences:
        seen_categories(data / config.root, config)


def score_masks(dataset: Dataset, masks: MaskSource, *, protocol: ScoringProtocol) -> DatasetScore:
    """Score masks, wherever they lie. Only those of frames that the protocol scores are read.

    Raises:
        InputError: a sequence or a mask is missing or unusable.
        ScoringError: masks do not fit the truth.
    """
    masks.require_sequences(dataset)
    return summarise_sequences([_score(sequence, masks, protocol) for sequence in dataset.sequences])


def score_overall(dataset: Dataset, masks: MaskSource, *, config: DatasetConfig, data: Path) -> DatasetScore:
    """As `score_masks`, and of YouTube-VOS its headline figure too, the local G.

    Args:
        dataset: sequences that can be scored.
        masks: of every one of them.
        config: of the dataset.
        data: the folder that holds all datasets, where YouTube-VOS names the categories that were seen in training.

    Raises:
        InputError: as `score_masks`, or nobody says which categories were seen.
        ScoringError: masks do not fit the truth.
    """
    if config.scoring is not ScoringProtocol.YOUTUBE_VOS:
        return score_masks(dataset, masks, protocol=config.scoring)
    seen = seen_categories(data / config.root, config)  # what is missing is said before a long scoring
    score = score_masks(dataset, masks, protocol=config.scoring)
    return replace(score, overall=overall(score, seen=seen))


def _score(sequence: Sequence, masks: MaskSource, protocol: ScoringProtocol) -> SequenceScore:
    pairs = [
        FramePair(
            name=name,
            read_predicted=partial(masks.read, sequence.name, name),
            read_truth=partial(read_mask, path),
        )
        for name, path in sequence.truth.items()
    ]
    return score_sequence(sequence.name, pairs, protocol=protocol, listed=sequence.objects)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown} and {len(names) - NAMES_SHOWN} more"


def _why_unscorable(sequence: Sequence, protocol: ScoringProtocol) -> str | None:
    """None where it can be scored. A truth mask is opened only under FIRST_APPEARANCE, and mostly just the first."""
    if len(sequence.truth) < 2:
        return NO_TRUTH
    if protocol is ScoringProtocol.FIRST_APPEARANCE:
        *before, _ = sequence.truth.values()
        return None if any(read_mask(path).any() for path in before) else TOO_LATE
    if protocol is ScoringProtocol.YOUTUBE_VOS:
        return None if any(len(set(one.frames)) > 1 for one in sequence.objects.values()) else LISTED_ONCE
    return None
