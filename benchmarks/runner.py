"""Sequences through the model: frames in, masks on disk and times out."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from benchmarks import datasets
from benchmarks.artifacts import make_folder, remove_partial_files, sha256_of_files
from benchmarks.background_writer import BackgroundWriter
from benchmarks.computer import peak_memory_bytes
from benchmarks.config import PassConfig, PrecisionConfig
from benchmarks.device import computing
from benchmarks.device_watch import DeviceWatch
from benchmarks.ensemble import MaskInTransit, Prediction, most_probable
from benchmarks.errors import InputError
from benchmarks.frames import Frame, read_frames
from benchmarks.masks import encode_mask, read_palette
from benchmarks.prefetch import prefetch
from benchmarks.probabilities import encode_prediction
from benchmarks.processors import usable_processors
from benchmarks.progress import RunProgress
from benchmarks.seeding import seeded
from benchmarks.session import Session, VideoTrack
from reports.records import SequenceRecord
from xmem import MemoryConfig, XMem

FRAMES_AHEAD = 4  # decoded while the model works on one
DECODERS = 4  # threads, where a GPU is faster than one; on a CPU the model needs every core


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A sequence as one pass sees it: passes of other sizes may read other files of the same video."""

    sequence: datasets.Sequence
    config: PassConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A sequence to segment.

    Args:
        passes: in one way or several; of several, probabilities are averaged frame by frame.
        masks: the sequence's own folder.
        probabilities: the sequence's own folder for what masks are made of; None keeps none of it.
    """

    passes: Sequence[Pass]
    masks: Path
    probabilities: Path | None = None

    @property
    def sequence(self) -> datasets.Sequence:
        """As the first pass sees it."""
        return self.passes[0].sequence


def run_sequences(
    videos: Sequence[Video],
    network: XMem,
    *,
    memory: MemoryConfig,
    precision: PrecisionConfig,
    seed: int,
    together: int,
    progress: RunProgress,
) -> list[SequenceRecord]:
    """Segment sequences together, frame by frame, and write their masks.

    Args:
        videos: one, or several, whose steps are then run as one batch.
        network: on the device that is to compute.
        memory: what is remembered, and how often.
        precision: number formats; the device can do them.
        seed: of every random number generator as the sequences begin.
        together: how many the run segments at once, at most, be these fewer or not; it decides the timing contract.
        progress: told of every frame.

    Raises:
        InputError: a frame or prompt is unusable, a probability is no number, or a mask cannot be written. Masks
            written before remain.
    """
    device = next(network.parameters()).device
    files = [_Files(video, precision=precision) for video in videos]
    session = Session(network)
    tracks = [
        VideoTrack(network, memory, passes=len(video.passes), video_length=len(video.sequence.frames))
        for video in videos
    ]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    watch = DeviceWatch(device)
    began = time.perf_counter()
    with ExitStack() as stack, BackgroundWriter() as writer, computing(precision, device), seeded(seed):
        streams = [stack.enter_context(_frames_of(video, device, beside=len(videos))) for video in videos]
        while present := [
            (each, track, views)
            for each, track, stream in zip(files, tracks, streams, strict=True)
            if (views := next(stream, None)) is not None
        ]:
            predictions = session.step([(track, views) for _, track, views in present])
            for (each, _, views), prediction in zip(present, predictions, strict=True):
                each.write(views[0].name, prediction, writer)
                progress.advance()
        writer.flush()
    share = (time.perf_counter() - began) / sum(len(video.sequence.frames) for video in videos)
    use, peak = watch.use(), peak_memory_bytes(device)
    return [
        SequenceRecord(
            name=video.sequence.name,
            frames=tuple(path.stem for path in each.masks),
            skipped=track.skipped,
            labels=track.labels,
            remarks=tuple(video.sequence.disagreements(track.labels)),
            milliseconds=session.milliseconds(track),
            memory=tuple(track.memory),
            wall_seconds=share * len(video.sequence.frames),
            peak_memory_bytes=peak,
            seed=seed,
            use=use,
            together=together,
            masks_sha256=sha256_of_files(each.masks),
            probabilities_sha256=None if video.probabilities is None else sha256_of_files(each.probabilities),
        )
        for video, each, track in zip(videos, files, tracks, strict=True)
    ]


class _Files:
    """What is written of a video."""

    def __init__(self, video: Video, *, precision: PrecisionConfig) -> None:
        _require_same_frames(video.passes)
        for folder in (video.masks, video.probabilities):
            if folder is not None:
                make_folder(folder)
                remove_partial_files(folder)
        palette = read_palette(next(iter(video.sequence.prompts.values())))
        self._video = video
        self._wanted = frozenset(video.sequence.written_frames)
        self._encode = partial(_encode, palette=palette, precision=precision)
        self.masks: list[Path] = []
        self.probabilities: list[Path] = []

    def write(self, frame: str, prediction: Prediction, writer: BackgroundWriter) -> None:
        """Write what is wanted of a frame, soon."""
        if frame not in self._wanted:
            return
        self.masks.append(self._video.masks / f"{frame}.png")
        where = f"sequence {self._video.sequence.name}, frame {frame}"
        writer.submit(self.masks[-1], partial(self._encode, most_probable(prediction), where=where))
        if self._video.probabilities is not None:
            self.probabilities.append(self._video.probabilities / f"{frame}.zst")
            writer.submit(self.probabilities[-1], partial(encode_prediction, prediction.cpu()))


def _require_same_frames(passes: Sequence[Pass]) -> None:
    """Raises InputError where passes that read other files of a video would be averaged over different frames."""
    names, *others = ([frame.stem for frame in one.sequence.frames] for one in passes)
    for one, other in zip(passes[1:], others, strict=True):
        if other != names:
            raise InputError(
                f"{one.sequence.frames[0].parent}: expected the frames of {passes[0].sequence.frames[0].parent}, found "
                "others; passes of several sizes need the same frames at each"
            )


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


@contextmanager
def _frames_of(video: Video, device: torch.device, *, beside: int) -> Iterator[Iterator[tuple[Frame, ...]]]:
    """The frames of one of several videos in time order, each as all passes see it, decoded ahead."""
    threads = max(1, min(DECODERS, len(usable_processors())) // beside) if device.type == "cuda" else 1
    with ExitStack() as stack:
        streams = []
        for one in video.passes:
            frames = read_frames(one.sequence, size=one.config.size, flip=one.config.flip, threads=threads)
            streams.append(stack.enter_context(prefetch(_pinned(frames, device), depth=FRAMES_AHEAD)))
        yield zip(*streams, strict=True)
