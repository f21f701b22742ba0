"""What is minimised. All in fp32, whatever the network computes in."""

import torch
import torch.nn.functional as F
from jaxtyping import Float32
from torch import Tensor

from benchmarks.training.aggregation import Aggregated

SMOOTHING = 1.0  # pixels that dice adds to both sums, so that absent objects have a gradient and no 0/0

DOUBT = 1e-3  # how near a carried mask is taken to come to 0 and 1


def cross_entropy(
    aggregated: Aggregated, truth: Float32[Tensor, "objects height width"]
) -> Float32[Tensor, "clips height width"]:
    """Of every pixel's distribution against its true label."""
    none = torch.zeros_like(aggregated.background)
    covered = none.index_add(0, aggregated.owner, truth)
    true = (1 - covered) * aggregated.background
    return aggregated.log_total - true.index_add(0, aggregated.owner, truth * aggregated.log_odds)


def hardest(loss: Float32[Tensor, "clips height width"], *, fraction: float) -> Float32[Tensor, ""]:
    """The mean over this fraction of each clip's pixels, those with the highest loss (bootstrapping)."""
    if fraction >= 1:
        return loss.mean()
    pixels = loss.flatten(1)
    return pixels.topk(max(1, round(fraction * pixels.shape[1])), dim=1, sorted=False).values.mean()


def dice(
    probabilities: Float32[Tensor, "objects height width"], truth: Float32[Tensor, "objects height width"]
) -> Float32[Tensor, ""]:
    """One minus the overlap of each object's probabilities with its mask, averaged over objects."""
    shared = (probabilities * truth).sum(dim=(1, 2))
    both = probabilities.sum(dim=(1, 2)) + truth.sum(dim=(1, 2))
    return (1 - (2 * shared + SMOOTHING) / (both + SMOOTHING)).mean()


def carried_loss(
    carried: Float32[Tensor, "objects queries"], truth: Float32[Tensor, "objects queries"]
) -> Float32[Tensor, ""]:
    """Binary cross-entropy of true memory masks, carried through the affinity, against the query's true mask.

    Where the affinity carries exactly 0 or 1, rounding would otherwise make gradients of any size.
    """
    return F.binary_cross_entropy(carried.clamp(0, 1) * (1 - 2 * DOUBT) + DOUBT, truth)
