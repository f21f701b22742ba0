"""A video of thousands of frames through the model, to see whether memory and time per frame stay flat."""

from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from rich.console import Console

from benchmarks.computer import describe_computer, peak_memory_bytes
from benchmarks.config import EnduranceConfig, PassConfig
from benchmarks.datasets import Sequence
from benchmarks.demo import CLIPS, Clip, write_clip
from benchmarks.device import check_precision, choose_device, compute_capability, place
from benchmarks.environment import describe_environment
from benchmarks.frames import read_frames
from benchmarks.progress import RunProgress
from benchmarks.runner import Pass, Video, run_sequences
from benchmarks.weights import find_network
from reports.records import SequenceRecord
from reports.speed_records import EnduranceMark, EnduranceRecord
from xmem import MemoryConfig

SETTLED = 100  # frames after which time per frame is expected to be flat


def measure_long_run(config: EnduranceConfig, console: Console) -> EnduranceRecord:
    """Play a clip of the demo back and forth until there are frames enough, and look at memory and time on the way.

    Raises:
        InputError: weights, device or precision are not to be had.
    """
    device = choose_device(config.device)
    check_precision(config.precision, compute_capability(device))
    _, network = find_network(config.variant, config.variant.checkpoints[0], config.paths)
    log = _MemoryLog(console, config, device)
    with TemporaryDirectory() as scratch, log:
        sequence = _play_back_and_forth(CLIPS[0], Path(scratch), frames=config.frames)
        height, width = next(read_frames(sequence, size=config.size)).image.shape[-2:]
        passes = [Pass(sequence=sequence, config=PassConfig(size=config.size))]
        (record,) = run_sequences(
            [Video(passes=passes, masks=Path(scratch) / "masks")],
            place(network, device),
            memory=MemoryConfig(),
            precision=config.precision,
            seed=0,
            together=1,
            progress=log,
        )
    return EnduranceRecord(
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        variant=config.variant.name,
        precision=config.precision.name,
        height=height,
        width=width,
        objects=len(record.labels),
        marks=_marks(record, log.peaks),
        environment=describe_environment(describe_computer(device)),
    )


class _MemoryLog(RunProgress):
    """Notes the most memory that was in use when as many frames were done as there are marks."""

    def __init__(self, console: Console, config: EnduranceConfig, device: torch.device) -> None:
        super().__init__(console, frames=config.frames)
        self.peaks: dict[int, int] = {}
        self._marks = config.marks
        self._device = device
        self._done = 0

    def advance(self, frames: int = 1) -> None:
        super().advance(frames)
        self._done += frames
        if self._done in self._marks:
            self.peaks[self._done] = peak_memory_bytes(self._device)


def _play_back_and_forth(clip: Clip, folder: Path, *, frames: int) -> Sequence:
    """The clip's frames, drawn once and linked under as many names, and its first mask as the only prompt."""
    write_clip(clip, folder / "clip")
    drawn = sorted((folder / "clip/JPEGImages" / clip.name).iterdir())
    last = len(drawn) - 1
    links = []
    for position in range(frames):
        phase = position % (2 * last)
        links.append(folder / f"{position:06d}.jpg")
        links[-1].symlink_to(drawn[min(phase, 2 * last - phase)])
    prompt = folder / "clip/Annotations" / clip.name / "00000.png"
    return Sequence(name="long", frames=tuple(links), prompts={links[0].stem: prompt}, truth={})


def _marks(record: SequenceRecord, peaks: dict[int, int]) -> tuple[EnduranceMark, ...]:
    marks = []
    since = min(SETTLED, min(peaks) // 2)
    for frames, peak in peaks.items():
        marks.append(
            EnduranceMark(
                frames=frames,
                memory=record.memory[frames - 1],
                peak_memory_bytes=peak,
                milliseconds=median(record.milliseconds[since:frames]),
            )
        )
        since = frames
    return tuple(marks)
