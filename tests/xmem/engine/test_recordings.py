"""Which recording serves which call. What runs again stands for a recording, so that this needs no GPU."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from xmem import MemoryConfig, Tracker, XMem
from xmem.engine.graphs import GraphedXMem
from xmem.inference.aggregation import with_others
from xmem.inference.stages import run_steps
from xmem.memory.similarity import top_k_affinity


class RunAgain(GraphedXMem):
    """Runs a stage again where a GPU would replay it: into the same tensors, from the same tensors."""

    def _capture(self, run: Callable[[], Sequence[Tensor]]) -> tuple[Sequence[Tensor], Callable[[], None]]:
        outputs = [one.clone() for one in run()]

        def again() -> None:
            for mine, one in zip(outputs, run(), strict=True):
                mine.copy_(one)

        return outputs, again

    def rooms(self, stage: str) -> list[tuple[int, int]]:
        """Objects and images that recordings of a stage have room for."""
        return [room for ((name, *_), _), room in self._recordings if name.startswith(stage)]


@pytest.fixture
def recorded(small_network: XMem) -> RunAgain:
    pytest.importorskip("triton")
    network = RunAgain(small_network, compiled=False)
    network.search = top_k_affinity
    return network


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@torch.inference_mode()
@pytest.mark.parametrize("counts", [[1, 3, 2], [2, 1], [1], [3, 1, 1, 1]])
def test_a_larger_recording_gives_what_the_network_gives(
    small_network: XMem, recorded: RunAgain, counts: list[int]
) -> None:
    recorded.prepare(32, 48, objects=7, images=4)
    for seed in range(2):  # the second finds what the first left
        images = drawn(len(counts), 3, 32, 48, seed=seed)
        owner = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
        masks = with_others(torch.sigmoid(drawn(len(owner), 32, 48, seed=seed)))
        results = []
        for network in (small_network, recorded):
            encoded = network.encode_key(images)
            value = network.encode_value(images, encoded.f16, masks, owner)
            sensory = network.reinforce(value, network.blank_sensory(len(owner), like=encoded))
            logits, advanced = network.segment(encoded, value, sensory, owner, update_sensory=True)
            results.append([encoded.key, encoded.f4, value, sensory, logits, advanced])
        for expected, found in zip(*results, strict=True):
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    assert recorded.rooms("segment") == [(7, 4)] * 2
    assert recorded.rooms("value") == [(7, 4)]
    assert recorded.rooms("key") == [(0, 4)]


def test_when_a_video_ends_what_was_recorded_for_several_serves_the_others(
    small_network: XMem, recorded: RunAgain
) -> None:
    lengths = (3, 7, 5)
    frames = drawn(3, 7, 3, 32, 48)
    prompt = torch.zeros(32, 48, dtype=torch.int64)
    prompt[5:20, 5:20], prompt[10:30, 25:40] = 1, 2

    def trackers(network: XMem) -> list[Tracker]:
        return [Tracker(network, MemoryConfig(memorise_every=2), video_length=length) for length in lengths]

    recorded.prepare(32, 48, objects=6, images=3)
    there = len(recorded._recordings)
    together, alone = trackers(recorded), trackers(small_network)
    for t in range(6):
        present = [video for video in range(3) if t < lengths[video]]
        given = [(frames[video, t], prompt if t == 0 else None) for video in present]
        if len(present) > 1:
            steps = [together[video].begin_step(*one) for video, one in zip(present, given, strict=True)]
            for video, one, found in zip(present, given, run_steps(recorded, steps), strict=True):
                torch.testing.assert_close(found, alone[video].step(*one), rtol=0, atol=1e-5)
    assert len(recorded._recordings) == there


def test_several_videos_are_prepared_for_with_what_is_there_unless_it_is_twice_too_large(recorded: RunAgain) -> None:
    recorded.prepare(32, 48, objects=8, images=4)
    recorded.prepare(32, 48, objects=4, images=4)
    assert recorded.rooms("value") == [(8, 4)]
    recorded.prepare(32, 48, objects=3, images=3)
    assert recorded.rooms("value") == [(8, 4), (3, 3)]


def test_a_video_by_itself_is_prepared_for_exactly(recorded: RunAgain) -> None:
    for objects in (3, 2, 3):
        recorded.prepare(32, 48, objects=objects)
    assert recorded.rooms("value") == [(2, 1), (3, 1)], "the one used last is kept longest"
    assert recorded.rooms("reinforce") == [(2, 0), (3, 0)]


@torch.inference_mode()
def test_of_several_that_fit_the_smallest_serves(recorded: RunAgain) -> None:
    for objects in (5, 2):
        recorded.prepare(32, 48, objects=objects)
    value, sensory = drawn(2, 32, 2, 3), drawn(2, 8, 2, 3)
    recorded.reinforce(value, sensory)
    assert recorded.rooms("reinforce") == [(5, 0), (2, 0)]


@torch.inference_mode()
def test_other_sizes_are_other_recordings(recorded: RunAgain) -> None:
    for width in (32, 48):
        recorded.encode_key(drawn(1, 3, 32, width))
    assert len(recorded._recordings) == 2


@torch.inference_mode()
def test_only_so_many_are_kept(recorded: RunAgain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmem.engine.graphs.MOST_RECORDINGS", 2)
    for width in (32, 48, 64, 32):
        recorded.encode_key(drawn(1, 3, 32, width))
        assert len(recorded._recordings) <= 2


@torch.inference_mode()
def test_the_sensory_state_outlives_the_next_step(recorded: RunAgain) -> None:
    encoded = recorded.encode_key(drawn(1, 3, 32, 48))
    readout, blank = drawn(1, 32, 2, 3), recorded.blank_sensory(1, like=encoded)
    _, first = recorded.segment(encoded, readout, blank, update_sensory=True)
    before = first.clone()
    recorded.segment(encoded, 2 * readout, first, update_sensory=True)
    assert torch.equal(first, before)
