"""The bank against a literal restatement of its rules: plain lists of elements, no tails, no shared storage."""

from dataclasses import dataclass, field

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xmem import MemoryConfig
from xmem.memory.bank import MemoryBank

DIM, VALUE = 3, 2
HEIGHT, WIDTH = 2, 2
FRAME = HEIGHT * WIDTH


@dataclass
class Element:
    key: torch.Tensor
    shrinkage: torch.Tensor
    selection: torch.Tensor | None
    use: float = 0.0
    life: float = 1e-7


@dataclass
class LiteralGroup:
    objects: int
    long_term: list[torch.Tensor] = field(default_factory=list)
    working: list[torch.Tensor] = field(default_factory=list)


@dataclass
class LiteralBank:
    """Every rule of long-term memory, element by element, as the specification words it."""

    config: MemoryConfig
    count_usage: bool
    long_term: list[Element] = field(default_factory=list)
    working: list[Element] = field(default_factory=list)
    groups: list[LiteralGroup] = field(default_factory=list)

    def read(self, key: torch.Tensor, selection: torch.Tensor) -> torch.Tensor:
        queries = list(zip(_columns(key), _columns(selection), strict=True))
        answers = []
        for number, group in enumerate(self.groups):
            tail = self.long_term[len(self.long_term) - len(group.long_term) :]
            elements = tail + self.working[len(self.working) - len(group.working) :]
            values = group.long_term + group.working
            used = [0.0] * len(elements)
            rows = []
            for query, chosen in queries:
                scores = _similarity(elements, query, chosen)
                best = scores.topk(min(self.config.top_k, len(elements)))
                weights = torch.softmax(best.values, dim=0)
                picked = best.indices.tolist()
                rows.append(sum(w * values[i] for w, i in zip(weights, picked, strict=True)))
                for weight, i in zip(weights.tolist(), picked, strict=True):
                    used[i] += weight
            if number == 0 and self.config.long_term:
                for element, use in zip(elements, used, strict=True):
                    is_long_term = any(element is other for other in self.long_term)
                    if not is_long_term or self.count_usage:
                        element.use += use
                        element.life += 1
            answers.append(torch.stack(rows).view(HEIGHT, WIDTH, group.objects, VALUE).permute(2, 3, 0, 1))
        return torch.cat(answers)

    def insert(self, key: torch.Tensor, shrinkage: torch.Tensor, selection: torch.Tensor, values: torch.Tensor) -> None:
        for k, s, e in zip(_columns(key), _columns(shrinkage), _columns(selection), strict=True):
            self.working.append(Element(key=k, shrinkage=s, selection=e))
        known = sum(group.objects for group in self.groups)
        if values.shape[0] > known:
            self.groups.append(LiteralGroup(objects=values.shape[0] - known))
        first = 0
        for group in self.groups:
            own = values[first : first + group.objects]
            group.working += list(own.permute(2, 3, 0, 1).reshape(FRAME, -1))
            first += group.objects
        if self.config.long_term and len(self.working) >= self.config.max_working_frames * FRAME:
            self.consolidate()

    def consolidate(self) -> None:
        if len(self.long_term) >= self.config.max_long_term - self.config.prototypes:
            self.evict(len(self.long_term) - (self.config.max_long_term - self.config.prototypes))
        keep = self.config.min_working_frames
        newest = len(self.working) - (keep - 1) * FRAME
        candidates = self.working[FRAME:newest]
        usage = torch.tensor([element.use / element.life for element in candidates])
        chosen = usage.topk(min(self.config.prototypes, len(candidates))).indices.tolist()
        new: list[Element] = []
        for number, group in enumerate(self.groups):
            count = len(group.working) // FRAME
            spans = len(group.working) == len(self.working)
            columns: list[int] = []
            if spans or count > keep + 1:
                columns = list(range(FRAME, len(group.working) - (keep - 1) * FRAME))
            first_candidate = len(candidates) - len(columns)
            for index in chosen:
                if index < first_candidate:
                    continue
                prototype = candidates[index]
                assert prototype.selection is not None
                scores = _similarity(candidates[first_candidate:], prototype.key, prototype.selection)
                weights = torch.softmax(scores, dim=0)
                group.long_term.append(
                    sum(w * group.working[column] for w, column in zip(weights, columns, strict=True))
                )
                if number == 0:
                    shrinkage = sum(w * c.shrinkage for w, c in zip(weights, candidates, strict=True))
                    new.append(Element(key=prototype.key, shrinkage=shrinkage, selection=None))
            if count >= keep + 1:
                group.working = group.working[:FRAME] + group.working[len(group.working) - (keep - 1) * FRAME :]
        self.long_term += new
        self.working = self.working[:FRAME] + self.working[newest:]

    def evict(self, count: int) -> None:
        if count <= 0:
            return
        usage = [element.use / element.life for element in self.long_term]
        limit = sorted(usage)[count - 1]
        kept = [i for i, use in enumerate(usage) if use > limit] if self.count_usage else range(count, len(usage))
        for group in self.groups:
            offset = len(self.long_term) - len(group.long_term)
            group.long_term = [group.long_term[i - offset] for i in kept if i >= offset]
        self.long_term = [self.long_term[i] for i in kept]


def _columns(feature_map: torch.Tensor) -> list[torch.Tensor]:
    return list(feature_map[0].flatten(1).T.double())


def _similarity(elements: list[Element], query: torch.Tensor, selection: torch.Tensor) -> torch.Tensor:
    key = torch.stack([element.key for element in elements])
    shrinkage = torch.stack([element.shrinkage for element in elements])[:, 0]
    return -shrinkage * (selection * (key - query) ** 2).sum(dim=1) / DIM**0.5


def frame(rng: torch.Generator) -> dict[str, torch.Tensor]:
    return {
        "key": torch.randn(1, DIM, HEIGHT, WIDTH, generator=rng),
        "shrinkage": 1 + torch.rand(1, 1, HEIGHT, WIDTH, generator=rng),
        "selection": torch.rand(1, DIM, HEIGHT, WIDTH, generator=rng),
    }


def compare_banks(config: MemoryConfig, *, arrivals: list[int], count_usage: bool, seed: int) -> tuple[int, int]:
    """Insert a frame per entry of `arrivals`, which says how many objects are new in it; compare every read."""
    rng = torch.Generator().manual_seed(seed)
    bank, literal = MemoryBank(config, count_usage=count_usage), LiteralBank(config=config, count_usage=count_usage)
    objects = 0
    for new in arrivals:
        objects += new
        seen = frame(rng)
        values = torch.randn(objects, VALUE, HEIGHT, WIDTH, generator=rng)
        bank.insert(**seen, values=values)
        literal.insert(**seen, values=values.double())
        assert bank.size == (len(literal.working), len(literal.long_term))
        query = frame(rng)
        ours, theirs = (each.read(query["key"], query["selection"]) for each in (bank, literal))
        torch.testing.assert_close(ours.double(), theirs.double(), rtol=1e-3, atol=1e-3)
    return bank.size


SMALL = {"top_k": 4, "min_working_frames": 2, "max_working_frames": 5, "prototypes": 4}


def test_long_term_memory_is_what_its_rules_say() -> None:
    config = MemoryConfig(**SMALL, max_long_term=1000)
    working, long_term = compare_banks(config, arrivals=[2] + [0] * 13, count_usage=False, seed=0)
    assert long_term == 4 * 4
    assert working % FRAME == 0


@pytest.mark.parametrize("count_usage", [True, False])
def test_eviction_makes_room_by_use_or_by_age(count_usage: bool) -> None:
    config = MemoryConfig(**SMALL, max_long_term=11)
    _, long_term = compare_banks(config, arrivals=[1] + [0] * 25, count_usage=count_usage, seed=1)
    assert 4 <= long_term <= 11


@settings(max_examples=25)
@given(
    late=st.lists(st.integers(0, 2), min_size=17, max_size=17),
    min_working=st.integers(1, 3),
    extra=st.integers(1, 4),
    max_long_term=st.sampled_from([5, 9, 1000]),
    count_usage=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_groups_that_come_at_any_time_keep_to_the_rules_through_consolidation_and_eviction(  # noqa: PLR0917
    late: list[int], min_working: int, extra: int, max_long_term: int, count_usage: bool, seed: int
) -> None:
    config = MemoryConfig(
        top_k=4,
        min_working_frames=min_working,
        max_working_frames=min_working + extra,
        prototypes=4,
        max_long_term=max_long_term,
    )
    compare_banks(config, arrivals=[1, *late], count_usage=count_usage, seed=seed)


def test_without_long_term_memory_everything_stays_in_working_memory() -> None:
    config = MemoryConfig(long_term=False, top_k=4)
    assert compare_banks(config, arrivals=[1] + [0] * 14, count_usage=False, seed=2) == (15 * FRAME, 0)


def test_long_term_memory_never_exceeds_its_limit() -> None:
    config = MemoryConfig(**SMALL, max_long_term=10)
    bank = MemoryBank(config, count_usage=True)
    rng = torch.Generator().manual_seed(3)
    for _ in range(60):
        bank.insert(**frame(rng), values=torch.randn(1, VALUE, HEIGHT, WIDTH, generator=rng))
        query = frame(rng)
        bank.read(query["key"], query["selection"])
        assert bank.size[1] <= 10
        assert bank.size[0] < 5 * FRAME


def test_objects_cannot_be_forgotten_between_insertions() -> None:
    bank = MemoryBank(MemoryConfig(), count_usage=False)
    rng = torch.Generator().manual_seed(4)
    bank.insert(**frame(rng), values=torch.randn(2, VALUE, HEIGHT, WIDTH))
    with pytest.raises(ValueError, match="at least the 2 objects"):
        bank.insert(**frame(rng), values=torch.randn(1, VALUE, HEIGHT, WIDTH))
    assert bank.size == (FRAME, 0)
