"""Names that become those of files and folders."""

from pathlib import PurePosixPath


def is_plain_name(name: str) -> bool:
    """Whether it names something in a folder and fits in a line, and is no path, which could lead out of it."""
    return name not in ("", "..") and PurePosixPath(name).name == name and name.isprintable()
