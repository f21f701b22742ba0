"""A run read back from its folder: the cell that was run, its sequences, and whether its files are still its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.artifacts import sha256_of_files
from benchmarks.config import CellConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.datasets.listing import AbsentFolderError, require_folder
from benchmarks.errors import InputError
from reports.records import SequenceRecord
from reports.run_folder import RepeatFolder, RunFolder


def recorded_cell(folder: RunFolder) -> CellConfig:
    """The configuration that was run.

    Raises:
        InputError: there is no such run, or another version ran it.
        RunFolderError: its record is damaged.
    """
    _require_run(folder)
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
        AbsentFolderError: the dataset has gone.
        InputError: as `recorded_cell`, or a part of the dataset has gone.
        RunFolderError: the run's record is damaged.
    """
    cell = recorded_cell(folder)
    holder = Path(cell.paths.data if data is None else data)
    with absent_data_explained():
        if cell.dataset.layout is Layout.DEMO:  # or it would be drawn anew, and who reads a run writes no data
            require_folder(holder / cell.dataset.root, cell.dataset)
        return open_dataset(
            cell.dataset,
            data=holder,
            size=cell.resolution.each_pass[0].size,
            names=folder.read_run().dataset.sequences,
        )


@contextmanager
def absent_data_explained() -> Iterator[None]:
    """The folder of datasets is `data=` to commands that take all else from a run's record.

    Raises:
        AbsentFolderError: as was raised within, with that remedy.
    """
    try:
        yield
    except AbsentFolderError as error:
        remedy = "name the folder that holds your datasets now with data="
        raise AbsentFolderError(error.place, expected=error.expected, found=error.found, remedy=remedy) from error


def masks_untouched(folder: RepeatFolder, record: SequenceRecord) -> bool:
    """Whether the masks of a sequence are the very ones that the run wrote."""
    masks = [folder.masks / record.name / f"{frame}.png" for frame in record.frames]
    return _are_the_very(masks, record.masks_sha256)


def probabilities_untouched(folder: RepeatFolder, record: SequenceRecord) -> bool:
    """Whether the run kept the probabilities of a sequence, and they are the very ones that it wrote."""
    maps = [folder.probabilities / record.name / f"{frame}.zst" for frame in record.frames]
    return record.probabilities_sha256 is not None and _are_the_very(maps, record.probabilities_sha256)


def require_finished(folder: RunFolder) -> None:
    """A part of a run must not pass for the run, nor masks for its own that it did not write.

    Raises:
        InputError: there is no such run, it is not finished, or masks are gone or have changed since.
        RunFolderError: a record of the run is damaged.
    """
    _require_run(folder)
    names = folder.read_run().dataset.sequences
    done = {record.name for record in folder.read_sequences()}
    if unfinished := [name for name in names if name not in done]:
        raise InputError(
            f"{folder.path}: expected a finished run, found {len(unfinished)} of {len(names)} sequences open "
            f"({', '.join(unfinished[:5])}{', ...' if len(unfinished) > 5 else ''}); run the cell again to continue it"
        )
    require_untouched(folder)


def require_untouched(folder: RunFolder) -> None:
    """Masks that the run did not write must not pass for its own.

    Raises:
        InputError: masks of a finished sequence are gone or have changed since.
        RunFolderError: a record of the run is damaged.
    """
    if changed := [record.name for record in folder.read_sequences() if not masks_untouched(folder, record)]:
        raise InputError(
            f"{folder.masks}: expected the masks that the run wrote, found others or none in {', '.join(changed)}; "
            "run the cell again, which writes them anew"
        )


def _require_run(folder: RunFolder) -> None:
    if not folder.run_file.exists():
        raise InputError(f"{folder.path}: expected a run folder, found no run.json in it; name one with run=")


def _are_the_very(files: list[Path], sha256: str) -> bool:
    return all(file.is_file() for file in files) and sha256_of_files(files) == sha256
