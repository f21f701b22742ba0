"""Soft aggregation of objects that belong to several clips (`xmem.inference.aggregation` for one)."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float32, Int64
from torch import Tensor

from xmem.inference.aggregation import EPSILON

LARGEST = math.log((1 - EPSILON) / EPSILON)  # the log-odds at which probabilities are clamped


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregated:
    """One distribution per pixel of each clip, in logarithms as losses want them.

    Args:
        log_odds: of each object on its own, clamped.
        background: the log-odds of no object at all, clamped.
        log_total: the logarithm of the sum of all odds, by which each is divided.
    """

    log_odds: Float32[Tensor, "objects height width"]
    background: Float32[Tensor, "clips height width"]
    log_total: Float32[Tensor, "clips height width"]
    owner: Int64[Tensor, " objects"]

    def probabilities(self) -> Float32[Tensor, "objects height width"]:
        """Of each object; with the background's they sum to one."""
        return torch.exp(self.log_odds - self.log_total[self.owner])


def aggregate_clips(
    logits: Float32[Tensor, "objects height width"], owner: Int64[Tensor, " objects"], *, clips: int
) -> Aggregated:
    """Let the objects of each clip compete."""
    log_odds = logits.clamp(-LARGEST, LARGEST)
    empty = logits.new_zeros(clips, *logits.shape[1:])
    absent = empty.index_add(0, owner, F.logsigmoid(-logits))  # the logarithm of the product of all (1 - p)
    absent = absent.clamp(math.log(EPSILON), math.log1p(-EPSILON))
    background = absent - torch.log(-torch.expm1(absent))
    total = torch.exp(background).index_add(0, owner, torch.exp(log_odds))
    return Aggregated(log_odds=log_odds, background=background, log_total=torch.log(total), owner=owner)


def sum_of_others(
    masks: Float32[Tensor, "objects height width"], owner: Int64[Tensor, " objects"], *, clips: int
) -> Float32[Tensor, "objects height width"]:
    """For each object, the sum of its clip's other masks."""
    total = masks.new_zeros(clips, *masks.shape[1:]).index_add(0, owner, masks)
    return total[owner] - masks
