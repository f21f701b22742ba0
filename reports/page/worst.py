"""Worst frames: where to look first."""

from dataclasses import dataclass

from evaluators import SequenceScore

WORST = 3  # frames of each sequence that are always shown
APART = 5  # frames: neighbours of a bad frame are bad in the same way


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstFrame:
    """A frame, and the object that fared worst in it.

    Attributes:
        frame: name.
        label: of the object.
        j_and_f: mean of its J and F there, in [0, 1].
    """

    frame: str
    label: int
    j_and_f: float


def worst_frames(score: SequenceScore) -> tuple[WorstFrame, ...]:
    """Up to `WORST` frames by the J&F of their worst object, worst first, no two of them closer than `APART` frames."""
    worst: dict[str, WorstFrame] = {}
    for scored in score.objects:
        for frame, j, f in zip(scored.frames, scored.j, scored.f, strict=True):
            here = WorstFrame(frame=frame, label=scored.label, j_and_f=(j + f) / 2)
            if frame not in worst or here.j_and_f < worst[frame].j_and_f:
                worst[frame] = here
    place = {frame: index for index, frame in enumerate(sorted(worst))}
    chosen: list[WorstFrame] = []
    for one in sorted(worst.values(), key=lambda one: (one.j_and_f, place[one.frame])):
        if all(abs(place[one.frame] - place[other.frame]) >= APART for other in chosen):
            chosen.append(one)
        if len(chosen) == WORST:
            break
    return tuple(chosen)
