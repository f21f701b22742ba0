"""Masks in folders: one for each sequence, anyone's or those of a run."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from benchmarks.datasets.listing import MASK_ENDINGS, list_images, require_utf8
from benchmarks.errors import InputError
from benchmarks.mask_sources.source import MaskSource, ReadMask
from benchmarks.masks import read_mask
from reports.mask_records import MasksKind, MasksRecord
from reports.run_folder import RunFolder


def folder_masks(path: Path) -> MaskSource:
    """The masks of a folder that holds a folder for each sequence.

    Raises:
        InputError: there is no such folder, or a name in it is unusable.
    """
    origin = MasksRecord(path=str(path.resolve()), kind=MasksKind.FOLDER)
    return MaskSource(path=path, origin=origin, readers=_list(path))


def run_masks(folder: RunFolder, *, names: Iterable[str] | None = None) -> MaskSource:
    """The masks of the sequences that a run has finished; of these only, if any are named.

    Raises:
        RunFolderError: a record of the run is damaged.
    """
    run = folder.read_run()
    origin = MasksRecord(
        path=str(folder.path.resolve()),
        kind=MasksKind.RUN,
        run_digest=run.digest,
        dataset=run.dataset.name,
        checkpoint_sha256=run.checkpoint.sha256,
    )
    records = (folder.read_sequence(name) for name in (run.dataset.sequences if names is None else names))
    readers = {
        record.name: {frame: partial(read_mask, folder.masks / record.name / f"{frame}.png") for frame in record.frames}
        for record in records
        if record is not None
    }
    return MaskSource(path=folder.path, origin=origin, readers=readers)


def _list(root: Path) -> dict[str, dict[str, ReadMask]]:
    if not root.is_dir():
        raise InputError(f"{root}: expected a folder of masks for each sequence, found no such folder")
    readers: dict[str, dict[str, ReadMask]] = {}
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            require_utf8(folder)
            masks = list_images(folder, endings=MASK_ENDINGS)
            readers[folder.name] = {name: partial(read_mask, path) for name, path in masks.items()}
    return readers
