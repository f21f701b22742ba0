"""What a run leaves behind, as typed records: the contract between running and reporting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = 1  # of the run folder; raised when its meaning changes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """The weights: where they were read, and the SHA-256 of the file."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """The input: which sequences, out of how many, and a hash over what the model was given of them."""

    name: str
    root: str
    sequences: tuple[str, ...]
    available: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRecord:
    """Where it ran.

    Args:
        commit: of this repository; None outside a checkout.
        modified: whether the checkout had uncommitted changes; None outside a checkout.
        code_sha256: over the Python sources that decide masks.
        device: `cpu` or `cuda`.
        cpu: model name.
        gpu: model name; None on the CPU.
        driver: of the GPU; None on the CPU.
        threads: CPU threads of the model.
        decoder: library and version that decoded the frames.
        packages: versions, by name.
    """

    commit: str | None
    modified: bool | None
    code_sha256: str
    device: str
    cpu: str
    gpu: str | None
    driver: str | None
    threads: int
    decoder: str
    python: str
    platform: str
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Everything needed to repeat a run, written before its first mask.

    Args:
        schema: of this folder.
        digest: SHA-256 over all that decides the masks; runs of different digests never share a folder.
        command: as it was typed.
        started: date and time with time zone (ISO 8601).
        cell: the resolved configuration.
        checkpoint: the weights.
        dataset: the input.
        environment: where it ran.
    """

    schema: int
    digest: str
    command: str
    started: str
    cell: Mapping[str, Any]
    checkpoint: CheckpointRecord
    dataset: DatasetRecord
    environment: EnvironmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRecord:
    """One finished sequence; its existence says that all masks are on disk.

    Args:
        name: of the sequence.
        frames: names of the masks written, in time order.
        skipped: frames before the first prompt, which are background and were not stepped.
        labels: original labels of the objects, in the order in which they became known.
        milliseconds: timing contract `xmem`, one per stepped frame: device time of mask mapping, step and upsampling
            to the written size; upload, argmax, download, decoding and writing are excluded. No warm-up is left out.
        memory: elements of working and long-term memory after each stepped frame.
        wall_seconds: timing contract `end_to_end`: from the first file read to the last mask on disk, model loaded.
        peak_memory_bytes: of the GPU during this sequence; on the CPU, of the process since its start.
        masks_sha256: over all mask files.
    """

    name: str
    frames: tuple[str, ...]
    skipped: int
    labels: tuple[int, ...]
    milliseconds: tuple[float, ...]
    memory: tuple[tuple[int, int], ...]
    wall_seconds: float
    peak_memory_bytes: int
    masks_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """How long one stage took, each time it was timed."""

    objects: int
    stage: str
    milliseconds: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedRecord:
    """The stages of a step, timed in turn on one machine."""

    started: str
    precision: str
    height: int
    width: int
    working_frames: int
    stages: tuple[StageRecord, ...]
    environment: EnvironmentRecord
