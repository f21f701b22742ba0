"""What a run leaves behind, as typed records: the contract between running and reporting."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from reports.device_use import DeviceUse

SCHEMA = 4  # of the run folder; raised when its meaning changes


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """The weights: where they were read, and the SHA-256 of the file."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """The input.

    Args:
        name: of the dataset.
        root: the folder that it was read from.
        sequences: those that were looked at.
        frames: of these sequences, all together.
        available: sequences that this copy has.
        complete_sequences: that a complete copy has; None where nobody has said.
        complete_frames: likewise, in all its sequences.
        submission: the form in which an evaluation server takes masks of it; None where truth is public.
        fingerprints: for each pass, a hash over what the model is given of the sequences.
    """

    name: str
    root: str
    sequences: tuple[str, ...]
    frames: int
    available: int
    complete_sequences: int | None
    complete_frames: int | None
    submission: str | None
    fingerprints: tuple[str, ...]

    @property
    def whole(self) -> int:
        """How many sequences there should be."""
        return self.available if self.complete_sequences is None else self.complete_sequences

    @property
    def shortfall(self) -> str | None:
        """How this copy is unlike a complete one, in words; None as far as can be told where it is not."""
        if self.available != self.whole:
            return f"the copy has {self.available} sequences instead of {self.whole}"
        every_frame = len(self.sequences) == self.available and self.complete_frames is not None
        if every_frame and self.frames != self.complete_frames:
            return f"the copy has {self.frames} frames instead of {self.complete_frames}"
        return None


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
class MergedPart:
    """A run of some passes, whose probabilities went into another: its digest, and where it ran."""

    digest: str
    environment: EnvironmentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Everything needed to repeat a run, written before its first mask.

    Args:
        schema: of this folder.
        name: of the cell, in words: what was chosen of variant, precision, resolution and memory.
        digest: SHA-256 over all that decides masks and scores; runs of different digests never share a folder.
        recipe: the same without the checkpoint: training runs of one variant have it in common.
        command: as it was typed.
        started: date and time with time zone (ISO 8601).
        cell: the resolved configuration.
        checkpoint: the weights.
        dataset: the input.
        environment: where it ran.
        merged_from: the runs whose passes were merged into this one; empty where it ran as a whole.
        circumstances: SHA-256 over all that torch's answers about device and threads hang on; as long as it is the
            same, so are they. None in older runs, and in merged ones.
    """

    schema: int
    name: str
    digest: str
    recipe: str
    command: str
    started: str
    cell: Mapping[str, Any]
    checkpoint: CheckpointRecord
    dataset: DatasetRecord
    environment: EnvironmentRecord
    merged_from: tuple[MergedPart, ...] = ()
    circumstances: str | None = None

    def __post_init__(self) -> None:
        if self.began.tzinfo is None:
            raise ValueError(f"expected `started` with a time zone, got {self.started}")

    @property
    def began(self) -> datetime:
        """When it started: unlike the text, in order of time whatever the time zone."""
        return datetime.fromisoformat(self.started)

    @property
    def devices(self) -> str:
        """What computed it, by model name."""
        environments = [part.environment for part in self.merged_from] or [self.environment]
        return ", ".join(dict.fromkeys(one.gpu or one.cpu for one in environments))


class Lack(StrEnum):
    """What a cell lacks: everything, validity, scores that are computed here, or those of an evaluation server."""

    RUN = "not run"
    VALIDITY = "INVALID"
    SCORES = "not scored"
    SERVER = "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRunRecord:
    """A cell of a sweep that could not be run, or not be scored.

    Args:
        schema: of this file.
        lack: what it lacks: everything, or only scores.
        name: of the cell, in words.
        dataset: its name.
        checkpoint: file name of the weights.
        reason: what was missing or did not go together, in one line.
        command: as it was typed.
        tried: date and time with time zone (ISO 8601).
        cell: the resolved configuration.
    """

    schema: int
    lack: Lack
    name: str
    dataset: str
    checkpoint: str
    reason: str
    command: str
    tried: str
    cell: Mapping[str, Any]

    @property
    def title(self) -> str:
        """Which cell it is, in a few words."""
        return f"{self.name} ({self.checkpoint}) on {self.dataset}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceRecord:
    """One finished sequence; its existence says that all masks are on disk.

    Args:
        name: of the sequence.
        frames: names of the masks written, in time order.
        skipped: frames before the first prompt, which are background and were not stepped.
        labels: original labels of the objects, in the order in which they became known.
        remarks: what was odd about its input, in words.
        milliseconds: timing contract `xmem`, one per stepped frame: device time of mask mapping, step and upsampling
            to the written size; upload, argmax, download, decoding and writing are excluded, and what an engine makes
            ready for a new size (`XMem.prepare`). No warm-up is left out. Empty where passes were merged. Of several
            videos together: timing contract `offline`, each frame's share of their common step.
        memory: elements of working and long-term memory after each stepped frame, those of all passes together.
        wall_seconds: timing contract `end_to_end`: from the first file read to the last mask on disk, model loaded;
            None where passes were merged. Of several videos together its share, by frames.
        peak_memory_bytes: of the GPU during this sequence; on the CPU, of the process since its start.
        seed: of every random number generator when the sequence began.
        use: of the device meanwhile; None where passes were merged.
        together: how many videos were segmented at once, at most.
        masks_sha256: over all mask files.
        probabilities_sha256: over the probabilities of all masks; None where they were not kept.
    """

    name: str
    frames: tuple[str, ...]
    skipped: int
    labels: tuple[int, ...]
    remarks: tuple[str, ...]
    milliseconds: tuple[float, ...]
    memory: tuple[tuple[int, int], ...]
    wall_seconds: float | None
    peak_memory_bytes: int
    seed: int
    use: DeviceUse | None
    masks_sha256: str
    probabilities_sha256: str | None
    together: int = 1
