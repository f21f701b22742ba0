"""One sequence through the model: frames in, masks on disk and times out."""

import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float32
from torch import Tensor

from benchmarks.artifacts import make_folder, remove_partial_files, sha256_of_files
from benchmarks.config import PrecisionConfig
from benchmarks.datasets import Sequence
from benchmarks.device import computing
from benchmarks.environment import peak_memory_bytes
from benchmarks.frames import Frame, read_frames
from benchmarks.mask_writer import MaskWriter
from benchmarks.masks import read_palette
from benchmarks.prefetch import prefetch
from benchmarks.progress import RunProgress
from benchmarks.stopwatch import Stopwatch
from reports.records import SequenceRecord
from xmem import MemoryConfig, Tracker, XMem

FRAMES_AHEAD = 4  # decoded while the model works on one


def run_sequence(
    sequence: Sequence,
    network: XMem,
    *,
    masks: Path,
    memory: MemoryConfig,
    precision: PrecisionConfig,
    size: int | None,
    progress: RunProgress,
) -> SequenceRecord:
    """Segment one sequence and write its masks.

    Args:
        sequence: what to segment.
        network: on the device that is to compute.
        masks: the sequence's own folder.
        memory: what is remembered, and how often.
        precision: number formats; the device can do them.
        size: shorter side at which frames are segmented; None leaves them as they are.
        progress: told of every frame.

    Raises:
        InputError: a frame or prompt is unusable, or a mask cannot be written. Masks written before remain.
    """
    device = next(network.parameters()).device
    make_folder(masks)
    remove_partial_files(masks)
    palette = read_palette(next(iter(sequence.prompts.values())))
    session = _Session(network, memory, device=device, video_length=len(sequence.frames))
    paths: list[Path] = []
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    began = time.perf_counter()
    with (
        MaskWriter() as writer,
        prefetch(read_frames(sequence, size=size), depth=FRAMES_AHEAD) as frames,
        computing(precision, device),
    ):
        for frame in frames:
            path = masks / f"{frame.name}.png"
            writer.submit(path, session.segment(frame), palette=palette)
            paths.append(path)
            progress.advance()
        writer.flush()
    return SequenceRecord(
        name=sequence.name,
        frames=tuple(path.stem for path in paths),
        skipped=session.skipped,
        labels=tuple(session.tracker.labels),
        milliseconds=session.stopwatch.milliseconds(),
        memory=tuple(session.memory),
        wall_seconds=time.perf_counter() - began,
        peak_memory_bytes=peak_memory_bytes(device),
        masks_sha256=sha256_of_files(paths),
    )


class _Session:
    """A tracker with its clock: what accumulates over the frames of one sequence."""

    def __init__(self, network: XMem, memory: MemoryConfig, *, device: torch.device, video_length: int) -> None:
        self.tracker = Tracker(network, memory, video_length=video_length)
        self.stopwatch = Stopwatch(device)
        self.memory: list[tuple[int, int]] = []
        self.skipped = 0
        self._device = device
        self._frames_left = video_length

    def segment(self, frame: Frame) -> np.ndarray:
        """The mask of the next frame (height, width) in original labels, at the size at which it is written."""
        self._frames_left -= 1
        if not self.tracker.labels and frame.prompt is None:
            self.skipped += 1
            return np.zeros(frame.written_size, dtype=np.uint8)
        image = frame.image.to(self._device)
        prompt = None if frame.prompt is None else frame.prompt.to(self._device)
        with self.stopwatch.running():  # timing contract `xmem`
            probabilities = self.tracker.step(image, prompt, last=self._frames_left == 0)
            probabilities = resize_probabilities(probabilities, frame.written_size)
        self.memory.append(self.tracker.memory_size)
        channels = probabilities.argmax(dim=0).cpu().numpy()
        return np.array([0, *self.tracker.labels], dtype=np.uint8).take(channels)


def resize_probabilities(
    probabilities: Float32[Tensor, "channels height width"], size: tuple[int, int]
) -> Float32[Tensor, "channels new_height new_width"]:
    """Bilinear to the size at which masks are written; the most probable channel is taken after it."""
    if probabilities.shape[1:] == size:
        return probabilities
    return F.interpolate(probabilities[None], size, mode="bilinear", align_corners=False)[0]
