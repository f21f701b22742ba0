"""XMem (Cheng and Schwing, ECCV 2022): video object segmentation with sensory, working and long-term memory.

A library of its own: PyTorch, and safetensors for files. Load a checkpoint, give a `Tracker` the frames of one video in
order and an index mask where objects first appear; every step answers with probabilities::

    network = load_checkpoint("XMem.pth")
    tracker = Tracker(network, MemoryConfig(), video_length=len(frames))
    for t, frame in enumerate(frames):
        probabilities = tracker.step(normalise(frame), prompt=first_mask if t == 0 else None)

Several videos at once, each with a tracker of its own, are stepped as one batch::

    steps = [tracker.begin_step(normalise(frame)) for tracker, frame in zip(trackers, frames)]
    for probabilities in run_steps(network, steps): ...
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xmem.checkpoint import load_checkpoint
    from xmem.checkpoint_file import CheckpointError
    from xmem.config import MemoryConfig, ModelConfig
    from xmem.image import normalise
    from xmem.inference.stages import run_steps
    from xmem.inference.tracker import Tracker
    from xmem.network.network import XMem
    from xmem.tiny import load_tiny

__all__ = [
    "CheckpointError",
    "MemoryConfig",
    "ModelConfig",
    "Tracker",
    "XMem",
    "load_checkpoint",
    "load_tiny",
    "normalise",
    "run_steps",
]

# Public names are looked up on first use: importing torch takes a second, which reading a configuration need not wait.
_MODULES = {
    "CheckpointError": "xmem.checkpoint_file",
    "MemoryConfig": "xmem.config",
    "ModelConfig": "xmem.config",
    "Tracker": "xmem.inference.tracker",
    "XMem": "xmem.network.network",
    "load_checkpoint": "xmem.checkpoint",
    "load_tiny": "xmem.tiny",
    "normalise": "xmem.image",
    "run_steps": "xmem.inference.stages",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'xmem' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
