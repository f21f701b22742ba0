"""Moving a finished folder to where there may be others: whole folders at once, and nothing is overwritten."""

import filecmp
from pathlib import Path

from benchmarks.errors import InputError


def merge_folder(source: Path, target: Path) -> None:
    """Move all of `source` into `target`, which may hold files already, the very same ones among them.

    What is new is moved a folder at a time, as high up as may be: where this is interrupted, a folder is missing rather
    than some files of it. What is left of `source` is for the caller to remove.

    Args:
        source: on the same file system as the target.
        target: made if missing.

    Raises:
        InputError: a file is there already but another one (then nothing has been moved), or the disk refuses.
    """
    try:
        _require_same_where_both(source, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _move(source, target)
    except OSError as error:
        raise InputError(
            f"{error.filename or target}: cannot move files there: {error.strerror}; mend permissions, or choose "
            "another paths.data="
        ) from error


def _require_same_where_both(source: Path, target: Path) -> None:
    if not target.exists():
        return
    if source.is_dir() and target.is_dir():
        for child in source.iterdir():
            _require_same_where_both(child, target / child.name)
    elif source.is_dir() or target.is_dir() or not filecmp.cmp(source, target, shallow=False):
        raise InputError(f"{target}: expected the file of the archive, found another; move it away, and fetch again")


def _move(source: Path, target: Path) -> None:
    if not target.exists():
        source.rename(target)
    elif source.is_dir():
        for child in sorted(source.iterdir()):
            _move(child, target / child.name)
