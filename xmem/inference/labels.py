"""Labels in masks are anything in 1..255, in any order; channels are counted from zero."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Integer
from torch import Tensor

MAX_LABEL = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """An index mask translated into channels.

    Args:
        labels: of all objects known once the prompt is taken in, in channel order; only ever growing.
        one_hot: a mask per object.
        shown: 1 for each object that the mask shows, 0 otherwise.
    """

    labels: tuple[int, ...]
    one_hot: Float32[Tensor, "objects height width"]
    shown: tuple[bool, ...]

    @property
    def covers_all(self) -> bool:
        """Whether every object known occurs in the mask."""
        return all(self.shown)


def read_prompt(mask: Integer[Tensor, "height width"], *, known: tuple[int, ...]) -> Prompt:
    """Give new labels the next channels, smallest first, and split the mask by channel.

    Raises:
        ValueError: a label is negative or above 255.
    """
    present = torch.unique(mask).tolist()
    if present and (present[0] < 0 or present[-1] > MAX_LABEL):
        raise ValueError(f"expected labels in 0..{MAX_LABEL}, got {present[0]}..{present[-1]}")
    labels = known + tuple(label for label in present if label != 0 and label not in known)
    channels = torch.tensor(labels, device=mask.device, dtype=mask.dtype).view(-1, 1, 1)
    shown = set(present)
    return Prompt(
        labels=labels, one_hot=(mask[None] == channels).float(), shown=tuple(label in shown for label in labels)
    )
