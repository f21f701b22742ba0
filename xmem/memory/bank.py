"""What is remembered of one video, and for how long: working and long-term memory."""

import torch
from jaxtyping import Float
from torch import Tensor

from xmem.config import MemoryConfig
from xmem.memory.consolidation import Window, choose_prototypes, potentiate, survivors
from xmem.memory.rows import Rows
from xmem.memory.similarity import (
    Affinity,
    Search,
    memory_features,
    query_features,
    read_values,
    similarity,
    top_k_affinity,
    usage,
)

NEW_LIFE = 1e-7  # keeps the usage of an element that was never read finite: 0 / 1e-7 = 0


class Group:
    """Objects that first appeared in the same frame: their values, one row of all objects per memory element.

    Rows are ordered as in the bank, long-term first. Each part aligns with the *end* of the bank's part.
    """

    def __init__(self, *, objects: int, reserve: int) -> None:
        self.objects = objects
        self.values = Rows(reserve=reserve)
        self.long_term = 0

    @property
    def working(self) -> int:
        """Rows that belong to working memory."""
        return len(self.values) - self.long_term


class MemoryBank:
    """Keys shared by all objects, values by group, and how much each element has been used.

    Long-term elements come first, working elements after them in the order of their insertion.

    Args:
        config: what is remembered.
        count_usage: whether that of long-term elements is counted.
        search: how the elements that a query reads are found.
    """

    def __init__(self, config: MemoryConfig, *, count_usage: bool, search: Search = top_k_affinity) -> None:
        self._config = config
        self._search = search
        self._count_long_term = count_usage
        self._frame_size = 0  # elements that one frame adds; known from the first
        self._long_term = 0
        self._features = Rows(reserve=0)
        self._counts = Rows(reserve=0)  # usage, life
        self._projections = Rows(reserve=0)  # of working memory only: key, selection, shrinkage
        self._groups: list[Group] = []

    @property
    def size(self) -> tuple[int, int]:
        """Elements in working and in long-term memory."""
        return len(self._features) - self._long_term, self._long_term

    def read(
        self, key: Float[Tensor, "1 key_dim h w"], selection: Float[Tensor, "1 key_dim h w"]
    ) -> Float[Tensor, "objects value_dim h w"]:
        """What memory holds of every object at every place of the query; counts what was used."""
        similarities = similarity(query_features(_rows(key), _rows(selection)), self._features.filled)
        readouts = []
        for index, group in enumerate(self._groups):
            affinity = self._search(self._columns_of(group, similarities), k=self._config.top_k)
            if index == 0:  # the first group spans all of memory: its use stands for everyone's
                self._count(affinity)
            readout = read_values(group.values.filled, affinity)
            readouts.append(readout.view(*key.shape[-2:], group.objects, -1).permute(2, 3, 0, 1))
        return torch.cat(readouts)

    def insert(
        self,
        key: Float[Tensor, "1 key_dim h w"],
        shrinkage: Float[Tensor, "1 1 h w"],
        selection: Float[Tensor, "1 key_dim h w"],
        values: Float[Tensor, "objects value_dim h w"],
    ) -> None:
        """Remember a frame. Objects beyond those already known are the last ones and form a new group.

        Raises:
            ValueError: fewer objects than are known already.
        """
        known = sum(group.objects for group in self._groups)
        if values.shape[0] < known:
            raise ValueError(f"expected values of at least the {known} objects in memory, got {values.shape[0]}")
        if not self._frame_size:
            self._reserve(frame_size=key.shape[-2] * key.shape[-1])
        keys, shrinkages, selections = _rows(key), _rows(shrinkage), _rows(selection)
        self._features.append(memory_features(keys, shrinkages))
        self._projections.append(torch.cat([keys, selections, shrinkages], dim=1))
        self._counts.append(_new_counts(self._frame_size, like=keys))
        if values.shape[0] > known:
            self._groups.append(Group(objects=values.shape[0] - known, reserve=self._capacity()))
        self._insert_values(values)
        if self._config.long_term and self.size[0] >= self._config.max_working_frames * self._frame_size:
            self._consolidate()

    def _reserve(self, *, frame_size: int) -> None:
        self._frame_size = frame_size
        self._features = Rows(reserve=self._capacity())
        self._counts = Rows(reserve=self._capacity())
        self._projections = Rows(reserve=self._config.max_working_frames * frame_size)

    def _capacity(self) -> int:
        """Elements to make room for at once: working memory, and as many more where there is long-term memory.

        For frames of 480 pixels that is all there will ever be. What outgrows it grows as `Rows` do.
        """
        working = self._config.max_working_frames * self._frame_size
        return working + (min(working, self._config.max_long_term) if self._config.long_term else 0)

    def _insert_values(self, values: Tensor) -> None:
        first = 0
        for group in self._groups:
            own = values[first : first + group.objects]
            group.values.append(own.permute(2, 3, 0, 1).flatten(0, 1).flatten(1))
            first += group.objects

    def _columns_of(self, group: Group, similarities: Tensor) -> Tensor:
        """Similarities of the elements for which a group has values. Quirk 3: each part is a tail."""
        if len(group.values) == similarities.shape[1]:
            return similarities
        long_term = similarities[:, self._long_term - group.long_term : self._long_term]
        working = similarities[:, similarities.shape[1] - group.working :]
        return torch.cat([long_term, working], dim=1)

    def _count(self, affinity: Affinity) -> None:
        if not self._config.long_term:
            return
        first = 0 if self._count_long_term else self._long_term
        counts = self._counts.filled[first:]
        counts[:, 0] += usage(affinity, elements=len(self._counts))[first:]
        counts[:, 1] += 1

    def _consolidate(self) -> None:
        """Turn working memory, but for its first and newest frames, into prototypes; make room for them before."""
        room = self._config.max_long_term - self._config.prototypes
        if self._long_term >= room:
            self._evict(self._long_term - room)
        window = Window(
            frames=self.size[0] // self._frame_size, keep=self._config.min_working_frames, frame_size=self._frame_size
        )
        key, selection, shrinkage = _unpack(window.candidates(self._projections.filled))
        prototypes = choose_prototypes(
            key=key,
            shrinkage=shrinkage,
            selection=selection,
            usage=self._normalised_usage(window),
            count=self._config.prototypes,
        )
        for group in self._groups:
            working = group.values.filled[group.long_term :]
            condensed = potentiate(prototypes, window.candidates(working))
            _put_between(group.values, group.long_term, condensed, window.kept(working))
            group.long_term += condensed.shape[0]
        self._store_prototypes(key[prototypes.chosen], potentiate(prototypes, shrinkage), window)

    def _store_prototypes(self, key: Tensor, shrinkage: Tensor, window: Window) -> None:
        for rows, new in (
            (self._features, memory_features(key, shrinkage)),
            (self._counts, _new_counts(key.shape[0], like=key)),
        ):
            _put_between(rows, self._long_term, new, window.kept(rows.filled[self._long_term :]))
        self._projections.replace(window.kept(self._projections.filled))
        self._long_term += key.shape[0]

    def _normalised_usage(self, window: Window) -> Tensor:
        counts = window.candidates(self._counts.filled[self._long_term :])
        return counts[:, 0] / counts[:, 1]

    def _evict(self, count: int) -> None:
        """Forget at least `count` long-term elements: the least used, or the oldest where usage is not counted."""
        if self._count_long_term:
            counts = self._counts.filled[: self._long_term]
            kept = survivors(counts[:, 0] / counts[:, 1], evict=count)
        else:
            kept = torch.arange(count, self._long_term, device=self._counts.filled.device)
        for group in self._groups:  # a group's columns align with the end: those whose key survives remain
            own = kept - (self._long_term - group.long_term)
            own = own[own >= 0]
            _keep_of_first(group.values, group.long_term, own)
            group.long_term = own.shape[0]
        for rows in (self._features, self._counts):
            _keep_of_first(rows, self._long_term, kept)
        self._long_term = kept.shape[0]


def _rows(feature_map: Tensor) -> Tensor:
    """(1, C, h, w) to (h * w, C)."""
    return feature_map[0].flatten(1).T


def _unpack(projections: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Key, selection and shrinkage, which are stored side by side."""
    key_dim = projections.shape[1] // 2
    return projections[:, :key_dim], projections[:, key_dim:-1], projections[:, -1:]


def _new_counts(elements: int, *, like: Tensor) -> Tensor:
    counts = torch.zeros(elements, 2, device=like.device)
    counts[:, 1] = NEW_LIFE
    return counts


def _put_between(rows: Rows, first: int, new: Tensor, last: Tensor) -> None:
    """Keep the `first` rows; `new` and `last` replace what comes after them."""
    rows.replace(torch.cat([rows.filled[:first], new.to(last.dtype), last]))


def _keep_of_first(rows: Rows, first: int, kept: Tensor) -> None:
    """Of the `first` rows only those at `kept` remain, and all that come after."""
    rows.replace(torch.cat([rows.filled[:first][kept], rows.filled[first:]]))
