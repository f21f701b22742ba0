"""A cell's network at work on its sequences."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch

from benchmarks.cell import Cell
from benchmarks.config import Engine
from benchmarks.datasets import Sequence
from benchmarks.device import memory_errors_explained, own_threads
from benchmarks.engine import make_ready
from benchmarks.progress import RunProgress
from benchmarks.runner import Pass, Video, run_sequences
from benchmarks.waves import waves
from benchmarks.weights import load_network
from reports.records import SequenceRecord
from xmem import XMem


@contextmanager
def open_segmenter(cell: Cell) -> Iterator["Segmenter"]:
    """The cell's network, loaded; inside, torch has as many threads as were asked for.

    Raises:
        InputError: the checkpoint cannot be used.
    """
    with own_threads(cell.config.threads):
        yield Segmenter(cell, load_network(cell.checkpoint, cell.config.variant))


class Segmenter:
    """Segments sequences of a cell.

    Args:
        cell: to which they belong.
        network: on the CPU, as it was loaded. Once it is made ready nothing here keeps it.
    """

    def __init__(self, cell: Cell, network: XMem) -> None:
        self._cell = cell
        self._network = network
        self._is_ready = False

    def make_ready(self, progress: RunProgress) -> None:
        """What has to be done before the first sequence, and before any clock runs; a second time it is nothing.

        Raises:
            InputError: nothing can be compiled where that is needed.
        """
        if self._is_ready:
            return
        engine, device = self._cell.config.engine, torch.device(self._cell.record.environment.device)
        if engine.name is not Engine.EAGER:
            progress.say(f"engine={engine.name}: compiles what it needs")
        self._network = make_ready(self._network, device, engine=engine, precision=self._cell.config.precision)
        self._is_ready = True

    def waves(self, videos: Iterable[tuple[Sequence, ...]]) -> list[list[tuple[Sequence, ...]]]:
        """Which of these sequences are segmented together.

        Raises:
            InputError: a first frame cannot be read.
        """
        return waves(videos, at_once=self._cell.config.videos)

    def segment(self, number: int, wave: Iterable[tuple[Sequence, ...]], progress: RunProgress) -> list[SequenceRecord]:
        """Run sequences together, write their masks, and probabilities of the first repeat where they are to be kept.

        Args:
            number: of the repeat, counted from 1.
            wave: the sequences, each as all of the passes see it.
            progress: told of every frame.

        Raises:
            InputError: input is unusable, or memory runs out.
        """
        config, folder = self._cell.config, self._cell.folder.repeat(number)
        kept = folder.probabilities if config.keep_probabilities and number == 1 else None
        videos = [
            Video(
                passes=[
                    Pass(sequence=sequence, config=one)
                    for sequence, one in zip(views, config.resolution.each_pass, strict=True)
                ],
                masks=folder.masks / views[0].name,
                probabilities=None if kept is None else kept / views[0].name,
            )
            for views in wave
        ]
        with memory_errors_explained(f"sequence {', '.join(video.sequence.name for video in videos)}"):
            return run_sequences(
                videos,
                self._network,
                memory=config.memory,
                precision=config.precision,
                seed=config.seed + number - 1,
                together=config.videos,
                progress=progress,
            )
