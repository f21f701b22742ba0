"""Clips side by side: what one step of training sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from xmem.image import MEAN, STD


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Clips of one size and length, their objects one after another. Frames come first: a frame is a slice.

    Args:
        frames: RGB.
        masks: labels, 0 is the background.
        owner: the clip of each object.
        labels: the label of each object in its clip.
    """

    frames: UInt8[Tensor, "frames clips height width 3"]
    masks: UInt8[Tensor, "frames clips height width"]
    owner: Int64[Tensor, " objects"]
    labels: UInt8[Tensor, " objects"]

    def to(self, device: torch.device) -> "Batch":
        """The same clips on another device."""
        return Batch(
            frames=self.frames.to(device, non_blocking=True),
            masks=self.masks.to(device, non_blocking=True),
            owner=self.owner.to(device, non_blocking=True),
            labels=self.labels.to(device, non_blocking=True),
        )

    def pin_memory(self) -> "Batch":
        """The same clips where a GPU fetches them fastest; torch's loader looks for this name."""
        return Batch(
            frames=self.frames.pin_memory(),
            masks=self.masks.pin_memory(),
            owner=self.owner.pin_memory(),
            labels=self.labels.pin_memory(),
        )

    def images(self) -> Float[Tensor, "images 3 height width"]:
        """All frames as the network expects them, channels last in memory."""
        mean = torch.tensor(MEAN, device=self.frames.device) * 255
        scale = 1 / (torch.tensor(STD, device=self.frames.device) * 255)
        return ((self.frames.flatten(0, 1).float() - mean) * scale).permute(0, 3, 1, 2)

    def truth(self) -> Float[Tensor, "frames objects height width"]:
        """1 where an object is, 0 elsewhere."""
        return (self.masks[:, self.owner] == self.labels[:, None, None]).float()


def make_batch(
    frames: Sequence[UInt8[np.ndarray, "frames height width 3"]],
    masks: Sequence[UInt8[np.ndarray, "frames height width"]],
    *,
    objects: Sequence[int],
) -> Batch:
    """Put clips side by side; clip i has the labels 1..objects[i].

    Raises:
        ValueError: a clip does not show all its objects in its first frame.
    """
    for index, (mask, count) in enumerate(zip(masks, objects, strict=True)):
        found = sorted(set(np.unique(mask[0]).tolist()) - {0})
        if found != list(range(1, count + 1)):
            raise ValueError(f"expected labels 1..{count} in the first frame of clip {index}, found {found}")
    return Batch(
        frames=torch.from_numpy(np.stack(frames, axis=1)),
        masks=torch.from_numpy(np.stack(masks, axis=1)),
        owner=torch.tensor([clip for clip, count in enumerate(objects) for _ in range(count)]),
        labels=torch.tensor([label for count in objects for label in range(1, count + 1)], dtype=torch.uint8),
    )
