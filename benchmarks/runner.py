"""One sequence through the model: frames in, masks on disk and times out."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float32
from torch import Tensor

from benchmarks import datasets
from benchmarks.artifacts import make_folder, remove_partial_files, sha256_of_files
from benchmarks.background_writer import BackgroundWriter
from benchmarks.computer import peak_memory_bytes
from benchmarks.config import PassConfig, PrecisionConfig
from benchmarks.device import computing
from benchmarks.device_watch import DeviceWatch
from benchmarks.engine import compiler_errors_explained
from benchmarks.ensemble import MaskInTransit, Prediction, mean_prediction, most_probable
from benchmarks.errors import InputError
from benchmarks.frames import Frame, read_frames
from benchmarks.masks import encode_mask, read_palette
from benchmarks.prefetch import prefetch
from benchmarks.probabilities import encode_prediction
from benchmarks.processors import usable_processors
from benchmarks.progress import RunProgress
from benchmarks.seeding import seeded
from benchmarks.stopwatch import Stopwatch
from reports.records import SequenceRecord
from xmem import MemoryConfig, Tracker, XMem

FRAMES_AHEAD = 4  # decoded while the model works on one
DECODERS = 4  # threads, where a GPU is faster than one; on a CPU the model needs every core


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A sequence as one pass sees it: passes of other sizes may read other files of the same video."""

    sequence: datasets.Sequence
    config: PassConfig


def run_sequence(
    passes: Sequence[Pass],
    network: XMem,
    *,
    masks: Path,
    probabilities: Path | None = None,
    memory: MemoryConfig,
    precision: PrecisionConfig,
    seed: int,
    progress: RunProgress,
) -> SequenceRecord:
    """Segment one sequence and write its masks.

    Args:
        passes: what to segment, in one way or several; of several, probabilities are averaged frame by frame.
        network: on the device that is to compute.
        masks: the sequence's own folder.
        probabilities: the sequence's own folder for what masks are made of; None keeps none of it.
        memory: what is remembered, and how often.
        precision: number formats; the device can do them.
        seed: of every random number generator as the sequence begins.
        progress: told of every frame.

    Raises:
        InputError: a frame or prompt is unusable, a probability is no number, or a mask cannot be written. Masks
            written before remain.
    """
    sequence = passes[0].sequence
    _require_same_frames(passes)
    device = next(network.parameters()).device
    for folder in (masks, probabilities):
        if folder is not None:
            make_folder(folder)
            remove_partial_files(folder)
    palette = read_palette(next(iter(sequence.prompts.values())))
    encode = partial(_encode, palette=palette, precision=precision)
    written = frozenset(sequence.written_frames)
    session = _Session(network, memory, passes=len(passes), video_length=len(sequence.frames))
    files: list[Path] = []
    maps: list[Path] = []
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    watch = DeviceWatch(device)
    began = time.perf_counter()
    with BackgroundWriter() as writer, _frames_of(passes, device) as frames, computing(precision, device), seeded(seed):
        for views in frames:
            prediction = session.step(views)
            name = views[0].name
            if name in written:
                files.append(masks / f"{name}.png")
                where = f"sequence {sequence.name}, frame {name}"
                writer.submit(files[-1], partial(encode, most_probable(prediction), where=where))
            if name in written and probabilities is not None:
                maps.append(probabilities / f"{name}.zst")
                writer.submit(maps[-1], partial(encode_prediction, prediction.cpu()))
            progress.advance()
        writer.flush()
    wall_seconds = time.perf_counter() - began
    return SequenceRecord(
        name=sequence.name,
        frames=tuple(path.stem for path in files),
        skipped=session.skipped,
        labels=session.labels,
        remarks=tuple(sequence.disagreements(session.labels)),
        milliseconds=session.stopwatch.milliseconds(),
        memory=tuple(session.memory),
        wall_seconds=wall_seconds,
        peak_memory_bytes=peak_memory_bytes(device),
        seed=seed,
        use=watch.use(),
        masks_sha256=sha256_of_files(files),
        probabilities_sha256=None if probabilities is None else sha256_of_files(maps),
    )


def _require_same_frames(passes: Sequence[Pass]) -> None:
    """Raises InputError where passes that read other files of a video would be averaged over different frames."""
    names, *others = ([frame.stem for frame in one.sequence.frames] for one in passes)
    for one, other in zip(passes[1:], others, strict=True):
        if other != names:
            raise InputError(
                f"{one.sequence.frames[0].parent}: expected the frames of {passes[0].sequence.frames[0].parent}, found "
                "others; passes of several sizes need the same frames at each"
            )


class _Session:
    """The trackers of all passes and their clock: what accumulates over the frames of one sequence."""

    def __init__(self, network: XMem, memory: MemoryConfig, *, passes: int, video_length: int) -> None:
        self._network = network
        self._trackers = [Tracker(network, memory, video_length=video_length) for _ in range(passes)]
        self._device = next(network.parameters()).device
        self._frames_left = video_length
        self.stopwatch = Stopwatch(self._device)
        self.memory: list[tuple[int, int]] = []
        self.labels: tuple[int, ...] = ()
        self.skipped = 0

    def step(self, views: Sequence[Frame]) -> Prediction:
        """The next frame, as each of the passes sees it."""
        self._frames_left -= 1
        if not self.labels and all(view.prompt is None for view in views):
            self.skipped += 1
            return self._nothing_known(views[0])
        self._prepare(views)
        inputs = [
            (
                view.image.to(self._device, non_blocking=True),
                None if view.prompt is None else view.prompt.to(self._device),
            )
            for view in views
        ]
        with self.stopwatch.running():  # timing contract `xmem`
            predictions = [
                self._step(tracker, view, image, prompt)
                for tracker, view, (image, prompt) in zip(self._trackers, views, inputs, strict=True)
            ]
            prediction = mean_prediction(predictions)
        sizes = [tracker.memory_size for tracker in self._trackers]
        self.memory.append((sum(working for working, _ in sizes), sum(long_term for _, long_term in sizes)))
        self.labels = prediction.labels
        return prediction

    def _prepare(self, views: Sequence[Frame]) -> None:
        """What steps of this size and number of objects need is made before they are timed, as weights are loaded."""
        for tracker, view in zip(self._trackers, views, strict=True):
            if view.prompt is not None:
                known = {*tracker.labels, *np.unique(view.prompt.numpy()).tolist()} - {0}
                with compiler_errors_explained():
                    self._network.prepare(*view.image.shape[-2:], objects=len(known))

    def _step(self, tracker: Tracker, view: Frame, image: Tensor, prompt: Tensor | None) -> Prediction:
        if not tracker.labels and prompt is None:  # in this pass; another knows an object already
            return self._nothing_known(view)
        probabilities = tracker.step(image, prompt, last=self._frames_left == 0)
        probabilities = resize_probabilities(probabilities, view.written_size)
        return Prediction(
            labels=tuple(tracker.labels), probabilities=probabilities.flip(-1) if view.flipped else probabilities
        )

    def _nothing_known(self, view: Frame) -> Prediction:
        return Prediction(labels=(), probabilities=torch.ones((1, *view.written_size), device=self._device))


def _pinned(frames: Iterable[Frame], device: torch.device) -> Iterator[Frame]:
    """The same frames, for a GPU with their images in memory that it can read while the CPU goes on."""
    for frame in frames:
        yield replace(frame, image=frame.image.pin_memory()) if device.type == "cuda" else frame


def _encode(mask: MaskInTransit, *, where: str, palette: bytes, precision: PrecisionConfig) -> bytes:
    """Raises InputError where a number overflowed: the most probable of such channels would be background, silently."""
    if not mask.is_finite():
        precise = "precision=fp32, or " if precision.autocast is not None else ""
        raise InputError(
            f"{where}: expected probabilities, found values that are no numbers with precision={precision.name}; "
            f"take {precise}another checkpoint"
        )
    return encode_mask(mask.mask(), palette=palette)


def resize_probabilities(
    probabilities: Float32[Tensor, "channels height width"], size: tuple[int, int]
) -> Float32[Tensor, "channels new_height new_width"]:
    """Bilinear to the size at which masks are written; the most probable channel is taken after it."""
    if probabilities.shape[1:] == size:
        return probabilities
    return F.interpolate(probabilities[None], size, mode="bilinear", align_corners=False)[0]


@contextmanager
def _frames_of(passes: Sequence[Pass], device: torch.device) -> Iterator[Iterator[tuple[Frame, ...]]]:
    """The frames of the sequence in time order, each as all of the passes see it, decoded ahead."""
    threads = min(DECODERS, len(usable_processors())) if device.type == "cuda" else 1
    with ExitStack() as stack:
        streams = []
        for one in passes:
            frames = read_frames(one.sequence, size=one.config.size, flip=one.config.flip, threads=threads)
            streams.append(stack.enter_context(prefetch(_pinned(frames, device), depth=FRAMES_AHEAD)))
        yield zip(*streams, strict=True)
