"""Run folders as a run leaves them, made of chosen figures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evaluators import DatasetScore, ObjectScore, OverallScore, ScoringProtocol, statistics, summarise_sequences
from evaluators.results import summarise_objects
from reports.determinism import MaskDifference, judge_repeats
from reports.device_use import DeviceUse
from reports.records import SCHEMA, CheckpointRecord, DatasetRecord, EnvironmentRecord, RunRecord, SequenceRecord
from reports.run_folder import RunFolder

ENVIRONMENT = EnvironmentRecord(
    commit="0123abc",
    modified=False,
    code_sha256="c" * 64,
    device="cpu",
    cpu="Some CPU",
    gpu=None,
    driver=None,
    threads=2,
    decoder="opencv 5.0",
    python="3.11.7",
    platform="Linux",
    packages={"torch": "2.13.0"},
)

UNDISTURBED = DeviceUse(
    seconds=1.0, cpu_seconds=2.0, others_seconds=0.0, stolen_seconds=0.0, held_back_seconds=0.0, overheated=0
)

# J and F of each object: cow has one, dog has two.
FIGURES: dict[str, list[tuple[float, float]]] = {"cow": [(0.8, 0.9)], "dog": [(0.25, 0.5), (0.5, 0.75)]}


@pytest.fixture
def environment() -> EnvironmentRecord:
    return ENVIRONMENT


@pytest.fixture
def scores() -> DatasetScore:
    """Means over the three objects: J 51.7, F 71.7, J&F 61.7."""
    sequences = []
    for name, objects in FIGURES.items():
        each = [
            ObjectScore(
                label=label,
                frames=("00000", "00001"),
                j=(j, j),
                f=(f, f),
                j_statistics=statistics([j, j]),
                f_statistics=statistics([f, f]),
            )
            for label, (j, f) in enumerate(objects, 1)
        ]
        sequences.append(summarise_objects(name, each, protocol=ScoringProtocol.DAVIS_2017))
    return summarise_sequences(sequences)


@pytest.fixture
def local_g() -> OverallScore:
    """G 50.0 over three objects."""
    return OverallScore(
        g=0.5,
        reason=None,
        j_seen=0.375,
        f_seen=0.625,
        j_unseen=0.25,
        f_unseen=0.75,
        seen_objects=2,
        unseen_objects=1,
        seen=("cow", "dog"),
    )


@pytest.fixture
def sequence_record() -> Callable[..., SequenceRecord]:
    def make(name: str, /, **changes: Any) -> SequenceRecord:
        values: dict[str, Any] = {
            "name": name,
            "frames": ("00000", "00001"),
            "skipped": 0,
            "labels": tuple(range(1, len(FIGURES[name]) + 1)),
            "remarks": (),
            "milliseconds": (100.0, 300.0) if name == "cow" else (400.0, 400.0),
            "memory": ((12, 0), (24, 0)),
            "wall_seconds": 1.0,
            "peak_memory_bytes": 1000,
            "seed": 0,
            "use": UNDISTURBED,
            "masks_sha256": "d" * 64,
            "probabilities_sha256": None,
        }
        return SequenceRecord(**(values | changes))

    return make


@pytest.fixture
def dataset_record() -> Callable[..., DatasetRecord]:
    """Two sequences of two frames, all that there are."""

    def make(**changes: Any) -> DatasetRecord:
        values: dict[str, Any] = {
            "name": "davis17_val",
            "root": "data/DAVIS",
            "sequences": ("cow", "dog"),
            "frames": 4,
            "available": 2,
            "complete_sequences": None,
            "complete_frames": None,
            "submission": None,
            "fingerprints": ("f" * 64,),
        }
        return DatasetRecord(**(values | changes))

    return make


@pytest.fixture
def run_record(dataset_record: Callable[..., DatasetRecord]) -> Callable[..., RunRecord]:
    def make(**changes: Any) -> RunRecord:
        values: dict[str, Any] = {
            "schema": SCHEMA,
            "name": "xmem-fp32-480p",
            "digest": "a" * 64,
            "recipe": "7" * 64,
            "command": "python -m benchmarks.run",
            "started": "2026-01-01T00:00:00+00:00",
            "cell": {
                "variant": {"name": "xmem", "checkpoints": ["XMem.pth"], "untrained": {}},
                "precision": {"name": "fp32"},
                "resolution": {"size": 480},
                "memory": {"memorise_every": 5},
                "paths": {"runs": "runs"},
            },
            "checkpoint": CheckpointRecord(path="weights/XMem.pth", sha256="b" * 64),
            "dataset": dataset_record(),
            "environment": ENVIRONMENT,
        }
        return RunRecord(**(values | changes))

    return make


@pytest.fixture
def write_run(
    run_record: Callable[..., RunRecord], sequence_record: Callable[..., SequenceRecord]
) -> Callable[..., RunFolder]:
    """Write a run folder: its record, those of the finished sequences, and the scores if there are any."""

    def write(
        path: Path,
        *,
        finished: tuple[str, ...] = ("cow", "dog"),
        records: Sequence[SequenceRecord] | None = None,
        scores: DatasetScore | None = None,
        **changes: Any,
    ) -> RunFolder:
        folder = RunFolder(path)
        (path / "sequences").mkdir(parents=True)
        folder.run_file.write_bytes(msgspec.json.encode(run_record(**changes)))
        for record in [sequence_record(name) for name in finished] if records is None else records:
            folder.sequence_file(record.name).write_bytes(msgspec.json.encode(record))
        if scores is not None:
            folder.scores_file.write_bytes(msgspec.json.encode(scores))
        return folder

    return write


@pytest.fixture
def write_repeat(sequence_record: Callable[..., SequenceRecord]) -> Callable[..., None]:
    """Write a further repeat of cow and dog; with a score its masks are not those of the first."""

    def write(run: RunFolder, *, number: int = 2, score: DatasetScore | None = None, **changes: Any) -> None:
        repeat, before = run.repeat(number), run.read_determinism()
        (repeat.path / "sequences").mkdir(parents=True)
        for name in FIGURES:
            repeat.sequence_file(name).write_bytes(msgspec.json.encode(sequence_record(name, **changes)))
        differences = [] if before is None else list(before.differences)
        if score is not None:
            repeat.scores_file.write_bytes(msgspec.json.encode(score))
            differences.append(MaskDifference(repeat=number, sequence="cow", frame="00001"))
        run.determinism_file.write_bytes(msgspec.json.encode(judge_repeats(number, differences)))

    return write
