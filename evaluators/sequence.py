"""A sequence's masks, read frame by frame, become the scores of its objects."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from jaxtyping import UInt8

from evaluators.boundary import boundary_f
from evaluators.errors import ScoringError
from evaluators.image_size import size_text
from evaluators.protocols import FramePair, ListedObject, ScoringProtocol, labels_in, plan_frames, read_labels
from evaluators.region import jaccard
from evaluators.results import ObjectScore, SequenceScore, summarise_objects
from evaluators.series import statistics


def score_sequence(
    name: str,
    frames: Sequence[FramePair],
    *,
    protocol: ScoringProtocol,
    listed: Mapping[int, ListedObject] | None = None,
) -> SequenceScore:
    """J and F of every object on every frame that the protocol scores.

    One pair of masks is held at a time, and predictions of frames that are left out are not read at all.

    Args:
        name: the sequence's name, for the record and for errors.
        frames: those that have truth, in time order.
        protocol: which objects are scored on which frames.
        listed: the objects by label, as meta.json lists them. YOUTUBE_VOS needs it and no other protocol looks at it.

    Raises:
        ScoringError: nothing is left to score, a listed frame has no truth, a prediction differs from truth in size,
            it holds a label that is none of the objects, or truth holds one that YOUTUBE_VOS does not list.
    """
    plan = plan_frames(name, frames, protocol=protocol, listed=listed)
    j: dict[int, list[float]] = {label: [] for label in plan}
    f: dict[int, list[float]] = {label: [] for label in plan}
    for index, frame in enumerate(frames):
        labels = [label for label, indices in plan.items() if index in indices]
        if not labels:
            continue
        predicted, truth = _read(name, frame, objects=plan.keys(), protocol=protocol)
        for label in labels:
            pair = (predicted == label, truth == label)
            j[label].append(float(jaccard(*pair)))
            f[label].append(float(boundary_f(*pair)))
    categories = _categories(listed or {}, protocol=protocol)
    scores = [
        _object_score(label, [frames[i] for i in plan[label]], j[label], f[label], category=categories.get(label))
        for label in plan
        if plan[label]
    ]
    unscored = [label for label in plan if not plan[label]]
    return summarise_objects(name, scores, protocol=protocol, unscored=unscored)


def _read(
    sequence: str, frame: FramePair, *, objects: Collection[int], protocol: ScoringProtocol
) -> tuple[UInt8[np.ndarray, "height width"], UInt8[np.ndarray, "height width"]]:
    """The frame's prediction and truth, found fit to be compared."""
    predicted = read_labels(frame.read_predicted, protocol=protocol)
    truth = read_labels(frame.read_truth, protocol=protocol)
    where = f"sequence {sequence}, frame {frame.name}"
    if predicted.shape != truth.shape:
        raise ScoringError(
            f"{where}: expected a prediction of the truth's size {size_text(truth.shape)}, found "
            f"{size_text(predicted.shape)}; write masks at the size of the annotations"
        )
    if strangers := _strangers(predicted, objects):
        raise ScoringError(
            f"{where}: predicted label {strangers[0]} is none of the truth's objects {_listed(objects)}; "
            "write each object under its label in the annotations and background as 0"
        )
    # The other protocols take their objects from truth itself; here two sources that disagree must not make a score.
    if protocol is ScoringProtocol.YOUTUBE_VOS and (strangers := _strangers(truth, objects)):
        raise ScoringError(
            f"{where}: truth label {strangers[0]} is none of the objects {_listed(objects)} that meta.json lists; "
            "take masks and meta.json from one release, or leave the sequence out"
        )
    return predicted, truth


def _strangers(mask: UInt8[np.ndarray, "height width"], objects: Collection[int]) -> list[int]:
    return [label for label in labels_in(mask) if label not in objects]


def _categories(listed: Mapping[int, ListedObject], *, protocol: ScoringProtocol) -> dict[int, str]:
    return {label: one.category for label, one in listed.items()} if protocol is ScoringProtocol.YOUTUBE_VOS else {}


def _object_score(
    label: int, frames: Sequence[FramePair], j: Sequence[float], f: Sequence[float], *, category: str | None
) -> ObjectScore:
    return ObjectScore(
        label=label,
        frames=tuple(frame.name for frame in frames),
        j=tuple(j),
        f=tuple(f),
        j_statistics=statistics(j),
        f_statistics=statistics(f),
        category=category,
    )


def _listed(labels: Collection[int]) -> str:
    return ", ".join(map(str, labels))
