"""Masks that exist against truth on disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets import Dataset, Sequence
from benchmarks.datasets.youtube_vos import seen_categories
from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from benchmarks.masks import read_mask
from benchmarks.processors import usable_processors
from benchmarks.scoring_pool import ScoringPool, ScoringTask
from evaluators import DatasetScore, FramePair, ScoringProtocol, overall, summarise_sequences

NO_TRUTH = "for want of truth in every frame"
TOO_LATE = "for want of an object before the last frame with truth"
LISTED_ONCE = "for want of an object that is listed in more than one frame"

NAMES_SHOWN = 30

LARGE = 500  # frames with truth: scoring fewer here takes less time than another process needs to begin


def _tell_nobody(_frames: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorable:
    """What of a dataset can be scored.

    Args:
        dataset: those of its sequences that can.
        unscored: why the others cannot, by name.
    """

    dataset: Dataset
    unscored: Mapping[str, str]

    @property
    def frames(self) -> int:
        """With truth, in all sequences."""
        return sum(len(sequence.truth) for sequence in self.dataset.sequences)

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


def score_masks(
    dataset: Dataset,
    masks: MaskSource,
    *,
    protocol: ScoringProtocol,
    pool: ScoringPool,
    advance: Callable[[int], None] = _tell_nobody,
) -> DatasetScore:
    """Score masks, wherever they lie. Only those of frames that the protocol scores are read.

    Args:
        dataset: sequences that can be scored.
        masks: of every one of them.
        protocol: which objects are scored on which frames.
        pool: what scores.
        advance: told how many frames more are scored.

    Raises:
        InputError: a sequence or a mask is missing or unusable.
        ScoringError: masks do not fit the truth.
    """
    masks.require_sequences(dataset)
    masks.require_frames({sequence.name: _surely_read(sequence, protocol) for sequence in dataset.sequences})
    tasks = [scoring_task(sequence, masks, protocol=protocol) for sequence in dataset.sequences]
    return summarise_sequences(pool.scores(tasks, advance=advance))


def score_overall(
    dataset: Dataset,
    masks: MaskSource,
    *,
    config: DatasetConfig,
    data: Path,
    pool: ScoringPool,
    advance: Callable[[int], None] = _tell_nobody,
) -> DatasetScore:
    """As `score_masks`, and of YouTube-VOS its headline figure too, the local G.

    Args:
        dataset: sequences that can be scored.
        masks: of every one of them.
        config: of the dataset.
        data: the folder that holds all datasets, where YouTube-VOS names the categories that were seen in training.
        pool: what scores.
        advance: told how many frames more are scored.

    Raises:
        InputError: as `score_masks`, or nobody says which categories were seen.
        ScoringError: masks do not fit the truth.
    """
    score = partial(score_masks, dataset, masks, protocol=config.scoring, pool=pool, advance=advance)
    if config.scoring is not ScoringProtocol.YOUTUBE_VOS:
        return score()
    seen = seen_categories(data / config.root, config)  # what is missing is said before a long scoring
    return replace(scored := score(), overall=overall(scored, seen=seen))


def scoring_task(sequence: Sequence, masks: MaskSource, *, protocol: ScoringProtocol) -> ScoringTask:
    """What a pool needs to know to score a sequence."""
    pairs = [
        FramePair(name=name, read_predicted=masks.reader(sequence.name, name), read_truth=partial(read_mask, path))
        for name, path in sequence.truth.items()
    ]
    return ScoringTask(name=sequence.name, frames=tuple(pairs), protocol=protocol, listed=sequence.objects)


def scoring_pool(dataset: Dataset, *, processes: int | None = None) -> ScoringPool:
    """What scores this dataset's masks: with as many processes as asked for, or as there are processors if it is large.

    No score depends on it.
    """
    large = sum(len(sequence.truth) for sequence in dataset.sequences) >= LARGE
    return ScoringPool(processes=processes or (len(usable_processors()) if large else 1))


def _surely_read(sequence: Sequence, protocol: ScoringProtocol) -> tuple[str, ...]:
    """Names of frames whose masks will be read whatever truth shows."""
    match protocol:
        case ScoringProtocol.DAVIS_2016 | ScoringProtocol.DAVIS_2017:
            return tuple(sequence.truth)[1:-1]
        case ScoringProtocol.YOUTUBE_VOS:
            listed = {name for one in sequence.objects.values() for name in sorted(one.frames)[1:]}
            return tuple(name for name in sequence.truth if name in listed)
        case ScoringProtocol.FIRST_APPEARANCE:
            return ()


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
