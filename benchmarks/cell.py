"""One cell: composed configuration in, run folder out. What is finished already is not done again."""

import hashlib
import io
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import torch

from benchmarks.artifacts import (
    make_folder,
    sha256_of_file,
    sha256_of_files,
    sole_writer,
    write_atomically,
    write_record,
)
from benchmarks.config import CellConfig, VariantConfig, to_model_config
from benchmarks.datasets import Dataset, Sequence, open_dataset
from benchmarks.device import check_precision, choose_device, memory_errors_explained, place
from benchmarks.environment import describe_environment
from benchmarks.errors import InputError
from benchmarks.progress import RunProgress
from benchmarks.runner import run_sequence
from reports.records import SCHEMA, CheckpointRecord, DatasetRecord, EnvironmentRecord, RunRecord
from reports.run_folder import RunFolder
from xmem import CheckpointError, MemoryConfig, XMem, load_checkpoint
from xmem.untrained import draw_state_dict

DIGEST_SHOWN = 8

# What a run records of its environment without depending on it: masks do not change with these.
INCIDENTAL = ("commit", "modified", "driver", "platform", "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is ready to run: everything it needs was found and fits together."""

    config: CellConfig
    device: torch.device
    dataset: Dataset
    checkpoint: Path
    network: XMem
    record: RunRecord
    folder: RunFolder


def prepare_cell(config: CellConfig) -> Cell:
    """Find and check everything before the first frame is read, and settle which folder the run belongs to.

    Raises:
        InputError: device, precision, dataset or checkpoint are not to be had, or do not go together.
    """
    device = choose_device(config.device)
    check_precision(config.precision, device)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    dataset = open_dataset(
        config.dataset, data=Path(config.paths.data), size=config.resolution.size, names=config.sequences
    )
    checkpoint = _require_checkpoint(config.variant, Path(config.paths.weights))
    network = place(_load(checkpoint, config.variant), device)
    record = _describe(config, device=device, dataset=dataset, checkpoint=checkpoint)
    parts = [config.variant.name, config.precision.name, config.resolution.name]
    if config.memory != MemoryConfig():
        parts.append("other_memory")
    name = "-".join([*parts, record.digest[:DIGEST_SHOWN]])
    return Cell(
        config=config,
        device=device,
        dataset=dataset,
        checkpoint=checkpoint,
        network=network,
        record=record,
        folder=RunFolder(Path(config.paths.runs) / config.dataset.name / name),
    )


def run_cell(cell: Cell, progress: RunProgress) -> None:
    """Segment every sequence that is not finished yet.

    Raises:
        InputError: input is unusable, or the folder cannot be written to. Finished sequences remain finished.
        RunFolderError: what an earlier run left is damaged.
    """
    with sole_writer(cell.folder.path):
        if not cell.folder.run_file.exists():
            write_record(cell.folder.run_file, cell.record)
        elif (found := cell.folder.read_run().digest) != cell.record.digest:
            raise InputError(
                f"{cell.folder.run_file}: expected the run {cell.record.digest}, found {found}; "
                "move the folder away, or choose another paths.runs="
            )
        for sequence in cell.dataset.sequences:
            progress.start(sequence.name)
            if _is_finished(cell.folder, sequence):
                progress.advance(len(sequence.frames))
                progress.say(f"{sequence.name}: finished before")
                continue
            with memory_errors_explained(f"sequence {sequence.name}"):
                record = run_sequence(
                    sequence,
                    cell.network,
                    masks=cell.folder.masks / sequence.name,
                    memory=cell.config.memory,
                    precision=cell.config.precision,
                    size=cell.config.resolution.size,
                    progress=progress,
                )
            write_record(cell.folder.sequence_file(sequence.name), record)
            progress.say(f"{sequence.name}: {len(record.frames)} frames in {record.wall_seconds:.1f} s")


def _is_finished(folder: RunFolder, sequence: Sequence) -> bool:
    """Whether the sequence has a record, and its masks are the very ones that were written."""
    record = folder.read_sequence(sequence.name)
    if record is None:
        return False
    masks = [folder.masks / sequence.name / f"{name}.png" for name in record.frames]
    return all(mask.is_file() for mask in masks) and sha256_of_files(masks) == record.masks_sha256


def _require_checkpoint(variant: VariantConfig, weights: Path) -> Path:
    path = weights / variant.checkpoint
    if path.exists():
        return path
    if variant.untrained:
        _save(draw_state_dict(to_model_config(variant.untrained)), path)
        return path
    where = f"download {variant.source} to this path" if variant.source else "put it there"
    raise InputError(
        f"{path}: expected the checkpoint of variant {variant.name}, found no such file; {where}, "
        "or name its folder with paths.weights="
    )


def _load(checkpoint: Path, variant: VariantConfig) -> XMem:
    try:
        network = load_checkpoint(checkpoint)
    except CheckpointError as error:
        raise InputError(str(error)) from error
    if variant.untrained and network.config != (wanted := to_model_config(variant.untrained)):
        raise InputError(
            f"{checkpoint}: expected weights drawn for {wanted}, found those of {network.config}; remove the file, "
            "or choose another name with variant.checkpoint="
        )
    return network


def _save(state: dict[str, torch.Tensor], path: Path) -> None:
    content = io.BytesIO()
    torch.save(state, content)
    make_folder(path.parent)
    write_atomically(path, content.getvalue())


def _describe(config: CellConfig, *, device: torch.device, dataset: Dataset, checkpoint: Path) -> RunRecord:
    cell = msgspec.to_builtins(config)
    checkpoint_record = CheckpointRecord(path=str(checkpoint), sha256=sha256_of_file(checkpoint))
    dataset_record = DatasetRecord(
        name=dataset.name,
        root=str(Path(config.paths.data) / config.dataset.root),
        sequences=tuple(sequence.name for sequence in dataset.sequences),
        available=dataset.available,
        fingerprint=dataset.fingerprint(),
    )
    environment = describe_environment(device)
    return RunRecord(
        schema=SCHEMA,
        digest=_digest(cell, checkpoint_record, dataset_record, environment),
        command=shlex.join(sys.orig_argv),
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        cell=cell,
        checkpoint=checkpoint_record,
        dataset=dataset_record,
        environment=environment,
    )


def _digest(
    cell: dict[str, Any], checkpoint: CheckpointRecord, dataset: DatasetRecord, environment: EnvironmentRecord
) -> str:
    """A hash over all that decides the masks; where files lie, and who ran them when, is left out."""
    deciding = {
        "schema": SCHEMA,
        "cell": {key: value for key, value in cell.items() if key not in ("paths", "device", "threads")},
        "checkpoint": checkpoint.sha256,
        "dataset": [dataset.fingerprint, dataset.sequences],
        "environment": {key: value for key, value in msgspec.to_builtins(environment).items() if key not in INCIDENTAL},
    }
    return hashlib.sha256(msgspec.json.encode(deciding, order="deterministic")).hexdigest()
