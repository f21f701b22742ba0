"""Multi-scale: several passes over one video, each with a tracker of its own, become one mask a frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What one pass, or the mean of several, makes of a frame.

    Args:
        labels: original labels of the objects known so far, in the order of their channels.
        probabilities: background first, then a channel for each label, at the size at which masks are written.
    """

    labels: tuple[int, ...]
    probabilities: Float32[Tensor, "channels height width"]

    def cpu(self) -> "Prediction":
        """The same in main memory."""
        return replace(self, probabilities=self.probabilities.cpu())


def mean_prediction(predictions: Sequence[Prediction]) -> Prediction:
    """The mean of the probabilities, channel by channel.

    A pass may not know an object that others know, when its prompt was lost in the pass's resize: to that pass the
    object has probability 0 everywhere.
    """
    first = predictions[0]
    if len(predictions) == 1:
        return first
    if all(one.labels == first.labels for one in predictions):
        return Prediction(
            labels=first.labels,
            probabilities=torch.stack([one.probabilities for one in predictions]).mean(dim=0),
        )
    labels = tuple(dict.fromkeys(label for one in predictions for label in one.labels))
    total = first.probabilities.new_zeros((1 + len(labels), *first.probabilities.shape[1:]))
    for one in predictions:
        channels = [0, *(1 + labels.index(label) for label in one.labels)]
        total[channels] += one.probabilities
    return Prediction(labels=labels, probabilities=total / len(predictions))


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskInTransit:
    """A mask that may still be computed, or on its way to main memory.

    Args:
        labels: original labels, in the order of their channels.
        channels: the most probable channel of each pixel, in main memory.
        total: the sum of all probabilities, in main memory.
        arrived: that both are there; None where they are.
    """

    labels: tuple[int, ...]
    channels: UInt8[Tensor, "height width"]
    total: Float32[Tensor, ""]
    arrived: torch.cuda.Event | None

    def is_finite(self) -> bool:
        """Whether all probabilities are numbers. Waits until it is known."""
        self._wait()
        return bool(self.total.isfinite())

    def mask(self) -> UInt8[np.ndarray, "height width"]:
        """The mask in original labels. Waits until it is there."""
        self._wait()
        table = np.zeros(256, dtype=np.uint8)
        table[1 : 1 + len(self.labels)] = self.labels
        return np.asarray(cv2.LUT(self.channels.numpy(), table), dtype=np.uint8)  # `take` is far slower

    def _wait(self) -> None:
        if self.arrived is not None:
            self.arrived.synchronize()


def most_probable(prediction: Prediction) -> MaskInTransit:
    """The mask, of each pixel the label of the most probable channel, of equal ones the first. Waits for no device."""
    # `argmax` says the same, but on a CPU takes eight times as long.
    channels = prediction.probabilities.max(dim=0).indices.to(torch.uint8)
    total = prediction.probabilities.sum()
    if not channels.is_cuda:
        return MaskInTransit(labels=prediction.labels, channels=channels, total=total, arrived=None)
    sent = [_send_to_main_memory(one) for one in (channels, total)]
    arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
    arrived.record()
    return MaskInTransit(labels=prediction.labels, channels=sent[0], total=sent[1], arrived=arrived)


def _send_to_main_memory(given: Tensor) -> Tensor:
    return torch.empty_like(given, device="cpu", pin_memory=True).copy_(given, non_blocking=True)
