"""Region similarity J: how much of two masks' area is shared."""

import numpy as np
from jaxtyping import Bool, Float64

from evaluators.batches import score_each


def jaccard(
    predicted: Bool[np.ndarray, "*batch height width"],
    truth: Bool[np.ndarray, "*batch height width"],
) -> Float64[np.ndarray, "*batch"]:
    """Intersection over union of each pair of masks, in [0, 1]; two empty masks score 1.

    Source: J of the DAVIS 2017 toolkit, bit for bit.

    Raises:
        ValueError: the masks are not boolean or differ in shape.
    """
    return score_each(_intersection_over_union, predicted, truth)


def _intersection_over_union(
    predicted: Bool[np.ndarray, "height width"], truth: Bool[np.ndarray, "height width"]
) -> float:
    union = np.count_nonzero(predicted | truth)
    return np.count_nonzero(predicted & truth) / union if union else 1.0
