"""What the page's script is given: figures of every frame, and pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from evaluators import SequenceScore
from reports.page.pictures import Clip, Pictures
from reports.page.worst import worst_frames
from reports.records import SequenceRecord
from reports.result import Result, Results
from reports.spread import Source, percent_spread, spread_of
from reports.table import percent
from reports.timing import fps_spread, fps_text
from reports.validity import Mode, why_invalid

DECIMALS = 4  # of figures in curves; tables print theirs from the records


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure to draw, and as tables print it."""

    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCurve:
    """J and F of one object: `at` holds places in the frames of its sequence, `j` and `f` fractions in [0, 1]."""

    label: int
    at: tuple[int, ...]
    j: tuple[float, ...]
    f: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """A frame to look at: its place in the frames of its sequence, its worst object, and that object's J&F."""

    at: int
    label: int
    j_and_f: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceView:
    """A finished sequence of a run.

    Attributes:
        name: of the sequence.
        frames: names of those whose masks were written, in time order.
        labels: of the objects.
        j_and_f: mean over the objects, as `j` and `f`; None where nothing was scored.
        objects: their curves; empty where nothing was scored.
        worst: frames to look at first.
        skipped: frames before the first that was stepped.
        working: elements of working memory after each stepped frame; empty where they were not recorded.
        long_term: the same of long-term memory.
        clip: place in `PageData.clips`; None where there is nothing to look at.
        absent: why there is not; None where there is.
    """

    name: str
    frames: tuple[str, ...]
    labels: tuple[int, ...]
    j_and_f: Figure | None
    j: Figure | None
    f: Figure | None
    objects: tuple[ObjectCurve, ...]
    worst: tuple[Worst, ...]
    skipped: int
    working: tuple[int, ...]
    long_term: tuple[int, ...]
    clip: int | None
    absent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run.

    Attributes:
        label: the shortest text that tells it from others.
        dataset: name.
        devices: what it ran on.
        untrained: whether its weights were drawn.
        j_and_f: over all that was scored; None where nothing was.
        fps: under timing contract `xmem`; None where nothing was timed.
        invalid: whether its speed may not stand beside others.
        sequences: that are finished.
    """

    label: str
    dataset: str
    devices: str
    untrained: bool
    j_and_f: Figure | None
    fps: Figure | None
    invalid: bool
    sequences: tuple[SequenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageData:
    """Runs in the order of `Results.runs`, and the clips that they share."""

    runs: tuple[RunView, ...]
    clips: tuple[Clip, ...]


def page_data(results: Results, pictures: Pictures) -> PageData:
    """All that can be drawn of the results."""
    names = Counter((result.run.dataset.name, result.run.name) for result in results.runs)
    places = {(run, clip.name): place for place, clip in enumerate(pictures.clips) for run in clip.runs}
    runs = []
    for index, result in enumerate(results.runs):
        alone = names[result.run.dataset.name, result.run.name] == 1
        clips = {name: place for (run, name), place in places.items() if run == index}
        views = _sequences(result, clips, pictures, absent=pictures.absent.get(index))
        runs.append(
            RunView(
                label=result.run.name if alone else result.name,
                dataset=result.run.dataset.name,
                devices=result.run.devices,
                untrained=bool(result.run.cell["variant"]["untrained"]),
                j_and_f=_accuracy(result),
                fps=_speed(result),
                invalid=bool(why_invalid(result, Mode.PERFORMANCE)),
                sequences=tuple(views),
            )
        )
    return PageData(runs=tuple(runs), clips=pictures.clips)


def embed(data: PageData) -> str:
    """JSON that no sign in it can end the script element around it, or begin a comment in it."""
    text = msgspec.json.encode(data).decode()
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _sequences(
    result: Result, clips: Mapping[str, int], pictures: Pictures, *, absent: str | None
) -> Iterator[SequenceView]:
    scores = {} if result.score is None else {one.name: one for one in result.score.sequences}
    for record in result.records:
        clip = clips.get(record.name)
        reason = absent if clip is None else pictures.clips[clip].absent
        score = scores.get(record.name)
        yield SequenceView(
            name=record.name,
            frames=record.frames,
            labels=record.labels,
            j_and_f=None if score is None else _percentage(score.j_and_f),
            j=None if score is None else _percentage(score.j_mean),
            f=None if score is None else _percentage(score.f_mean),
            objects=() if score is None else tuple(_curves(score, record)),
            worst=() if score is None else tuple(_worst(score, record)),
            skipped=record.skipped,
            working=tuple(working for working, _ in record.memory),
            long_term=tuple(long_term for _, long_term in record.memory),
            clip=clip if reason is None else None,
            absent=reason,
        )


def _curves(score: SequenceScore, record: SequenceRecord) -> Iterator[ObjectCurve]:
    place = {frame: index for index, frame in enumerate(record.frames)}
    for one in score.objects:
        yield ObjectCurve(
            label=one.label,
            at=tuple(place[frame] for frame in one.frames),
            j=tuple(round(value, DECIMALS) for value in one.j),
            f=tuple(round(value, DECIMALS) for value in one.f),
        )


def _worst(score: SequenceScore, record: SequenceRecord) -> Iterator[Worst]:
    for one in worst_frames(score):
        yield Worst(at=record.frames.index(one.frame), label=one.label, j_and_f=_percentage(one.j_and_f))


def _percentage(fraction: float) -> Figure:
    return Figure(value=round(fraction, DECIMALS), text=percent(fraction))


def _accuracy(result: Result) -> Figure | None:
    """J&F as the table of all runs has it; None where nothing was scored."""
    if not result.scores:
        return None
    spread = spread_of([score.j_and_f for score in result.scores], source=Source.REPEATS)
    return Figure(value=round(spread.mean, DECIMALS), text=percent_spread(spread))


def _speed(result: Result) -> Figure | None:
    """Frames per second under timing contract `xmem`; None where no frame was stepped."""
    spread = fps_spread(result.timed)
    return None if spread is None else Figure(value=spread.mean, text=fps_text(result.timed))
