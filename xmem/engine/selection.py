"""The most similar elements of memory, found by one Triton kernel: a program for each query.

`xmem.memory.similarity.top_k_affinity` says what is computed. Here a row is read twice. First its columns are dealt to
groups, of which only the best is kept: no element of the top k is below the k-th best group. Then whatever reaches that
bound, some forty elements, is collected, and the k best of these are taken exactly. A number is found among others
bit by bit, by counting those that reach it; floats are compared as integers of the same order.

Importing this needs Triton, which comes with torch for GPUs.
"""

import torch
import triton
import triton.language as tl
from jaxtyping import Float
from torch import Tensor

from xmem.memory.similarity import Affinity, top_k_affinity

WARPS = 4
CHUNK = 1024  # columns that are looked at together when candidates are collected
SHARE = 32  # columns of a group, at most; a row collects fewer than k * SHARE + k candidates


def select_top_k(similarity: Float[Tensor, "queries elements"], *, k: int) -> Affinity:
    """As `top_k_affinity`; the elements of a query come in the order of memory."""
    queries, elements = similarity.shape
    if elements < k:
        return top_k_affinity(similarity, k=k)
    groups = triton.next_power_of_2(max(k, -(-elements // SHARE)))
    room = triton.next_power_of_2((k - 1) * -(-elements // groups) + k)
    new = similarity.new_empty
    weights, chosen = new(queries, k, dtype=torch.float32), new(queries, k, dtype=torch.int64)
    candidates, places = new(queries, room, dtype=torch.float32), new(queries, room, dtype=torch.int32)
    _select[(queries,)](
        similarity, candidates, places, weights, chosen, similarity.stride(0), elements,
        K=k, GROUPS=groups, ROOM=room, COLUMNS=CHUNK, num_warps=WARPS,
    )  # fmt: skip
    return Affinity(weights=weights, elements=chosen)


@triton.jit  # type: ignore[untyped-decorator]
def _select(similarity, candidates, places, weights, chosen, stride, elements, K: tl.constexpr, GROUPS: tl.constexpr, ROOM: tl.constexpr, COLUMNS: tl.constexpr):  # type: ignore[no-untyped-def]  # fmt: skip  # noqa: ANN001, ANN202, E501, N803, PLR0917
    query = tl.program_id(0).to(tl.int64)
    row, own_candidates, own_places = similarity + query * stride, candidates + query * ROOM, places + query * ROOM

    group = tl.arange(0, GROUPS)
    best = tl.full([GROUPS], -2147483648, tl.int32)
    for start in range(0, elements, GROUPS):
        column = start + group
        value = tl.load(row + column, mask=column < elements, other=float("-inf")).to(tl.float32)
        best = tl.maximum(best, _as_integer(value))
    bound = _kth_largest(best, K)

    # Of those that equal the bound no more than k are wanted; all that are above it have room.
    above_before = 0
    equal_before = 0
    offset = tl.arange(0, COLUMNS)
    for start in range(0, elements, COLUMNS):
        column = start + offset
        inside = column < elements
        value = tl.load(row + column, mask=inside, other=float("-inf")).to(tl.float32)
        order = _as_integer(value)
        above = ((order > bound) & inside).to(tl.int32)
        equal = ((order == bound) & inside).to(tl.int32)
        total = tl.sum((above << 16) + equal, 0)
        if total > 0:
            ranks = tl.cumsum((above << 16) + equal, 0)  # two counts in one
            equal_rank = equal_before + (ranks & 0xFFFF)
            wanted = (above > 0) | ((equal > 0) & (equal_rank <= K))
            slot = above_before + (ranks >> 16) + tl.minimum(equal_rank, K) - 1
            tl.store(own_candidates + slot, value, mask=wanted)
            tl.store(own_places + slot, column, mask=wanted)
            above_before += total >> 16
            equal_before += total & 0xFFFF
    tl.debug_barrier()  # what other threads of this program collected is to be seen

    count = above_before + tl.minimum(equal_before, K)
    slot = tl.arange(0, ROOM)
    filled = slot < count
    value = tl.load(own_candidates + slot, mask=filled, other=float("-inf"))
    place = tl.load(own_places + slot, mask=filled, other=0)
    order = _as_integer(value)
    least = _kth_largest(order, K)
    above = ((order > least) & filled).to(tl.int32)
    equal = ((order == least) & filled).to(tl.int32)
    still = K - tl.sum(above, 0)
    ranks = tl.cumsum((above << 16) + equal, 0)
    wanted = (above > 0) | ((equal > 0) & ((ranks & 0xFFFF) <= still))
    slot = (ranks >> 16) + tl.minimum(ranks & 0xFFFF, still) - 1
    weight = tl.where(wanted, tl.exp(value - tl.max(value, 0)), 0.0)
    tl.store(chosen + query * K + slot, place.to(tl.int64), mask=wanted)
    tl.store(weights + query * K + slot, weight / tl.sum(weight, 0), mask=wanted)


@triton.jit
def _as_integer(value):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Integers in the order of the floats that they come from."""
    bits = value.to(tl.int32, bitcast=True)
    return tl.where(bits < 0, bits ^ 0x7FFFFFFF, bits)


@triton.jit  # type: ignore[untyped-decorator]
def _kth_largest(order, K: tl.constexpr):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, N803
    """The largest integer that at least K of these reach."""
    least = tl.where(tl.sum((order >= 0).to(tl.int32), 0) >= K, 0, -2147483648)
    for place in range(31):
        higher = least + (1 << (30 - place))
        least = tl.where(tl.sum((order >= higher).to(tl.int32), 0) >= K, higher, least)
    return least
