"""Golden scenarios of the reference implementation, and the drawn network they were computed with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xmem import MemoryConfig, ModelConfig

FOLDER = Path(__file__).parents[1] / "golden"
SCENARIOS = tuple(sorted(path.stem for path in FOLDER.glob("*.npz") if path.stem != "stages"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    frames: np.ndarray
    prompts: Mapping[int, np.ndarray]
    model: ModelConfig
    memory: MemoryConfig
    salt: int
    labels: tuple[int, ...]
    """Original labels in the order of the channels of `probabilities`."""
    probabilities: np.ndarray
    index_masks: np.ndarray
    memory_sizes: np.ndarray


def load_scenario(name: str) -> Scenario:
    with np.load(FOLDER / f"{name}.npz") as stored:
        arrays = dict(stored)
    config = json.loads(str(arrays["config"]))
    label_map = json.loads(str(arrays["label_map"]))
    deep_update_every = config["deep_update_every"]
    return Scenario(
        frames=arrays["frames"],
        prompts={int(key[5:]): array for key, array in arrays.items() if key.startswith("mask_")},
        model=ModelConfig(
            key_dim=config["key_dim"], value_dim=config["value_dim"], sensory_dim=config["hidden_dim"]
        ),
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
