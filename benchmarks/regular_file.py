"""Files that are files: whoever opens a named pipe waits for its other end, and a device may never end."""

import stat
from pathlib import Path

from benchmarks.errors import MismatchError


def require_regular_file(path: Path, *, expected: str) -> None:
    """Turn away what has the name of a file and is none. What is missing is left to whoever opens it.

    Args:
        path: of the file; a link may lead to it.
        expected: what it should be.

    Raises:
        MismatchError: it is a folder, a named pipe or a device.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "a named pipe or a device"
        raise MismatchError(str(path), expected=expected, found=found, remedy="remove it, or put the file in its place")
