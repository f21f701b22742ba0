"""A run between two iterations, on disk: stopped anywhere, it goes on as if it had not been.

All random numbers come from (seed, iteration), so there is no generator to save.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch

from benchmarks.artifacts import make_folder, sha256_of, write_atomically
from benchmarks.errors import InputError
from benchmarks.training.config import TrainingConfig
from benchmarks.training.optimiser import WeightAverage
from xmem import XMem

# Settings that change no weight, and not which are kept: a run may go on under others.
FREE = ("compiled", "log_every", "save_minutes", "minutes", "workers", "threads")


@dataclass(slots=True, kw_only=True)
class TrainingState:
    """What changes while training.

    Args:
        network: in training mode.
        average: of its weights.
        optimiser: with its moments.
        iteration: steps done.
        best: the highest held-out J&F so far, in 0..1; None before the first.
    """

    network: XMem
    average: WeightAverage
    optimiser: torch.optim.AdamW
    iteration: int = 0
    best: float | None = None


def save_state(path: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Write all of it, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    content = {
        "config": msgspec.json.encode(_binding(config)).decode(),
        "network": state.network.state_dict(),
        "average": state.average.network.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "iteration": state.iteration,
        "best": state.best,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    make_folder(path.parent)
    write_atomically(path, buffer.getvalue())


def load_state(path: Path, state: TrainingState, config: TrainingConfig) -> None:
    """Put what was saved into a fresh state.

    Raises:
        InputError: the file is damaged, or was saved under another configuration.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        saved = msgspec.json.decode(content["config"])
    except Exception as error:
        raise InputError(f"{path}: expected a saved state of training, found none; remove it to begin anew") from error
    expected = _binding(config)
    if sha256_of(saved) != sha256_of(expected):
        raise InputError(
            f"{path}: expected a state of this configuration, found one that differs in "
            f"{_differences(saved, expected)}; train in another folder, or remove it to begin anew"
        )
    state.network.load_state_dict(content["network"])
    state.average.network.load_state_dict(content["average"])
    state.optimiser.load_state_dict(content["optimiser"])
    state.iteration, state.best = content["iteration"], content["best"]


def _binding(config: TrainingConfig) -> dict[str, Any]:
    """What decides the weights, as plain JSON."""
    plain = msgspec.json.decode(msgspec.json.encode(config))
    return {name: value for name, value in plain.items() if name not in FREE}


def _differences(saved: dict[str, Any], expected: dict[str, Any]) -> str:
    names = sorted(saved.keys() | expected.keys())
    return ", ".join(
        f"{name} ({saved.get(name)} instead of {expected.get(name)})"
        for name in names
        if saved.get(name) != expected.get(name)
    )
