"""What only a GPU can show: stages recorded as CUDA graphs. `make test-gpu` runs them, without checks of shapes."""

import copy
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from jaxtyping import config

from xmem import MemoryConfig, ModelConfig, Tracker, XMem, normalise
from xmem.engine import GraphedXMem, rewrite
from xmem.inference.aggregation import with_others
from xmem.inference.stages import run_steps

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.skipif(not config.jaxtyping_disable, reason="torch's compiler cannot read checked functions"),
]
CUDA = torch.device("cuda")


@pytest.fixture(scope="module")
def network(drawn_network: Callable) -> XMem:
    return drawn_network(ModelConfig())


@pytest.fixture(scope="module")
def recorded(network: XMem) -> GraphedXMem:
    return GraphedXMem(rewrite(copy.deepcopy(network), CUDA, tiles=True), compiled=False)


@pytest.fixture(autouse=True)
def fp32() -> Iterator[None]:
    """Convolutions too; by itself torch computes those in TF32."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cudnn.allow_tf32 = before


@pytest.mark.parametrize("name", ["basic", "late_object_sparse_labels", "long_term_eviction", "no_sensory"])
def test_in_fp32_it_gives_what_the_reference_gives(name: str, scenario: Callable, drawn_network: Callable) -> None:
    golden = scenario(name)
    network = rewrite(copy.deepcopy(drawn_network(golden.model, golden.salt)), CUDA, tiles=True)
    tracker = Tracker(GraphedXMem(network, compiled=False), golden.memory, video_length=len(golden.frames))
    for t, frame in enumerate(golden.frames):
        probabilities = tracker.step(normalise(torch.from_numpy(frame).to(CUDA)), golden.prompts.get(t))
        assert tracker.memory_size == tuple(golden.memory_sizes[t])
        index_mask = np.array([0, *tracker.labels])[probabilities.argmax(dim=0).cpu().numpy()]
        assert np.mean(index_mask == golden.index_masks[t]) >= 0.999


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_compiled_stages_err_no_more_than_those_that_are_written(network: XMem, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 96, 128, generator=generator).to(CUDA)
    masks = with_others(torch.rand(2, 96, 128, generator=generator)).to(CUDA)
    ours = GraphedXMem(rewrite(copy.deepcopy(network), CUDA, dtype=dtype), compiled=True)
    written = rewrite(copy.deepcopy(network), CUDA)  # in fp32, and not recorded

    def run(one: XMem) -> list[torch.Tensor]:
        encoded = one.encode_key(image)
        value = one.encode_value(image, encoded.f16, masks)
        logits, _ = one.segment(encoded, value, one.blank_sensory(2, like=encoded), update_sensory=True)
        return [part.float().clone() for part in (encoded.key, value, logits)]

    exact = run(written)
    with torch.autocast("cuda", dtype=dtype):
        usual, replayed = run(written), run(ours)
    for best, first, second in zip(exact, usual, replayed, strict=True):
        assert 0 < (second - best).pow(2).mean() < 2 * (first - best).pow(2).mean()


def test_trackers_that_take_turns_do_not_disturb_each_other(recorded: GraphedXMem) -> None:
    frames = torch.randn(2, 8, 3, 64, 96, generator=torch.Generator().manual_seed(1)).to(CUDA)
    prompt = torch.zeros(64, 96, dtype=torch.int64)
    prompt[10:40, 20:50] = 1

    def track(videos: list[int]) -> list[torch.Tensor]:
        trackers = {video: Tracker(recorded, MemoryConfig(memorise_every=2)) for video in videos}
        last = {}
        for t in range(8):
            for video, tracker in trackers.items():
                last[video] = tracker.step(frames[video, t], prompt if t == 0 else None)
        return [last[video] for video in videos]

    together = track([0, 1])
    for video in (0, 1):
        (alone,) = track([video])
        torch.testing.assert_close(alone, together[video], rtol=0, atol=1e-4)


def test_videos_stepped_together_are_segmented_as_each_is_alone(recorded: GraphedXMem) -> None:
    """The shorter one ends first: what was recorded for both serves the other."""
    lengths = (4, 8)
    frames = torch.randn(2, 8, 3, 64, 96, generator=torch.Generator().manual_seed(3)).to(CUDA)
    prompts = torch.zeros(2, 64, 96, dtype=torch.int64)
    prompts[0, 10:40, 20:50] = 1
    prompts[1, 5:30, 60:90], prompts[1, 40:60, 5:40] = 4, 2

    def trackers() -> list[Tracker]:
        return [Tracker(recorded, MemoryConfig(memorise_every=2), video_length=length) for length in lengths]

    recorded.prepare(64, 96, objects=3, images=2)
    both, alone = trackers(), trackers()
    for t in range(8):
        present = [video for video in (0, 1) if t < lengths[video]]
        given = {video: (frames[video, t], prompts[video] if t == 0 else None) for video in present}
        together = run_steps(recorded, [both[video].begin_step(*given[video]) for video in present])
        together = [one.clone() for one in together]
        for video, found in zip(present, together, strict=True):
            torch.testing.assert_close(found, alone[video].step(*given[video]), rtol=0, atol=1e-4)


@torch.inference_mode()
def test_what_is_prepared_is_not_recorded_again(recorded: GraphedXMem) -> None:
    recorded.prepare(50, 70, objects=2)
    there = len(recorded._recordings)
    recorded.prepare(50, 70, objects=2)
    tracker = Tracker(recorded, MemoryConfig(memorise_every=2))
    prompt = torch.zeros(50, 70, dtype=torch.int64)
    prompt[5:20, 5:20], prompt[30:40, 30:40] = 1, 2
    for t in range(5):
        tracker.step(torch.randn(3, 50, 70, device=CUDA), prompt if t == 0 else None)
    assert len(recorded._recordings) == there


@torch.inference_mode()
def test_other_number_formats_are_another_recording(recorded: GraphedXMem) -> None:
    image = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(2)).to(CUDA)
    exact = recorded.encode_key(image).key.clone()
    torch.backends.cudnn.allow_tf32 = True
    assert not torch.equal(recorded.encode_key(image).key, exact)


@torch.inference_mode()
def test_only_so_many_recordings_are_kept(network: XMem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xmem.engine.graphs.MOST_RECORDINGS", 2)
    one = GraphedXMem(rewrite(copy.deepcopy(network), CUDA), compiled=False)
    for width in (32, 48, 64, 32):
        one.encode_key(torch.zeros(1, 3, 32, width, device=CUDA))
        assert len(one._recordings) <= 2
