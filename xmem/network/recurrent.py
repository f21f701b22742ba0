"""Sensory memory: one recurrent unit, fed by the decoder every frame and by the value encoder on deep updates."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def gated_update(transformed: Tensor, sensory: Tensor) -> Tensor:
    """The next sensory state from gates (objects, 3 x Ch, h, w) and the present state (objects, Ch, h, w).

    Not the textbook GRU: forget and update gates multiply, as in the paper's released models (XMem section 3.4).
    """
    forget, update, new = transformed.chunk(3, dim=1)
    update = torch.sigmoid(update)
    return torch.sigmoid(forget) * sensory * (1 - update) + update * torch.tanh(new)


class SensoryUpdate(nn.Module):
    """Every frame: the decoder's three scales, brought to stride 16 and summed."""

    def __init__(self, *, dims: tuple[int, int, int], update_dim: int, sensory_dim: int) -> None:
        super().__init__()
        self.g16_conv = nn.Conv2d(dims[0], update_dim, 1)
        self.g8_conv = nn.Conv2d(dims[1], update_dim, 1)
        self.g4_conv = nn.Conv2d(dims[2] + 1, update_dim, 1)  # + 1: the logit
        self.transform = nn.Conv2d(update_dim + sensory_dim, 3 * sensory_dim, 3, padding=1)

    def forward(self, g16: Tensor, g8: Tensor, g4: Tensor, logit: Tensor, sensory: Tensor) -> Tensor:
        finest = torch.cat([F.avg_pool2d(part, 4) for part in (g4, logit)], dim=1)
        g = self.g16_conv(g16) + self.g8_conv(F.avg_pool2d(g8, 2)) + self.g4_conv(finest)
        return gated_update(self.transform(torch.cat([g, sensory], dim=1)), sensory)


class SensoryReinforcement(nn.Module):
    """On deep updates: the value that goes into working memory."""

    def __init__(self, *, value_dim: int, sensory_dim: int) -> None:
        super().__init__()
        self.transform = nn.Conv2d(value_dim + sensory_dim, 3 * sensory_dim, 3, padding=1)

    def forward(self, value: Tensor, sensory: Tensor) -> Tensor:
        return gated_update(self.transform(torch.cat([value, sensory], dim=1)), sensory)
