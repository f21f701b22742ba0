"""Protocols: which objects of a sequence are scored on which of its frames."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import UInt8

from evaluators.errors import ScoringError

VOID = 255  # a region that nobody is asked to segment, in DAVIS 2017


class ScoringProtocol(StrEnum):
    """How masks become scores; numbers under different protocols are not comparable.

    DAVIS_2016: the first and last frame are left out; any label but 0, in truth or prediction, is the one object 1.
    DAVIS_2017: the first and last frame are left out; truth label 255 is background; the objects are 1 to the highest
        label of the first truth mask.
    FIRST_APPEARANCE: every label 1..255 that the truth holds is an object, scored on the frames after the first that
        shows it (there its mask is given to the model). In the manner of YouTube-VOS; for folders and demos.
    YOUTUBE_VOS: the objects are those that meta.json lists, each scored on its listed frames after the first of them,
        whether or not truth shows it there. A local reading of the rules: the official server's code is not public.
    """

    DAVIS_2016 = "davis2016"
    DAVIS_2017 = "davis2017"
    FIRST_APPEARANCE = "first_appearance"
    YOUTUBE_VOS = "youtube_vos"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """What YouTube-VOS's meta.json says of an object: its category, and names of the frames it is annotated in."""

    category: str
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePair:
    """A frame that has truth; its masks are read when, and only if, they are needed.

    The readers return index masks. Truth may be read twice.
    """

    name: str
    read_predicted: Callable[[], UInt8[np.ndarray, "height width"]]
    read_truth: Callable[[], UInt8[np.ndarray, "height width"]]


def plan_frames(
    sequence: str,
    frames: Sequence[FramePair],
    *,
    protocol: ScoringProtocol,
    listed: Mapping[int, ListedObject] | None = None,
) -> Mapping[int, Sequence[int]]:
    """For each object, by ascending label, the indices of the frames that it is scored on.

    Only objects under FIRST_APPEARANCE and YOUTUBE_VOS can be left with no frame, and not all of them.

    Raises:
        ScoringError: there is no object, no frame to score one on, or no truth in a frame that YOUTUBE_VOS lists.
    """
    match protocol:
        case ScoringProtocol.DAVIS_2016:
            return {1: _inner_frames(sequence, frames)}
        case ScoringProtocol.DAVIS_2017:
            inner = _inner_frames(sequence, frames)
            return dict.fromkeys(_davis_2017_objects(sequence, frames[0]), inner)
        case ScoringProtocol.FIRST_APPEARANCE:
            return _frames_after_appearance(sequence, frames)
        case ScoringProtocol.YOUTUBE_VOS:
            return _frames_after_first_listed(sequence, frames, listed or {})


def read_labels(
    read: Callable[[], UInt8[np.ndarray, "height width"]], *, protocol: ScoringProtocol
) -> UInt8[np.ndarray, "height width"]:
    """The mask with an object's label wherever the protocol sees that object.

    Void needs no change here: it is the label of no planned object.
    """
    mask = read()
    return (mask != 0).view(np.uint8) if protocol is ScoringProtocol.DAVIS_2016 else mask


def labels_in(mask: UInt8[np.ndarray, "height width"]) -> list[int]:
    """The labels of a mask, ascending, without the background's 0."""
    labels: list[int] = []
    # Walking down from the highest label is several times faster, for the few labels of a mask, than sorting pixels.
    label = int(mask.max(initial=0))
    while label:
        labels.append(label)
        label = int((mask * (mask < label)).max())
    return labels[::-1]


def _inner_frames(sequence: str, frames: Sequence[FramePair]) -> range:
    inner = range(1, len(frames) - 1)
    if not inner:
        raise ScoringError(
            f"sequence {sequence}: expected at least 3 frames with truth, because the first and the last are left out, "
            f"found {len(frames)}; add truth masks or leave the sequence out"
        )
    return inner


def _davis_2017_objects(sequence: str, first: FramePair) -> range:
    highest = max((label for label in labels_in(first.read_truth()) if label != VOID), default=0)
    if not highest:
        raise ScoringError(
            f"sequence {sequence}, frame {first.name}: expected objects 1..254 in the first truth mask, found none; "
            f"masks of 0 and 255 are scored with protocol {ScoringProtocol.DAVIS_2016}"
        )
    return range(1, highest + 1)


def _frames_after_appearance(sequence: str, frames: Sequence[FramePair]) -> dict[int, range]:
    plan: dict[int, range] = {}
    for index, frame in enumerate(frames):
        for label in labels_in(frame.read_truth()):
            plan.setdefault(label, range(index + 1, len(frames)))
    if not any(plan.values()):
        raise ScoringError(
            f"sequence {sequence}: expected an object with truth after the frame where it first appears, "
            f"found none in {len(frames)} frames; add truth masks or leave the sequence out"
        )
    return dict(sorted(plan.items()))


def _frames_after_first_listed(
    sequence: str, frames: Sequence[FramePair], listed: Mapping[int, ListedObject]
) -> dict[int, tuple[int, ...]]:
    if not listed:
        raise ScoringError(
            f"sequence {sequence}: expected objects listed in meta.json, found none, and protocol "
            f"{ScoringProtocol.YOUTUBE_VOS} has no others; mend meta.json or leave the sequence out"
        )
    times = {frame.name: index for index, frame in enumerate(frames)}
    plan: dict[int, tuple[int, ...]] = {}
    for label, one in sorted(listed.items()):
        lost = [name for name in one.frames if name not in times]
        if lost:
            raise ScoringError(
                f"sequence {sequence}, frame {lost[0]}: expected truth, because meta.json lists object {label} there, "
                "found none; add the truth mask or leave the sequence out"
            )
        plan[label] = tuple(sorted({times[name] for name in one.frames})[1:])
    if not any(plan.values()):
        raise ScoringError(
            f"sequence {sequence}: expected an object that meta.json lists in at least 2 frames, because its first is "
            f"left out, found none among {len(listed)} listed objects; mend meta.json or leave the sequence out"
        )
    return plan
