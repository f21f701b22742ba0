"""Networks with drawn weights, and the golden scenarios of the reference implementation."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from xmem import MemoryConfig, ModelConfig, Tracker, XMem, normalise

GOLDEN = Path(__file__).parents[1] / "golden"

LARGEST_DIFFERENCE = 2e-3  # of a probability
MEAN_DIFFERENCE = 1e-4
AGREEMENT = 0.999  # of pixels of index masks

SMALL = ModelConfig(
    key_dim=8,
    value_dim=32,
    sensory_dim=8,
    key_width=4,
    key_blocks=(1, 1, 1),
    value_width=4,
    value_blocks=(1, 1, 1),
    decoder_dims=(32, 16, 16),
    sensory_update_dim=8,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One stored video: `labels` are in the order of the channels of `probabilities`."""

    frames: np.ndarray
    prompts: Mapping[int, np.ndarray]
    model: ModelConfig
    memory: MemoryConfig
    salt: int
    labels: tuple[int, ...]
    probabilities: np.ndarray
    index_masks: np.ndarray
    memory_sizes: np.ndarray


def read_scenario(name: str) -> Scenario:
    with np.load(GOLDEN / f"{name}.npz") as stored:
        arrays = dict(stored)
    config = json.loads(str(arrays["config"]))
    label_map = json.loads(str(arrays["label_map"]))
    deep_update_every = config["deep_update_every"]
    return Scenario(
        frames=arrays["frames"],
        prompts={int(key[5:]): array for key, array in arrays.items() if key.startswith("mask_")},
        model=ModelConfig(key_dim=config["key_dim"], value_dim=config["value_dim"], sensory_dim=config["hidden_dim"]),
        memory=MemoryConfig(
            memorise_every=config["mem_every"],
            deep_update_every=None if deep_update_every == -1 else deep_update_every,
            top_k=config["top_k"],
            long_term=config["enable_long_term"],
            min_working_frames=config["min_mid_term_frames"],
            max_working_frames=config["max_mid_term_frames"],
            prototypes=config["num_prototypes"],
            max_long_term=config["max_long_term_elements"],
            count_usage=config["enable_long_term_count_usage"],
        ),
        salt=int(arrays["weight_salt"]),
        labels=tuple(int(label) for label in sorted(label_map, key=lambda label: label_map[label])),
        probabilities=arrays["prob"],
        index_masks=arrays["index_mask"],
        memory_sizes=arrays["memory_size"],
    )


def _require_outputs_of_reference(network: XMem, golden: Scenario) -> None:
    tracker = Tracker(network, golden.memory, video_length=len(golden.frames))
    for t, frame in enumerate(golden.frames):
        probabilities = tracker.step(normalise(torch.from_numpy(frame)), golden.prompts.get(t)).numpy()
        assert tracker.memory_size == tuple(golden.memory_sizes[t]), f"frame {t}"

        index_mask = np.array([0, *tracker.labels])[probabilities.argmax(axis=0)]
        assert np.mean(index_mask == golden.index_masks[t]) >= AGREEMENT, f"frame {t}"

        channels = [0] + [1 + golden.labels.index(label) for label in tracker.labels]
        difference = np.abs(probabilities[:, ::2, ::2] - golden.probabilities[t][channels].astype(np.float32))
        assert difference.max() <= LARGEST_DIFFERENCE, f"frame {t}"
        assert difference.mean() <= MEAN_DIFFERENCE, f"frame {t}"


@pytest.fixture(scope="session")
def require_outputs_of_reference() -> Callable[[XMem, Scenario], None]:
    """Whether a network gives a scenario's stored outputs, within what fp32 arithmetic leaves open."""
    return _require_outputs_of_reference


@pytest.fixture(scope="session")
def scenario() -> Callable[[str], Scenario]:
    return read_scenario


@pytest.fixture(scope="session")
def drawn_network() -> Callable[[ModelConfig, int], XMem]:
    """A network of given sizes with the drawn weights of a salt, made once."""
    from xmem.untrained import draw_state_dict

    @cache
    def make(config: ModelConfig, salt: int = 0) -> XMem:
        network = XMem(config)
        network.load_state_dict(draw_state_dict(config, salt=salt))
        return network

    return make


@pytest.fixture(scope="session")
def small_network(drawn_network: Callable[..., XMem]) -> XMem:
    return drawn_network(SMALL)
