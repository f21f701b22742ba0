"""How queries find memory elements: the anisotropic L2 similarity of XMem (section 3.2), and reading by it.

Everything here is laid out query-major: one row per query or memory element, so that a query's similarities are
contiguous and a read gathers whole rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor

ALIGNMENT = 8  # features


@dataclass(frozen=True, slots=True, kw_only=True)
class Affinity:
    """For each query, the elements it reads and their weights, which sum to one."""

    weights: Float[Tensor, "queries k"]
    elements: Int64[Tensor, "queries k"]


# How the most similar elements of every query are found: `top_k_affinity`, or what computes the same.
Search = Callable[..., Affinity]


def memory_features(
    key: Float[Tensor, "elements key_dim"], shrinkage: Float[Tensor, "elements 1"]
) -> Float[Tensor, "elements features"]:
    """One side of the similarity: s / sqrt(Ck) * [k^2, k, 1], and zeros. Computed once, when an element is stored."""
    scale = shrinkage / key.shape[1] ** 0.5
    return _aligned([key**2 * scale, key * scale, scale])


def query_features(
    key: Float[Tensor, "queries key_dim"], selection: Float[Tensor, "queries key_dim"]
) -> Float[Tensor, "queries features"]:
    """The other side: [-e, 2 q e, -sum(e q^2)], and zeros."""
    constant = (selection * key**2).sum(dim=1, keepdim=True)
    return _aligned([-selection, 2 * key * selection, -constant])


def similarity(
    query: Float[Tensor, "queries features"], memory: Float[Tensor, "elements features"]
) -> Float[Tensor, "queries elements"]:
    """-s_i * sum_c e_cj (k_ci - q_cj)^2 / sqrt(Ck) in its expanded form, as one product of features. Never above 0."""
    return query @ memory.T


def top_k_affinity(similarity: Float[Tensor, "queries elements"], *, k: int) -> Affinity:
    """Softmax over the k most similar elements of each query; over all where there are fewer."""
    best, elements = similarity.topk(min(k, similarity.shape[1]), dim=1)
    return Affinity(weights=torch.softmax(best, dim=1), elements=elements)


def read_values(values: Float[Tensor, "elements width"], affinity: Affinity) -> Float[Tensor, "queries width"]:
    """The weighted sum of the rows that each query reads."""
    weights = affinity.weights.to(values.dtype)
    return F.embedding_bag(affinity.elements, values, per_sample_weights=weights, mode="sum")


def usage(affinity: Affinity, *, elements: int) -> Float[Tensor, " elements"]:
    """How much each element is read in all: its weights, summed over the queries."""
    total = torch.zeros(elements, device=affinity.weights.device)
    return total.index_add_(0, affinity.elements.flatten(), affinity.weights.flatten().float())


def _aligned(features: Sequence[Tensor]) -> Tensor:
    """Side by side, with zeros up to a multiple of eight: matrix units of GPUs take rows of other widths far slower."""
    width = sum(part.shape[1] for part in features)
    return torch.cat([*features, features[-1].new_zeros(features[-1].shape[0], -width % ALIGNMENT)], dim=1)
