"""Results: the scores of an object, a sequence and a dataset, kept so that every mean can be recomputed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluators.errors import ScoringError
from evaluators.protocols import ScoringProtocol
from evaluators.series import Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectScore:
    """One object of one sequence; all scores are fractions in [0, 1].

    Attributes:
        label: the object's label in the masks (1 under DAVIS 2016).
        frames: names of the frames it was scored on, in order.
        j: region similarity on each of them.
        f: contour accuracy on each of them.
        j_statistics: mean, recall and decay of `j`.
        f_statistics: mean, recall and decay of `f`.
        category: as YouTube-VOS lists it; None under the other protocols.
    """

    label: int
    frames: tuple[str, ...]
    j: tuple[float, ...]
    f: tuple[float, ...]
    j_statistics: Statistics
    f_statistics: Statistics
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceScore:
    """The objects of one sequence, and the means over them.

    Attributes:
        name: the sequence's name.
        protocol: how its masks became scores.
        objects: by ascending label; at least one.
        unscored: labels of objects that first appear in the last frame with truth, or that YouTube-VOS lists in fewer
            than two frames, so that none is left to score.
        j_and_f: mean of `j_mean` and `f_mean`.
        j_mean: mean of the objects' J means.
        f_mean: mean of the objects' F means.
    """

    name: str
    protocol: ScoringProtocol
    objects: tuple[ObjectScore, ...]
    unscored: tuple[int, ...]
    j_and_f: float
    j_mean: float
    f_mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallScore:
    """YouTube-VOS's overall score G and its four parts, local: the official server's code is not public.

    Seen are the categories of the training split. A part is the flat mean over the objects of its group, as the means
    of a dataset are; the server's way is not known.

    Attributes:
        g: mean of the four parts; None where a group has no object, because the mean of fewer is another figure.
        reason: why there is no `g`; None where there is one.
        j_seen: mean of the J means of the objects of seen categories; None where there is no such object.
        f_seen: F likewise.
        j_unseen: mean of the J means of the other objects; None where there is none.
        f_unseen: F likewise.
        seen_objects: how many objects are of seen categories.
        unseen_objects: how many are not.
        seen: the categories that were held to be seen, sorted, be there objects of them or not.
    """

    g: float | None
    reason: str | None
    j_seen: float | None
    f_seen: float | None
    j_unseen: float | None
    f_unseen: float | None
    seen_objects: int
    unseen_objects: int
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetScore:
    """All sequences of a dataset, and the flat means over all their objects: an object counts once, however long.

    Attributes:
        protocol: how the masks became scores, the same in all sequences.
        sequences: in the order given.
        j_and_f: mean of `j_mean` and `f_mean`, the headline figure.
        j_mean: mean of the objects' J means; recall and decay likewise, F likewise.
        j_decay_official: mean of the decays that the official tool prints, wrong where a sequence has 256 frames or
            more; None where it prints NaN.
        overall: YouTube-VOS's headline figure, which weighs its two groups of categories alike and so is not `j_and_f`;
            None under the other protocols.
    """

    protocol: ScoringProtocol
    sequences: tuple[SequenceScore, ...]
    j_and_f: float
    j_mean: float
    j_recall: float
    j_decay: float
    j_decay_official: float | None
    f_mean: float
    f_recall: float
    f_decay: float
    f_decay_official: float | None
    overall: OverallScore | None = None


def summarise_objects(
    name: str, objects: Sequence[ObjectScore], *, protocol: ScoringProtocol, unscored: Sequence[int] = ()
) -> SequenceScore:
    """The record of a sequence.

    Raises:
        ScoringError: there is no object.
    """
    if not objects:
        raise ScoringError(f"sequence {name}: expected scores of at least one object, found none")
    j = _flat_means(score.j_statistics for score in objects)
    f = _flat_means(score.f_statistics for score in objects)
    return SequenceScore(
        name=name,
        protocol=protocol,
        objects=tuple(objects),
        unscored=tuple(unscored),
        j_and_f=(j.mean + f.mean) / 2,
        j_mean=j.mean,
        f_mean=f.mean,
    )


def summarise_sequences(sequences: Sequence[SequenceScore]) -> DatasetScore:
    """The record of a dataset. Source of the means: the DAVIS 2017 toolkit, bit for bit.

    Raises:
        ScoringError: there is no sequence, one comes twice, or they were scored by different protocols.
    """
    protocol = _shared_protocol(sequences)
    objects = [score for sequence in sequences for score in sequence.objects]
    j = _flat_means(score.j_statistics for score in objects)
    f = _flat_means(score.f_statistics for score in objects)
    return DatasetScore(
        protocol=protocol,
        sequences=tuple(sequences),
        j_and_f=(j.mean + f.mean) / 2,
        j_mean=j.mean,
        j_recall=j.recall,
        j_decay=j.decay,
        j_decay_official=j.decay_official,
        f_mean=f.mean,
        f_recall=f.recall,
        f_decay=f.decay,
        f_decay_official=f.decay_official,
    )


def _flat_means(series: Iterable[Statistics]) -> Statistics:
    """The mean over objects of each of their statistics."""
    each = list(series)
    official = [one.decay_official for one in each if one.decay_official is not None]
    return Statistics(
        mean=_mean([one.mean for one in each]),
        recall=_mean([one.recall for one in each]),
        decay=_mean([one.decay for one in each]),
        decay_official=_mean(official) if len(official) == len(each) else None,  # one NaN makes the mean NaN
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values))  # NumPy's order of summation is part of being bit for bit the same


def _shared_protocol(sequences: Sequence[SequenceScore]) -> ScoringProtocol:
    protocols = sorted({sequence.protocol for sequence in sequences})
    if len(protocols) != 1:
        found = " and ".join(protocols) or "no sequence at all"
        raise ScoringError(f"expected sequences scored by one protocol, found {found}; score them separately")
    name, count = Counter(sequence.name for sequence in sequences).most_common(1)[0]
    if count > 1:
        raise ScoringError(f"sequence {name}: expected once, found {count} times; a repeat would weigh in the mean")
    return protocols[0]
