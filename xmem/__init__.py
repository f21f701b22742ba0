"""XMem (Cheng and Schwing, ECCV 2022): video object segmentation with sensory, working and long-term memory.

A library of its own: PyTorch only. Load a checkpoint, give a `Tracker` the frames of one video in order and an index
mask where objects first appear; every step answers with probabilities::

    network = load_checkpoint("XMem.pth")
    tracker = Tracker(network, MemoryConfig(), video_length=len(frames))
    for t, frame in enumerate(frames):
        probabilities = tracker.step(normalise(frame), prompt=first_mask if t == 0 else None)
"""

from xmem.checkpoint import CheckpointError, load_checkpoint
from xmem.config import MemoryConfig, ModelConfig
from xmem.image import normalise
from xmem.inference.tracker import Tracker
from xmem.network.network import XMem

__all__ = ["CheckpointError", "MemoryConfig", "ModelConfig", "Tracker", "XMem", "load_checkpoint", "normalise"]
