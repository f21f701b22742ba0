"""Overall score G of YouTube-VOS: seen and unseen categories weigh alike. Local, as the server's code is not public."""

from collections.abc import Collection, Sequence

import numpy as np

from evaluators.errors import ScoringError
from evaluators.results import DatasetScore, ObjectScore, OverallScore


def overall(score: DatasetScore, *, seen: Collection[str]) -> OverallScore:
    """G and its parts, from scores under YOUTUBE_VOS.

    Args:
        score: the objects' scores and categories.
        seen: categories of the training split.

    Raises:
        ScoringError: an object has no category, because it was scored under another protocol.
    """
    seen_objects: list[ObjectScore] = []
    unseen_objects: list[ObjectScore] = []
    for sequence in score.sequences:
        for one in sequence.objects:
            if one.category is None:
                raise ScoringError(
                    f"sequence {sequence.name}, object {one.label}: expected a category, found none, because it was "
                    f"scored with protocol {sequence.protocol}; G needs scores with youtube_vos"
                )
            (seen_objects if one.category in seen else unseen_objects).append(one)
    j_seen, f_seen = _means(seen_objects)
    j_unseen, f_unseen = _means(unseen_objects)
    parts = [part for part in (j_seen, f_seen, j_unseen, f_unseen) if part is not None]
    lacking = None if len(parts) == 4 else "unseen" if seen_objects else "seen"
    return OverallScore(
        g=None if lacking else float(np.mean(parts)),
        reason=f"no object of {lacking} categories was scored" if lacking else None,
        j_seen=j_seen,
        f_seen=f_seen,
        j_unseen=j_unseen,
        f_unseen=f_unseen,
        seen_objects=len(seen_objects),
        unseen_objects=len(unseen_objects),
        seen=tuple(sorted(seen)),
    )


def _means(objects: Sequence[ObjectScore]) -> tuple[float, float] | tuple[None, None]:
    """J and F over the objects of a group, each object once, however long; none of no objects."""
    if not objects:
        return None, None
    j = float(np.mean([one.j_statistics.mean for one in objects]))
    f = float(np.mean([one.f_statistics.mean for one in objects]))
    return j, f
