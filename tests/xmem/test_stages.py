"""Videos that are stepped together are segmented as each is by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from xmem import MemoryConfig, Tracker, XMem, run_steps


@dataclass(frozen=True)
class Video:
    """A video of noise."""

    seed: int
    frames: int
    labels: Mapping[int, Sequence[int]]  # that a prompt shows, by frame
    size: tuple[int, int] = (40, 52)
    memory: MemoryConfig = field(default_factory=lambda: MemoryConfig(memorise_every=2))

    def image(self, frame: int) -> torch.Tensor:
        return torch.randn(3, *self.size, generator=torch.Generator().manual_seed(100 * self.seed + frame))

    def prompt(self, frame: int) -> np.ndarray | None:
        if frame not in self.labels:
            return None
        mask = np.zeros(self.size, dtype=np.uint8)
        for place, label in enumerate(self.labels[frame]):
            mask[5 + self.seed : 25, 10 * place : 10 * place + 8] = label
        return mask

    def tracker(self, network: XMem) -> Tracker:
        return Tracker(network, self.memory, video_length=self.frames)


VIDEOS = [
    Video(seed=1, frames=9, labels={0: [1]}),
    Video(seed=2, frames=7, labels={0: [3, 1], 4: [2]}),  # an object comes later
    Video(seed=3, frames=9, labels={0: [1, 2, 3]}, size=(64, 48)),  # by itself in its batches
    Video(seed=4, frames=8, labels={0: [7], 3: [7]}),  # what was predicted is replaced, and nothing left to segment
    Video(
        seed=5,
        frames=9,
        labels={0: [1, 2]},
        memory=MemoryConfig(
            memorise_every=1, deep_update_every=3, min_working_frames=2, max_working_frames=4, prototypes=8
        ),
    ),
]


def alone(network: XMem, video: Video) -> list[torch.Tensor]:
    tracker = video.tracker(network)
    return [tracker.step(video.image(t), video.prompt(t)) for t in range(video.frames)]


def together(network: XMem, videos: Sequence[Video]) -> list[list[torch.Tensor]]:
    """The shorter ones end while the others go on."""
    trackers = [video.tracker(network) for video in videos]
    answers: list[list[torch.Tensor]] = [[] for _ in videos]
    for t in range(max(video.frames for video in videos)):
        present = [index for index, video in enumerate(videos) if t < video.frames]
        steps = [trackers[index].begin_step(videos[index].image(t), videos[index].prompt(t)) for index in present]
        for index, probabilities in zip(present, run_steps(network, steps), strict=True):
            answers[index].append(probabilities)
    return answers


def test_each_video_is_segmented_as_it_is_alone(small_network: XMem) -> None:
    for video, answers in zip(VIDEOS, together(small_network, VIDEOS), strict=True):
        for expected, found in zip(alone(small_network, video), answers, strict=True):
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_golden_videos_stepped_together_are_those_of_the_reference(scenario: Callable, drawn_network: Callable) -> None:
    golden = [scenario(name) for name in ("basic", "long_term_consolidation", "long_term_eviction")]
    one = golden[0]
    assert all((other.model, other.salt) == (one.model, one.salt) for other in golden)
    network = drawn_network(one.model, one.salt)
    trackers = [Tracker(network, each.memory, video_length=len(each.frames)) for each in golden]
    from xmem import normalise

    for t in range(min(len(each.frames) for each in golden)):
        steps = [
            tracker.begin_step(normalise(torch.from_numpy(each.frames[t])), each.prompts.get(t))
            for tracker, each in zip(trackers, golden, strict=True)
        ]
        for tracker, each, probabilities in zip(trackers, golden, run_steps(network, steps), strict=True):
            assert tracker.memory_size == tuple(each.memory_sizes[t])
            index_mask = np.array([0, *tracker.labels])[probabilities.argmax(dim=0).numpy()]
            assert np.mean(index_mask == each.index_masks[t]) >= 0.999


def test_what_they_ask_for_is_one_batch(small_network: XMem, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    encode_key = small_network.encode_key

    def counted(image: torch.Tensor) -> object:
        asked.append(len(image))
        return encode_key(image)

    monkeypatch.setattr(small_network, "encode_key", counted)
    same_size = [video for video in VIDEOS if video.size == VIDEOS[0].size]
    together(small_network, same_size)
    assert asked == [4] * 7 + [3] + [2]


def test_an_unusable_prompt_leaves_every_tracker_as_it_was(small_network: XMem) -> None:
    first, second = VIDEOS[:2]
    trackers = [video.tracker(small_network) for video in (first, second)]
    steps = [
        trackers[0].begin_step(first.image(0), first.prompt(0)),
        trackers[1].begin_step(second.image(0), np.full(second.size, 300)),
    ]
    with pytest.raises(ValueError, match="expected labels in 0"):
        run_steps(small_network, steps)
    found = trackers[0].step(first.image(0), first.prompt(0))
    assert torch.equal(found, alone(small_network, first)[0])


def test_a_step_that_is_not_run_changes_nothing(small_network: XMem) -> None:
    video = VIDEOS[0]
    tracker = video.tracker(small_network)
    tracker.begin_step(video.image(3), video.prompt(0))
    assert tracker.labels == []
    assert tracker.memory_size == (0, 0)
