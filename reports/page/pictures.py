"""What the page shows beside figures: frames, truth and masks, small enough to be embedded."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFrame:
    """A frame that can be looked at.

    Attributes:
        index: its place among the written frames of its sequence.
        image: a WebP.
        truth: labels as a grey PNG of the image's size, 0 is background; None where this frame has no truth.
        predictions: by the run's place in `Results.runs`, what it predicted, as `truth`.
    """

    index: int
    image: bytes
    truth: bytes | None
    predictions: Mapping[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A sequence, and the runs that segmented these very frames.

    Attributes:
        name: of the sequence.
        runs: places in `Results.runs`.
        shown: frames in time order.
        absent: why none is shown; None where some are.
    """

    name: str
    runs: tuple[int, ...]
    shown: tuple[ShownFrame, ...]
    absent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """All that there are.

    Attributes:
        clips: every sequence once, however many runs there are of it.
        absent: by the run's place in `Results.runs`, why there is nothing to look at.
    """

    clips: tuple[Clip, ...] = ()
    absent: Mapping[int, str] = field(default_factory=dict)
