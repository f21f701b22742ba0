"""From a path to the masks that it holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.errors import InputError
from benchmarks.mask_sources.archived import archived_masks
from benchmarks.mask_sources.folders import folder_masks, run_masks
from benchmarks.mask_sources.mask_archive import ARCHIVE_ENDINGS
from benchmarks.mask_sources.source import MaskSource
from benchmarks.mask_sources.zipped import zipped_masks
from benchmarks.recorded import require_untouched
from reports.run_folder import RunFolder


@contextmanager
def open_masks(path: Path) -> Iterator[MaskSource]:
    """Find out what kind of place it is: a run folder by its record, a folder, a zip or an archive by its name.

    Raises:
        InputError: it is none of them, or damaged; or it is a run folder whose masks have changed since.
        RunFolderError: it is a run folder whose record is damaged.
    """
    name = path.name.lower()
    if (run := RunFolder(path)).run_file.exists():
        require_untouched(run)
        yield run_masks(run)
    elif path.is_dir():
        yield folder_masks(path)
    elif path.is_file() and name.endswith(".zip"):
        with zipped_masks(path) as source:
            yield source
    elif path.is_file() and name.endswith(ARCHIVE_ENDINGS):
        yield archived_masks(path)
    else:
        found = "another file" if path.exists() else "nothing of this name"
        raise InputError(
            f"{path}: expected masks (a folder, a run folder, a .zip, or an archive .json or .json.gz), found {found}; "
            "name one of these"
        )
