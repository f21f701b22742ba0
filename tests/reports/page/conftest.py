"""A page made of chosen figures and drawn pictures, as a file that a browser opens."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evaluators import DatasetScore, ObjectScore, ScoringProtocol, statistics, summarise_sequences
from evaluators.results import summarise_objects
from reports.page import Clip, Pictures, ShownFrame, render_page
from reports.records import SequenceRecord
from reports.result import Results, read_results
from reports.run_folder import RunFolder

WIDTH, HEIGHT = 32, 16
FRAMES = tuple(f"{index:05d}" for index in range(8))
SCORED = FRAMES[1:]
LABELS = {"cow": (1,), "dog": (1, 2)}


def encode(picture: np.ndarray, kind: str, **settings: Any) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(content, kind, **settings)
    return content.getvalue()


def draw_labels(left: int) -> np.ndarray:
    """Object 1 in columns `left` to `left + 8`, object 2 in the last four."""
    labels = np.zeros((HEIGHT, WIDTH))
    labels[:, left : left + 8] = 1
    labels[:, -4:] = 2
    return labels


def draw_frame(index: int, runs: tuple[int, ...], *, truth: bool = True) -> ShownFrame:
    """Predictions lie two columns behind the truth, each run another two, and take the top of object 2 for object 1."""
    image = np.full((HEIGHT, WIDTH, 3), 10 * index)
    predictions = {run: draw_labels(6 - 2 * run) for run in runs}
    for labels in predictions.values():
        labels[0, -4:] = 1
    return ShownFrame(
        index=index,
        image=encode(image, "WEBP", lossless=True),
        truth=encode(draw_labels(8), "PNG") if truth else None,
        predictions={run: encode(labels, "PNG") for run, labels in predictions.items()},
    )


@pytest.fixture
def curves() -> DatasetScore:
    """J and F of each object on each frame but the first; `dog` is worst in its fourth frame, in object 2.

    J&F of all is as published, so that the page has a figure that is reproduced; J and F differ.
    """
    sequences = []
    for name, labels in LABELS.items():
        objects = []
        for label in labels:
            j = np.linspace(0.9, 0.7, len(SCORED)) - 0.05 * label
            f = j + 0.0123
            if (name, label) == ("dog", 2):
                j[2] = f[2] = 0.1
            objects.append(
                ObjectScore(
                    label=label,
                    frames=SCORED,
                    j=tuple(j.tolist()),
                    f=tuple(f.tolist()),
                    j_statistics=statistics(j),
                    f_statistics=statistics(f),
                )
            )
        sequences.append(summarise_objects(name, objects, protocol=ScoringProtocol.DAVIS_2017))
    return dataclasses.replace(summarise_sequences(sequences), j_and_f=0.862)


@pytest.fixture
def results(
    write_run: Callable[..., RunFolder],
    sequence_record: Callable[..., SequenceRecord],
    curves: DatasetScore,
    tmp_path: Path,
) -> Results:
    """Two runs of one dataset over `cow` and `dog`, eight frames each; the second is twice as fast."""
    for place, name in enumerate(("xmem-fp32-480p-aaaaaaaa", "xmem-fp32-480p-bbbbbbbb")):
        records = [
            sequence_record(
                sequence,
                frames=FRAMES,
                labels=labels,
                milliseconds=(100.0 / (1 + place),) * len(FRAMES),
                memory=tuple((50 * (1 + index // 3), 0 if index < 4 else 128) for index in range(len(FRAMES))),
            )
            for sequence, labels in LABELS.items()
        ]
        write_run(tmp_path / "runs/davis17_val" / name, records=records, scores=curves)
    return read_results(tmp_path / "runs")


@pytest.fixture
def pictures() -> Pictures:
    """All frames of `cow`, and some of `dog`, of which the last has no truth."""
    cow = tuple(draw_frame(index, (0, 1)) for index in range(len(FRAMES)))
    dog = tuple(draw_frame(index, (0, 1), truth=index != 7) for index in (0, 3, 5, 7))
    return Pictures(clips=(Clip(name="cow", runs=(0, 1), shown=cow), Clip(name="dog", runs=(0, 1), shown=dog)))


@pytest.fixture
def write_page(tmp_path: Path) -> Callable[[Results, Pictures], Path]:
    def write(results: Results, pictures: Pictures) -> Path:
        path = tmp_path / "report.html"
        path.write_text(render_page(results, pictures), encoding="utf-8")
        return path

    return write


@pytest.fixture
def report(write_page: Callable[[Results, Pictures], Path], results: Results, pictures: Pictures) -> Path:
    """The page of both runs."""
    return write_page(results, pictures)
