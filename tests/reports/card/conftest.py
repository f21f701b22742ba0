"""Weights, a log of training and runs of these weights, to make a card of."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.card.record import (
    SCHEMA,
    BestHeldOut,
    Card,
    MeasuredRecord,
    SequenceFigures,
    TrainingRecord,
    WeightsRecord,
)
from reports.records import CheckpointRecord, DatasetRecord
from reports.run_folder import RunFolder

HEADER = {
    "__metadata__": {"iteration": "300", "held_out_j_and_f": "0.75"},
    "conv.weight": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]},
    "norm.running_mean": {"dtype": "F16", "shape": [2], "data_offsets": [12, 16]},
    "norm.num_batches_tracked": {"dtype": "I64", "shape": [], "data_offsets": [16, 24]},
}


def safetensors(header: Any, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


# What is said of a line where a test says nothing: 2 seconds and 8 clips an iteration.
LINES: dict[str, dict[str, Any]] = {
    "session": {
        "started": "2026-11-27T12:00:00+00:00",
        "device": "A CPU",
        "threads": 2,
        "torch": "2.13.0",
        "config": {"seed": 3, "iterations": 400},
        "commit": "0123abc",
        "modified": False,
    },
    "training": {"iteration": 100, "stage": 0, "rate": 1e-4, "loss": 1.0, "seconds": 2.0, "clips_per_second": 4.0},
    "held_out": {"iteration": 100, "j": 0.4, "f": 0.6, "j_and_f": 0.5, "best": True, "seconds": 20.0},
}


def make_line(kind: str, **changes: Any) -> str:
    return json.dumps({"kind": kind} | LINES[kind] | changes)


@pytest.fixture
def line() -> Callable[..., str]:
    """A line of a log."""
    return make_line


@pytest.fixture
def write_log(tmp_path: Path) -> Callable[..., Path]:
    """Write a log of lines; without any, a whole one: 400 iterations, scored twice, the better one after 300."""
    whole = [
        make_line("session"),
        *(
            make_line("training", iteration=100 * (index + 1), stage=index // 2, loss=2 - index / 4)
            for index in range(4)
        ),
        make_line("held_out", iteration=300, j_and_f=0.75, j=0.7, f=0.8),
        make_line("held_out", iteration=400, j_and_f=0.5),
    ]

    def write(*lines: str, name: str = "log.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{text}\n" for text in lines or whole))
        return path

    return write


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Six parameters, and statistics of a normalisation."""
    path = tmp_path / "weights" / "xmem_tiny.safetensors"
    path.parent.mkdir()
    path.write_bytes(safetensors(HEADER, bytes(24)))
    return path


@pytest.fixture
def write_own(
    weights: Path, write_run: Callable[..., RunFolder], dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> Callable[..., RunFolder]:
    """Write a run of the weights below `runs`, over cow and dog of a dataset."""

    def write(folder: str, *, dataset: dict[str, Any] | None = None, **changes: Any) -> RunFolder:
        place = tmp_path / "runs" / folder
        sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
        values: dict[str, Any] = {
            "name": "xmem_tiny-fp32-480p",
            "cell": {"variant": {"name": "xmem_tiny", "untrained": {}}, "precision": {"name": "fp32"}},
            "checkpoint": CheckpointRecord(path=str(weights), sha256=sha256),
            "dataset": dataset_record(name=place.parent.name, **(dataset or {})),
        }
        return write_run(place, **(values | changes))

    return write


@pytest.fixture
def card() -> Card:
    """Of six parameters, 400 iterations and a run over two of twenty sequences."""
    run = MeasuredRecord(
        dataset="davis16_val",
        split=20,
        precision="fp32",
        resolution="480p",
        memory=("top_k_20",),
        device="A GPU",
        j_and_f=0.65,
        j=0.6,
        f=0.7,
        sequences=(
            SequenceFigures(name="cow", objects=1, j_and_f=0.85, j=0.8, f=0.9),
            SequenceFigures(name="dog", objects=2, j_and_f=0.55, j=0.5, f=0.6),
        ),
        notes=("Not the whole dataset: 2 of 20 sequences were run.",),
        digest="a" * 64,
        commit="0123abc",
        modified=False,
    )
    return Card(
        schema=SCHEMA,
        weights=WeightsRecord(
            file="xmem_tiny.safetensors",
            sha256="b" * 64,
            bytes=2_345_678,
            parameters=1_234_567,
            iteration=7500,
            held_out=0.8125,
        ),
        rounds=(
            TrainingRecord(
                started="2026-11-27T12:00:00+00:00",
                sessions=2,
                devices=("A CPU", "A GPU"),
                torch=("2.13.0",),
                code=("commit `0123abc`",),
                seed=3,
                iterations=8000,
                planned=8000,
                begun_from=None,
                clips=64_000,
                hours=1.94,
                best=BestHeldOut(iteration=7500, j_and_f=0.75, j=0.7, f=0.8),
                log_sha256="c" * 64,
                curve_sha256="d" * 64,
            ),
        ),
        measured=(run,),
    )
