"""One cell: from the composed configuration to all that is needed to run it (`benchmarks.cell_run`)."""

import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import torch

from benchmarks.artifacts import sha256_of, sha256_of_file
from benchmarks.config import CellConfig, to_plain
from benchmarks.datasets import Dataset, describe_dataset, open_dataset
from benchmarks.device import check_precision, choose_device, compute_capability
from benchmarks.engine import check_engine
from benchmarks.environment import describe_environment
from benchmarks.scoring import require_means_of_scoring
from benchmarks.weights import find_network
from reports.records import SCHEMA, CheckpointRecord, DatasetRecord, EnvironmentRecord, RunRecord
from reports.run_folder import RunFolder, run_folder
from xmem import XMem

# What a run records of its environment without depending on it: masks do not change with these.
INCIDENTAL = ("commit", "modified", "driver", "platform", "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is ready to run: everything it needs was found and fits together.

    Args:
        config: what was asked for.
        device: that computes.
        passes: the sequences, as each pass of the resolution sees them.
        checkpoint: the file that the network was read from.
        network: as it was loaded, on the CPU.
        record: what will be written down of it.
        folder: where its results belong.
    """

    config: CellConfig
    device: torch.device
    passes: tuple[Dataset, ...]
    checkpoint: Path
    network: XMem
    record: RunRecord
    folder: RunFolder

    @property
    def dataset(self) -> Dataset:
        """The sequences, as the first pass sees them."""
        return self.passes[0]


def prepare_cell(config: CellConfig, checkpoint: str) -> Cell:
    """Find and check everything before the first frame is read, and settle which folder the run belongs to.

    Args:
        config: what was asked for.
        checkpoint: which of the variant's: each is a training run, and has a run folder of its own.

    Raises:
        InputError: device, precision, engine, dataset or checkpoint are not to be had, or do not go together.
    """
    device = choose_device(config.device)
    check_precision(config.precision, compute_capability(device))
    check_engine(config.engine, device)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    passes = tuple(
        open_dataset(config.dataset, data=Path(config.paths.data), size=one.size, names=config.sequences)
        for one in config.resolution.each_pass
    )
    require_means_of_scoring(passes[0], config=config.dataset, data=Path(config.paths.data))
    path, network = find_network(config.variant, checkpoint, config.paths)
    record = _describe(config, device=device, passes=passes, checkpoint=path)
    return Cell(
        config=config,
        device=device,
        passes=passes,
        checkpoint=path,
        network=network,
        record=record,
        folder=run_folder(Path(config.paths.runs), record),
    )


def _describe(config: CellConfig, *, device: torch.device, passes: tuple[Dataset, ...], checkpoint: Path) -> RunRecord:
    cell = to_plain(config)
    checkpoint_record = CheckpointRecord(path=str(checkpoint), sha256=sha256_of_file(checkpoint))
    dataset_record = describe_dataset(config.dataset, passes, data=Path(config.paths.data))
    environment = describe_environment(device)
    identity = _identity(cell, dataset_record, environment)
    return RunRecord(
        schema=SCHEMA,
        name=config.name,
        digest=sha256_of([identity, checkpoint_record.sha256]),
        recipe=sha256_of([identity, config.variant.checkpoints]),
        command=shlex.join(sys.orig_argv),
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        cell=cell,
        checkpoint=checkpoint_record,
        dataset=dataset_record,
        environment=environment,
    )


def _identity(cell: dict[str, Any], dataset: DatasetRecord, environment: EnvironmentRecord) -> dict[str, Any]:
    """All that decides masks and scores, but the checkpoint; where files lie, and who ran them when, is left out."""
    return {
        "schema": SCHEMA,
        "variant": {part: cell["variant"][part] for part in ("name", "untrained")},
        "cell": {part: cell[part] for part in ("precision", "engine", "resolution", "memory", "seed", "videos")},
        "dataset": [dataset.name, cell["dataset"]["layout"], dataset.fingerprints, dataset.sequences],
        "scoring": cell["dataset"]["scoring"],
        "environment": {key: value for key, value in msgspec.to_builtins(environment).items() if key not in INCIDENTAL},
    }
