"""Soft aggregation: independent objects become one distribution per pixel (STM, Oh et al. 2019, section 3.3)."""

import torch
from jaxtyping import Float32
from torch import Tensor

EPSILON = 1e-7


def aggregate(
    objects: Float32[Tensor, "objects height width"],
) -> Float32[Tensor, "1+objects height width"]:
    """Probability of the background and of each object, which sum to one, from each object's own in 0..1."""
    background = torch.prod(1 - objects, dim=0, keepdim=True)
    probability = torch.cat([background, objects]).clamp(EPSILON, 1 - EPSILON)
    return torch.softmax(torch.log(probability / (1 - probability)), dim=0)


def with_others(
    objects: Float32[Tensor, "objects height width"],
) -> Float32[Tensor, "objects 2 height width"]:
    """Beside the probability of each object that of all others, as values are encoded from it (STM, section 3.1)."""
    return torch.stack([objects, objects.sum(dim=0, keepdim=True) - objects], dim=1)


def impose(
    predicted: Float32[Tensor, "known height width"],
    prompt: Float32[Tensor, "objects height width"],
    *,
    prompted: Float32[Tensor, " objects"],
) -> Float32[Tensor, "objects height width"]:
    """Let a prompt overrule a prediction, as independent objects that are yet to be aggregated.

    Where the prompt labels a pixel, no object that it does not show remains. Objects it shows are taken from it
    whole; the others keep their prediction elsewhere.

    Args:
        predicted: probabilities of the objects known before, background left out.
        prompt: one-hot mask, new objects included.
        prompted: 1 for each object that the prompt shows, 0 for each that it does not.
    """
    unlabelled = 1 - prompt.amax(dim=0)
    known = predicted.shape[0]
    kept = predicted * unlabelled * (1 - prompted[:known, None, None])
    return torch.cat([prompt[:known] + kept, prompt[known:]])
