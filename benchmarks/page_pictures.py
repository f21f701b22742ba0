"""Pictures for the results page: frames and masks, made small, as many as the page has room for."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.datasets import Dataset, Sequence
from benchmarks.datasets.listing import AbsentFolderError
from benchmarks.errors import InputError
from benchmarks.frames import read_image
from benchmarks.masks import read_mask
from benchmarks.picture_choice import choose_pictures
from benchmarks.recorded import recorded_cell, recorded_dataset, require_untouched
from evaluators import ScoringProtocol
from evaluators.protocols import VOID, read_labels
from reports.page import Clip, Pictures, ShownFrame, worst_frames
from reports.result import Result, Results
from reports.run_folder import RunFolderError

PICTURE_BYTES = 8_000_000  # of the page, for all pictures together
WIDTH = 320  # pixels; smaller frames stay as they are
QUALITY = 60  # of WebP, which is a quarter smaller than a JPEG that looks like it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A sequence on disk; by the run's place among all, the folder of its masks, and the frames it did worst in."""

    sequence: Sequence
    protocol: ScoringProtocol
    masks: dict[int, Path] = field(default_factory=dict)
    worst: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def first_choice(self) -> tuple[int, ...]:
        """Frames that are shown before any other: the worst of every run, then the first."""
        ranks = range(max(map(len, self.worst), default=0))
        worst = [one[rank] for rank in ranks for one in self.worst if rank < len(one)]
        return tuple(dict.fromkeys([*worst, 0]))


def take_pictures(results: Results, *, data: str | None, budget: int = PICTURE_BYTES) -> Pictures:
    """What can be seen of the runs; where there is nothing to see, why.

    Args:
        results: whose frames and masks are wanted.
        data: a folder that holds datasets; those that are not in it, or all with None, are where each run had them.
        budget: bytes that all pictures may take, embedded as base64.
    """
    sources: dict[tuple[tuple[Path, ...], tuple[str, ...]], _Source] = {}
    absent: dict[int, str] = {}
    for index, result in enumerate(results.runs):
        try:
            for source in _sources(result, data=data):
                key = (source.sequence.frames, source.sequence.written_frames)
                shared = sources.setdefault(key, source)
                shared.masks[index] = result.folder.masks / source.sequence.name
                shared.worst.append(_worst(result, source.sequence))
        except (InputError, RunFolderError) as error:
            absent[index] = str(error)
    return Pictures(clips=tuple(_clips(list(sources.values()), budget=budget)), absent=absent)


def _sources(result: Result, *, data: str | None) -> list[_Source]:
    """The finished sequences of a run whose frames and masks are still those of the run.

    Raises:
        InputError: the data or masks have gone or have changed.
        RunFolderError: a record of the run is damaged.
    """
    dataset = _find_dataset(result, data=data)
    if dataset.fingerprint() != result.run.dataset.fingerprints[0]:
        raise InputError(
            f"{result.run.dataset.root}: expected the frames and prompts that were run, found others; restore them, "
            "or run the cell again"
        )
    require_untouched(result.folder)
    finished = {record.name for record in result.records}
    protocol = recorded_cell(result.folder).dataset.scoring
    return [_Source(sequence=one, protocol=protocol) for one in dataset.sequences if one.name in finished]


def _find_dataset(result: Result, *, data: str | None) -> Dataset:
    """In the folder that was named, else where it was: not all datasets need have moved."""
    if data is not None:
        with suppress(AbsentFolderError):
            return recorded_dataset(result.folder, data=data)
    return recorded_dataset(result.folder, data=None)


def _worst(result: Result, sequence: Sequence) -> tuple[int, ...]:
    """Places of the frames that the run did worst in; none where it was not scored."""
    scores = () if result.score is None else result.score.sequences
    places = {name: place for place, name in enumerate(sequence.written_frames)}
    return tuple(places[worst.frame] for one in scores if one.name == sequence.name for worst in worst_frames(one))


def _clips(sources: list[_Source], *, budget: int) -> Iterator[Clip]:
    lengths = [len(source.sequence.written_frames) for source in sources]
    first = [source.first_choice for source in sources]
    chosen = choose_pictures(lambda clip, index: _take(sources[clip], index), lengths, first=first, budget=budget)
    for source, shown in zip(sources, chosen, strict=True):
        yield Clip(name=source.sequence.name, runs=tuple(source.masks), shown=shown.frames, absent=shown.absent)


def _take(source: _Source, index: int) -> ShownFrame:
    """One frame, small.

    Raises:
        InputError: its image or a mask is missing or damaged.
    """
    name = source.sequence.written_frames[index]
    path = next(path for path in source.sequence.frames if path.stem == name)
    image = read_image(path)
    width = min(WIDTH, image.shape[1])
    size = (width, max(1, round(width * image.shape[0] / image.shape[1])))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    truth = source.sequence.truth.get(name)
    return ShownFrame(
        index=index,
        image=_encode(small, format="WEBP", quality=QUALITY),
        truth=None if truth is None else _labels(truth, size, protocol=source.protocol, truth=True),
        predictions={
            run: _labels(masks / f"{name}.png", size, protocol=source.protocol) for run, masks in source.masks.items()
        },
    )


def _labels(path: Path, size: tuple[int, int], *, protocol: ScoringProtocol, truth: bool = False) -> bytes:
    """The labels as the protocol sees them, each pixel that of the nearest."""
    labels = read_labels(partial(read_mask, path), protocol=protocol)
    if truth and protocol is ScoringProtocol.DAVIS_2017:
        labels = np.where(labels == VOID, 0, labels).astype(np.uint8)
    return _encode(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), format="PNG", optimize=True)


def _encode(picture: np.ndarray, **settings: object) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture).save(content, **settings)  # type: ignore[arg-type]
    return content.getvalue()
