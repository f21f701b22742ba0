"""Batches, drawn ahead by other processes. Batch i is the same however often a run was stopped before it."""

import os
import signal
from collections.abc import Iterator

import cv2
import torch
from torch.utils.data import DataLoader, Dataset

from benchmarks.training.batch import Batch, make_batch
from benchmarks.training.clips import DrawClip
from benchmarks.training.config import TrainingConfig
from benchmarks.training.schedule import place_of

AHEAD = 3  # batches that each worker draws before they are asked for
# On a CPU the network's threads wait for each other, so that one that is held up holds up all: drawing takes what they
# leave, which is everything while they wait for a batch.
YIELDING = 19


class BatchDataset(Dataset[Batch]):
    """The batch of each iteration."""

    def __init__(self, config: TrainingConfig, draw: DrawClip) -> None:
        self._config = config
        self._draw = draw

    def __len__(self) -> int:
        return self._config.iterations

    def __getitem__(self, iteration: int) -> Batch:
        place = place_of(iteration, self._config)
        shape = place.batch
        clips = [
            self._draw(
                place.first_clip + slot, seed=self._config.seed, size=shape.size, frames=shape.frames, objects=objects
            )
            for slot, objects in enumerate(shape.objects)
        ]
        return make_batch([clip.frames for clip in clips], [clip.masks for clip in clips], objects=shape.objects)


def load_batches(config: TrainingConfig, draw: DrawClip, *, first: int, pin_memory: bool = False) -> Iterator[Batch]:
    """The batches from iteration `first` on, in order; without workers they are drawn as they are asked for."""
    loader = DataLoader(
        BatchDataset(config, draw),
        batch_size=None,
        sampler=range(first, config.iterations),
        num_workers=config.workers,
        prefetch_factor=AHEAD if config.workers else None,
        worker_init_fn=_use_one_thread,
        pin_memory=pin_memory,
    )
    return iter(loader)


def _use_one_thread(_worker: int) -> None:
    """One thread in each worker, which gives way to the network.

    Signals, which come to the whole group, are for the process that trains: it ends its workers when it has saved.
    """
    os.nice(YIELDING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
