"""The log of a training run: one JSON object a line, appended; a resumed run goes on below."""

from pathlib import Path
from typing import Any

import msgspec

from benchmarks.artifacts import make_folder, unwritable


class Journal:
    """Appends lines to a file, each of which is on disk when the call returns."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._path = path

    def add(self, kind: str, **values: Any) -> None:
        """One line: what kind it is, and its values.

        Raises:
            InputError: the file cannot be written.
        """
        try:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode({"kind": kind} | values) + b"\n")
        except OSError as error:
            raise unwritable(self._path, error) from error

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """All lines of a kind."""
        if not self._path.exists():
            return []
        lines = [msgspec.json.decode(line) for line in self._path.read_bytes().splitlines()]
        return [line for line in lines if line["kind"] == kind]
