"""Two sets of masks of the same videos: where they agree, and which of them scores better."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators import DatasetScore, ObjectScore, ScoringError, SequenceScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two sets of masks of one sequence are the same; of this, truth knows nothing.

    Attributes:
        name: the sequence's name.
        frames: how many were compared: those that both have.
        unpaired: how many only one of them has.
        pixels: in all frames that were compared.
        equal_pixels: how many of them have one label in both.
        first_difference: name of the first frame where they differ; None where they never do.
    """

    name: str
    frames: int
    unpaired: int
    pixels: int
    equal_pixels: int
    first_difference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedFigure:
    """One figure of both, as fractions in [0, 1]."""

    first: float
    second: float

    @property
    def difference(self) -> float:
        """In [-1, 1]; positive where the first is better."""
        return self.first - self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedObject:
    """Means of one object over its frames, in both."""

    sequence: str
    label: int
    j: PairedFigure
    f: PairedFigure

    @property
    def j_and_f(self) -> PairedFigure:
        """Mean of J and F."""
        return PairedFigure(first=(self.j.first + self.f.first) / 2, second=(self.j.second + self.f.second) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedSequence:
    """Means over the objects of one sequence, in both."""

    name: str
    objects: int
    j_and_f: PairedFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two scores of one dataset, object by object.

    Attributes:
        objects: by sequence and label, in the order of the dataset; what statistics are to be made of.
        sequences: in the order of the dataset.
        j_and_f: of the dataset: flat means over all objects.
        j: likewise.
        f: likewise.
        g: the local G of YouTube-VOS; None under the other protocols, or where a group of categories has no object.
    """

    objects: tuple[PairedObject, ...]
    sequences: tuple[PairedSequence, ...]
    j_and_f: PairedFigure
    j: PairedFigure
    f: PairedFigure
    g: PairedFigure | None


def compare_scores(first: DatasetScore, second: DatasetScore) -> Comparison:
    """Pair every object of one score with itself in the other.

    Raises:
        ScoringError: they are not of the same objects and frames under the same protocol: differences would have other
            causes than the masks.
    """
    if first.protocol != second.protocol:
        raise ScoringError(
            f"expected scores by one protocol, found {first.protocol} and {second.protocol}; score both anew"
        )
    _require_same("the same sequences", [one.name for one in first.sequences], [one.name for one in second.sequences])
    pairs = list(zip(first.sequences, second.sequences, strict=True))
    return Comparison(
        objects=tuple(paired for pair in pairs for paired in _pair_objects(*pair)),
        sequences=tuple(
            PairedSequence(
                name=one.name,
                objects=len(one.objects),
                j_and_f=PairedFigure(first=one.j_and_f, second=other.j_and_f),
            )
            for one, other in pairs
        ),
        j_and_f=PairedFigure(first=first.j_and_f, second=second.j_and_f),
        j=PairedFigure(first=first.j_mean, second=second.j_mean),
        f=PairedFigure(first=first.f_mean, second=second.f_mean),
        g=_pair_overall(first, second),
    )


def _pair_overall(first: DatasetScore, second: DatasetScore) -> PairedFigure | None:
    figures = [None if score.overall is None else score.overall.g for score in (first, second)]
    one, other = figures
    return None if one is None or other is None else PairedFigure(first=one, second=other)


def _pair_objects(first: SequenceScore, second: SequenceScore) -> list[PairedObject]:
    _require_same(f"the same objects in sequence {first.name}", _labels(first), _labels(second))
    return [_pair(first.name, *pair) for pair in zip(first.objects, second.objects, strict=True)]


def _pair(sequence: str, first: ObjectScore, second: ObjectScore) -> PairedObject:
    _require_same(f"the same frames of object {first.label} in sequence {sequence}", first.frames, second.frames)
    return PairedObject(
        sequence=sequence,
        label=first.label,
        j=PairedFigure(first=first.j_statistics.mean, second=second.j_statistics.mean),
        f=PairedFigure(first=first.f_statistics.mean, second=second.f_statistics.mean),
    )


def _labels(score: SequenceScore) -> list[str]:
    return [str(one.label) for one in score.objects]


def _require_same(what: str, first: Sequence[str], second: Sequence[str]) -> None:
    if first == second:
        return
    alone = sorted(set(first) ^ set(second))
    found = f"{', '.join(alone[:5])} in only one of them" if alone else "another order"
    raise ScoringError(f"expected scores of {what}, found {found}; score both on the same part of the dataset")
