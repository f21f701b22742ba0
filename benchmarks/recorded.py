"""A run read back from its folder: the cell that was run, and the sequences it was run on."""

from pathlib import Path

import msgspec

from benchmarks.config import CellConfig
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from reports.run_folder import RunFolder


def recorded_cell(folder: RunFolder) -> CellConfig:
    """The configuration that was run.

    Raises:
        InputError: there is no such run, or another version ran it.
        RunFolderError: its record is damaged.
    """
    if not folder.run_file.exists():
        raise InputError(f"{folder.path}: expected a run folder, found no run.json in it; name one with run=")
    try:
        return msgspec.convert(folder.read_run().cell, CellConfig)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{folder.run_file}: expected a cell as this version runs it: {error}; run it again"
        ) from error


def recorded_dataset(folder: RunFolder, *, data: str | None) -> Dataset:
    """The sequences that were run, in the frames of the first pass.

    Args:
        folder: of the run.
        data: the folder that holds all datasets now; None is where it was then.

    Raises:
        InputError: as `recorded_cell`, or the dataset has gone.
        RunFolderError: the run's record is damaged.
    """
    cell = recorded_cell(folder)
    return open_dataset(
        cell.dataset,
        data=Path(cell.paths.data if data is None else data),
        size=cell.resolution.each_pass[0].size,
        names=folder.read_run().dataset.sequences,
    )
