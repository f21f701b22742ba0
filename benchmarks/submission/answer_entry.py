"""Names and values in a text, whether they stand line by line, below each other in a table, or as JSON."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# A name, and all that follows it: after a colon, or where after a blank or the like a value may begin.
LINE = re.compile(
    r"""^\W*(?P<name>[a-z][^:=]*?)["'*]*(?:\s*[:=]|[\s,;|]+(?=[-+.\d]|(?:nan?|n/a|inf|none|null)\b))(?P<value>.*)$""",
    re.IGNORECASE,
)
DRESSING = " \t\"'*|,;{}"  # what tables, JSON and bold print put around names and values
RULE = re.compile(r"[\s|:+=-]+")  # beneath the heading of a table
DIGIT = re.compile(r"\d")
PARTS = frozenset({"sequence", "sequences", "video", "videos", "object", "objects"})  # whose figures are not overall

# Whether a text is the name of something that is looked for.
IsName = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name, the value that it has, and the line where both are, as they were written; no value is empty."""

    name: str
    value: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    """The names above the columns of a table, and what parts them; None is blanks."""

    names: Sequence[str] = ()
    separator: str | None = None

    @property
    def of_parts(self) -> bool:
        """Whether the rows beneath are each of one sequence or object."""
        return any(name.lower() in PARTS for name in self.names)


def find_entries(text: str, *, is_name: IsName) -> Iterator[Entry]:
    """Everything in a text that may be a name with a value. Tables of sequences or objects are passed over.

    Args:
        text: lines of a name and a value; CSV, columns or a Markdown table; or JSON.
        is_name: tells the heading of a table.
    """
    try:
        # Numbers stay as they were written, and where a name comes twice both are kept.
        parsed = json.loads(text, object_pairs_hook=tuple, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        yield from _in_lines(text, is_name)
    else:
        yield from _in_json(parsed, name="")


def _in_json(value: Any, *, name: str) -> Iterator[Entry]:
    """Entries at any depth, by the names of all that they are in."""
    if isinstance(value, tuple):
        for key, inner in value:
            yield from _in_json(inner, name=f"{name} {key}".strip())
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner, name=name)
    else:
        shown = "" if value is None else str(value)
        yield Entry(name=name, value=shown, line=f"{name}: {shown}")


def _in_lines(text: str, is_name: IsName) -> Iterator[Entry]:
    heading = _Heading()
    for line in filter(None, map(str.strip, text.splitlines())):
        if (found := _heading(line, is_name)) is not None:
            heading = found
            continue
        if RULE.fullmatch(line):
            continue
        cells = _cells(line, heading.separator)
        if len(cells) == len(heading.names) and heading.of_parts:
            continue
        if len(cells) == len(heading.names) and not is_name(cells[0]):
            yield from (
                Entry(name=name, value=cell, line=line) for name, cell in zip(heading.names, cells, strict=True)
            )
        else:
            heading = _Heading()
            if match := LINE.match(line):
                yield Entry(name=match["name"], value=match["value"].strip(DRESSING), line=line)


def _heading(line: str, is_name: IsName) -> _Heading | None:
    """None where the line is no heading of a table. Words parted by blanks may be a sentence: all have to be names."""
    separator = next((one for one in "|\t;," if one in line), None)
    names = _cells(line, separator)
    if len(names) < 2 or DIGIT.search(line):
        return None
    named = [is_name(name) for name in names]
    return _Heading(names=names, separator=separator) if all(named) or (separator and any(named)) else None


def _cells(line: str, separator: str | None) -> list[str]:
    inner = line.strip("|") if separator == "|" else line
    return [cell.strip(DRESSING) for cell in inner.split(separator)]
