"""Which frames of each sequence are shown where not all have room: the first choice, then as many as fit, evenly."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.errors import InputError
from reports.page import ShownFrame

NO_ROOM = "No frame of this sequence is shown: those of others fill the page."

# Makes a picture, by the places of its sequence and of the frame in that; raises InputError where it cannot.
Take = Callable[[int, int], ShownFrame]


@dataclass(slots=True)
class ShownClip:
    """What is shown of a sequence: frames, by place; or why there are none."""

    taken: dict[int, ShownFrame] = field(default_factory=dict)
    wanted: frozenset[int] = frozenset()
    broken: str | None = None

    @property
    def frames(self) -> tuple[ShownFrame, ...]:
        """In time order; none where one of them cannot be shown."""
        return () if self.broken else tuple(self.taken[index] for index in sorted(self.wanted))

    @property
    def absent(self) -> str | None:
        """None where there are frames."""
        return self.broken or (None if self.frames else NO_ROOM)

    def size_of(self, indices: Collection[int]) -> int:
        """Bytes that frames take; those that were not made yet, as many as others of their sequence do."""
        sizes = {index: embedded_size(frame) for index, frame in self.taken.items()}
        usual = -(-sum(sizes.values()) // len(sizes))
        return sum(sizes.get(index, usual) for index in indices)


def choose_pictures(
    take: Take, lengths: Sequence[int], *, first: Sequence[Sequence[int]], budget: int
) -> list[ShownClip]:
    """Frames of every sequence, together within the budget.

    Args:
        take: makes a picture.
        lengths: of the sequences, in frames.
        first: for each sequence, places of frames that go before all others, the most wanted first; at least one.
        budget: bytes, as embedded in a page.
    """
    clips = [ShownClip() for _ in lengths]
    if _take_first(clips, take, first, budget=budget):
        _take_evenly(clips, take, lengths, budget=budget)
    return clips


def embedded_size(frame: ShownFrame) -> int:
    """Bytes of a frame's pictures as base64."""
    contents = (frame.image, frame.truth or b"", *frame.predictions.values())
    return sum(4 * -(-len(content) // 3) for content in contents)


def _take_first(clips: list[ShownClip], take: Take, first: Sequence[Sequence[int]], *, budget: int) -> bool:
    """One frame of each sequence, then another of each, and so on; whether there was room for all."""
    used = 0
    for rank in range(max(map(len, first), default=0)):
        for place, clip in enumerate(clips):
            if rank >= len(first[place]) or clip.broken:
                continue
            index = first[place][rank]
            if not _take_one(clip, take, place, index):
                continue
            used += embedded_size(clip.taken[index])
            if used > budget:
                return False
            clip.wanted |= {index}
    return True


def _take_evenly(clips: list[ShownClip], take: Take, lengths: Sequence[int], *, budget: int) -> None:
    """As many frames of each sequence, evenly spread, as fit beside those that are there."""
    firsts = [clip.wanted for clip in clips]
    count = max(lengths, default=0)
    while True:
        count = _most(clips, firsts, lengths, budget=budget, at_most=count)
        wanted = [first | evenly(length, count) for first, length in zip(firsts, lengths, strict=True)]
        missing = [
            (place, index)
            for place, clip in enumerate(clips)
            if not clip.broken
            for index in sorted(wanted[place] - clip.taken.keys())
        ]
        for place, index in missing:
            if not clips[place].broken:
                _take_one(clips[place], take, place, index)
        if not missing:
            break
    for clip, indices in zip(clips, wanted, strict=True):
        clip.wanted = indices


def _take_one(clip: ShownClip, take: Take, place: int, index: int) -> bool:
    """Whether the picture could be made."""
    try:
        clip.taken[index] = take(place, index)
    except InputError as error:
        clip.broken = str(error)
    return clip.broken is None


def _most(
    clips: list[ShownClip], firsts: list[frozenset[int]], lengths: Sequence[int], *, budget: int, at_most: int
) -> int:
    """The largest number of frames of each sequence that fits, as far as can be told."""
    low, high = 0, at_most
    while low < high:
        count = (low + high + 1) // 2
        size = sum(
            clip.size_of(first | evenly(length, count))
            for clip, first, length in zip(clips, firsts, lengths, strict=True)
            if not clip.broken
        )
        low, high = (count, high) if size <= budget else (low, count - 1)
    return low


def evenly(length: int, count: int) -> frozenset[int]:
    """Places of up to `count` frames, spread from the first to the last of `length`."""
    return frozenset(np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist())
