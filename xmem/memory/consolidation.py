"""Condensing old working memory into a few prototypes (XMem section 3.3), and forgetting: pure functions.

Objects that first appeared together form a group and share keys, but a later group has values for the newest columns
of memory only. Three habits of the reference implementation decide what becomes of such a group. They are kept,
because published numbers depend on them:

- quirk 1 (`candidate_frames`): a group with few frames gives nothing to long-term memory;
- quirk 2 (`kept_frames`): a group keeps *its own* first frame, which from then on sits in the columns of the *video's*
  first frame;
- quirk 3 (`MemoryBank.read`): at reading time a group's prototypes are aligned with the end of long-term memory,
  whichever prototypes they came from.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor

from xmem.memory.similarity import memory_features, query_features, similarity


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of working memory becomes prototypes: all but its first frame and its newest `keep` - 1.

    Args:
        frames: in working memory, T_max.
        keep: frames that stay, T_min.
        frame_size: elements of one frame.
    """

    frames: int
    keep: int
    frame_size: int

    def candidate_frames(self, group_frames: int) -> int:
        """How many of a group's frames may become prototypes.

        Quirk 1: a group that does not span working memory needs more than `keep` + 1 frames to give any.
        """
        spans = group_frames == self.frames
        return group_frames - self.keep if spans or group_frames > self.keep + 1 else 0

    def kept_frames(self, group_frames: int) -> int:
        """How many of a group's frames stay. Quirk 2: its own first and its newest, or all if there are few."""
        return min(group_frames, self.keep)

    def candidates(self, rows: Shaped[Tensor, "elements width"]) -> Shaped[Tensor, "candidates width"]:
        """The rows of a group, or of the keys, that may become prototypes: they end where the newest frames begin."""
        end = rows.shape[0] - (self.keep - 1) * self.frame_size
        return rows[end - self.candidate_frames(rows.shape[0] // self.frame_size) * self.frame_size : end]

    def kept(self, rows: Shaped[Tensor, "elements width"]) -> Shaped[Tensor, "kept width"]:
        """The rows that stay in working memory, as a copy."""
        kept = self.kept_frames(rows.shape[0] // self.frame_size)
        newest = rows[rows.shape[0] - (kept - 1) * self.frame_size :]
        return torch.cat([rows[: self.frame_size], newest])


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototypes:
    """The candidates chosen to represent all others."""

    chosen: Int64[Tensor, " prototypes"]
    queries: Float[Tensor, "prototypes features"]
    candidates: Float[Tensor, "candidates features"]


def choose_prototypes(
    *,
    key: Float[Tensor, "candidates key_dim"],
    shrinkage: Float[Tensor, "candidates 1"],
    selection: Float[Tensor, "candidates key_dim"],
    usage: Float[Tensor, " candidates"],
    count: int,
) -> Prototypes:
    """The `count` most used candidates (all where there are fewer), most used first."""
    chosen = usage.topk(min(count, usage.shape[0])).indices
    return Prototypes(
        chosen=chosen,
        queries=query_features(key[chosen], selection[chosen]),
        candidates=memory_features(key, shrinkage),
    )


def potentiate(
    prototypes: Prototypes, rows: Float[Tensor, "own_candidates width"]
) -> Float[Tensor, "own_prototypes width"]:
    """Memory potentiation (XMem section 3.3): each prototype gathers from all candidates by a dense softmax.

    The rows belong to the newest candidates. Where they are fewer than all (a late group's values), only prototypes
    among these candidates are computed, in their order, and the softmax runs over these candidates alone.
    """
    first = prototypes.candidates.shape[0] - rows.shape[0]
    # A GPU must be waited for before it can be known how many are chosen: not where it is clear that all are.
    queries = prototypes.queries[prototypes.chosen >= first] if first else prototypes.queries
    weights = torch.softmax(similarity(queries, prototypes.candidates[first:]), dim=1)
    return weights.to(rows.dtype) @ rows


def survivors(usage: Float[Tensor, " elements"], *, evict: int) -> Int64[Tensor, " kept"]:
    """Which elements remain when the `evict` least used must go, and with them all that are used no more than those."""
    if evict <= 0:
        return torch.arange(usage.shape[0], device=usage.device)
    threshold = usage.topk(evict, largest=False).values.max()
    return torch.nonzero(usage > threshold)[:, 0]
