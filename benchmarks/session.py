"""Videos that are segmented together: the trackers of each, and the clock of all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float32
from torch import Tensor

from benchmarks.engine import compiler_errors_explained
from benchmarks.ensemble import Prediction, mean_prediction
from benchmarks.frames import Frame
from benchmarks.stopwatch import Stopwatch
from xmem import MemoryConfig, Tracker, XMem, run_steps
from xmem.inference.stages import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What a pass of a video makes of its next frame; `image` and `prompt` are on the device."""

    tracker: Tracker
    view: Frame
    image: Tensor
    prompt: Tensor | None
    last: bool

    @property
    def objects(self) -> int:
        """That are known once the prompt is taken in."""
        shown = set() if self.view.prompt is None else set(np.unique(self.view.prompt.numpy()).tolist())
        return len({*self.tracker.labels, *shown} - {0})

    def begin_step(self) -> Step:
        """The tracker's step, not run yet."""
        return self.tracker.begin_step(self.image, self.prompt, self.last)

    def prediction(self, probabilities: Tensor) -> Prediction:
        """Of what the step returned, at the size at which masks are written."""
        resized = resize_probabilities(probabilities, self.view.written_size)
        return Prediction(
            labels=tuple(self.tracker.labels), probabilities=resized.flip(-1) if self.view.flipped else resized
        )


class VideoTrack:
    """One video: a tracker for each of its passes, and what is noted frame by frame.

    Attributes:
        labels: of all objects known so far.
        memory: elements of working and long-term memory after each frame that was stepped, of all passes together.
        skipped: frames before the first prompt, which are not stepped.
        shares: of each frame that was stepped, in which of the session's steps, and how many videos shared it.
    """

    def __init__(self, network: XMem, memory: MemoryConfig, *, passes: int, video_length: int) -> None:
        self._trackers = [Tracker(network, memory, video_length=video_length) for _ in range(passes)]
        self._frames_left = video_length
        self.labels: tuple[int, ...] = ()
        self.memory: list[tuple[int, int]] = []
        self.skipped = 0
        self.shares: list[tuple[int, int]] = []

    def next_parts(self, views: Sequence[Frame], device: torch.device) -> list[_Part | None]:
        """The next frame as each pass sees it; None to a pass that knows no object yet."""
        self._frames_left -= 1
        return [
            _Part(
                tracker=tracker,
                view=view,
                image=view.image.to(device, non_blocking=True),
                prompt=None if view.prompt is None else view.prompt.to(device),
                last=self._frames_left == 0,
            )
            if tracker.labels or view.prompt is not None
            else None
            for tracker, view in zip(self._trackers, views, strict=True)
        ]

    def note(self, prediction: Prediction, *, step: int, videos: int) -> None:
        """A frame was stepped."""
        sizes = [tracker.memory_size for tracker in self._trackers]
        self.labels = prediction.labels
        self.memory.append((sum(working for working, _ in sizes), sum(long_term for _, long_term in sizes)))
        self.shares.append((step, videos))


class Session:
    """Steps all videos that it is given at once, and times the steps."""

    def __init__(self, network: XMem) -> None:
        self._network = network
        self._device = next(network.parameters()).device
        self._stopwatch = Stopwatch(self._device)
        self._steps = 0
        self._prepared: dict[tuple[int, int], tuple[int, int | None]] = {}

    def step(self, frames: Sequence[tuple[VideoTrack, Sequence[Frame]]]) -> list[Prediction]:
        """The next frame of each video, as each of its passes sees it; all is background before its first prompt."""
        parts = [track.next_parts(views, self._device) for track, views in frames]
        present = [part for each in parts for part in each if part is not None]
        if not present:
            predictions = [self._nothing_known(views[0]) for _, views in frames]
        else:
            self._prepare(present)
            with self._stopwatch.running():  # timing contracts `xmem` and `offline`
                answers = iter(run_steps(self._network, [part.begin_step() for part in present]))
                predictions = [
                    mean_prediction(
                        [
                            self._nothing_known(view) if part is None else part.prediction(next(answers))
                            for part, view in zip(each, views, strict=True)
                        ]
                    )
                    for each, (_, views) in zip(parts, frames, strict=True)
                ]
            self._steps += 1
        videos = sum(any(part is not None for part in each) for each in parts)
        for (track, _), each, prediction in zip(frames, parts, predictions, strict=True):
            if any(part is not None for part in each):
                track.note(prediction, step=self._steps - 1, videos=videos)
            else:
                track.skipped += 1
        return predictions

    def milliseconds(self, track: VideoTrack) -> tuple[float, ...]:
        """Of each frame of a video that was stepped: its share of the step."""
        steps = self._stopwatch.milliseconds()
        return tuple(steps[step] / videos for step, videos in track.shares)

    def _prepare(self, parts: Sequence[_Part]) -> None:
        """What steps of these sizes and numbers need is made before they are timed, as weights are loaded."""
        sizes: dict[tuple[int, int], list[int]] = {}
        for part in parts:
            sizes.setdefault((part.image.shape[1], part.image.shape[2]), []).append(part.objects)
        needed = {size: (sum(each), None if len(parts) == 1 else len(each)) for size, each in sizes.items()}
        for (height, width), (objects, images) in needed.items():
            if self._prepared.get((height, width)) != (objects, images):
                with compiler_errors_explained():
                    self._network.prepare(height, width, objects=objects, images=images)
        self._prepared = needed

    def _nothing_known(self, view: Frame) -> Prediction:
        return Prediction(labels=(), probabilities=torch.ones((1, *view.written_size), device=self._device))


def resize_probabilities(
    probabilities: Float32[Tensor, "channels height width"], size: tuple[int, int]
) -> Float32[Tensor, "channels new_height new_width"]:
    """Bilinear to the size at which masks are written; the most probable channel is taken after it."""
    if probabilities.shape[1:] == size:
        return probabilities
    return F.interpolate(probabilities[None], size, mode="bilinear", align_corners=False)[0]
