"""What only a GPU can show. Skipped without one."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from xmem import Tracker, normalise

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]


@pytest.mark.parametrize("name", ["single_object", "late_object_sparse_labels", "long_term_eviction"])
def test_cuda_in_fp32_gives_what_the_reference_gives(name: str, scenario: Callable, drawn_network: Callable) -> None:
    golden = scenario(name)
    device = torch.device("cuda")
    network = drawn_network(golden.model, golden.salt).to(device)
    tracker = Tracker(network, golden.memory, video_length=len(golden.frames))
    try:
        for t, frame in enumerate(golden.frames):
            probabilities = tracker.step(normalise(torch.from_numpy(frame).to(device)), golden.prompts.get(t))
            assert probabilities.device.type == "cuda"
            assert tracker.memory_size == tuple(golden.memory_sizes[t])
            index_mask = np.array([0, *tracker.labels])[probabilities.argmax(dim=0).cpu().numpy()]
            assert np.mean(index_mask == golden.index_masks[t]) >= 0.999
    finally:
        network.cpu()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_mixed_precision_runs_through_late_objects_and_long_term_memory(
    dtype: torch.dtype, scenario: Callable, drawn_network: Callable
) -> None:
    golden = scenario("late_object")
    device = torch.device("cuda")
    network = drawn_network(golden.model, golden.salt).to(device)
    tracker = Tracker(network, golden.memory, video_length=len(golden.frames))
    try:
        with torch.autocast("cuda", dtype=dtype):
            for t, frame in enumerate(golden.frames):
                probabilities = tracker.step(normalise(torch.from_numpy(frame).to(device)), golden.prompts.get(t))
                assert probabilities.dtype == torch.float32
                assert torch.isfinite(probabilities).all()
                assert tracker.memory_size == tuple(golden.memory_sizes[t])
    finally:
        network.cpu()
