"""What the last iterations came to."""

import time
from dataclasses import dataclass, field

import torch

NAMES = ("loss", "cross_entropy", "dice", "affinity", "gradient")


@dataclass(slots=True)
class Window:
    """The iterations since the last line of the log: means of their losses, and the time that they took."""

    started: float = field(default_factory=time.monotonic)
    waiting: float = 0.0
    scalars: list[torch.Tensor] = field(default_factory=list)
    clips: int = 0

    def add(self, scalars: torch.Tensor, *, clips: int) -> None:
        """One iteration: the scalars called NAMES, and how many clips it saw."""
        self.scalars.append(scalars)  # on their device: reading them would wait for it
        self.clips += clips

    def paused(self, seconds: float) -> None:
        """Leave out time that was not spent on training."""
        self.started += seconds

    def summary(self) -> dict[str, float]:
        """Means by name; seconds an iteration, clips a second, and the share of time that was spent on waiting."""
        means = torch.stack(self.scalars).mean(dim=0).tolist()
        passed = time.monotonic() - self.started
        return dict(zip(NAMES, means, strict=True)) | {
            "seconds": passed / len(self.scalars),
            "clips_per_second": self.clips / passed,
            "waited": self.waiting / passed,
        }
