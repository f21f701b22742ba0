"""One cell: from the composed configuration to all that is needed to run it (`benchmarks.cell_run`)."""

import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.artifacts import sha256_of
from benchmarks.checkpoints import find_checkpoint
from benchmarks.circumstances import circumstances, known_computer
from benchmarks.config import CellConfig, to_plain
from benchmarks.datasets import Dataset, describe_dataset, open_dataset
from benchmarks.environment import Computer, describe_environment
from benchmarks.finished import Part, find_left
from benchmarks.scoring import require_means_of_scoring
from reports.records import SCHEMA, CheckpointRecord, DatasetRecord, EnvironmentRecord, RunRecord
from reports.run_folder import RunFolder, run_folder

# What a run records of its environment without depending on it: masks do not change with these.
INCIDENTAL = ("commit", "modified", "driver", "platform", "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is ready to run: everything it needs was found and fits together, but its weights were not read.

    Args:
        config: what was asked for.
        passes: the sequences, as each pass of the resolution sees them.
        record: what will be written down of it.
        folder: where its results belong.
        left: what was not finished when it was looked at.
    """

    config: CellConfig
    passes: tuple[Dataset, ...]
    record: RunRecord
    folder: RunFolder
    left: frozenset[Part]

    @property
    def dataset(self) -> Dataset:
        """The sequences, as the first pass sees them."""
        return self.passes[0]

    @property
    def checkpoint(self) -> Path:
        """The file that the network is read from."""
        return Path(self.record.checkpoint.path)


def prepare_cell(config: CellConfig, checkpoint: str) -> Cell:
    """Find and check everything before the first frame is read, and settle which folder the run belongs to.

    Torch is not asked which device computes where a run knows its answer, and nothing of that run is left to do.

    Args:
        config: what was asked for.
        checkpoint: which of the variant's: each is a training run, and has a run folder of its own.

    Raises:
        InputError: device, precision, engine, dataset or checkpoint are not to be had, or do not go together.
        RunFolderError: what an earlier run left is damaged.
    """
    there = circumstances(config)
    known = known_computer(config, there)
    computer = _ask_torch(config) if known is None else known
    passes = tuple(
        open_dataset(config.dataset, data=Path(config.paths.data), size=one.size, names=config.sequences)
        for one in config.resolution.each_pass
    )
    require_means_of_scoring(passes[0], config=config.dataset, data=Path(config.paths.data))
    found = _Found(
        config=config,
        circumstances=there,
        passes=passes,
        checkpoint=find_checkpoint(config.variant, checkpoint, config.paths),
        dataset=describe_dataset(config.dataset, passes, data=Path(config.paths.data)),
    )
    cell = found.on(computer)
    if known is not None and (cell.left or not cell.folder.run_file.exists()):
        asked = _ask_torch(config)
        return cell if asked == known else found.on(asked)
    return cell


def _ask_torch(config: CellConfig) -> Computer:
    from benchmarks.computer import choose_computer  # noqa: PLC0415 - torch takes two seconds to import

    return choose_computer(config)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a cell is made of beside what computes it."""

    config: CellConfig
    circumstances: str
    passes: tuple[Dataset, ...]
    checkpoint: CheckpointRecord
    dataset: DatasetRecord

    def on(self, computer: Computer) -> Cell:
        """The cell, if this computes it."""
        cell = to_plain(self.config)
        environment = describe_environment(computer)
        identity = _identity(cell, self.dataset, environment)
        record = RunRecord(
            schema=SCHEMA,
            name=self.config.name,
            digest=sha256_of([identity, self.checkpoint.sha256]),
            recipe=sha256_of([identity, self.config.variant.checkpoints]),
            command=shlex.join(sys.orig_argv),
            started=datetime.now().astimezone().isoformat(timespec="seconds"),
            cell=cell,
            checkpoint=self.checkpoint,
            dataset=self.dataset,
            environment=environment,
            circumstances=self.circumstances,
        )
        folder = run_folder(Path(self.config.paths.runs), record)
        left = find_left(folder, self.config, self.dataset.sequences)
        return Cell(config=self.config, passes=self.passes, record=record, folder=folder, left=left)


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
