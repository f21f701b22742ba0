"""Figures in the text that an evaluation server gives."""

import re
from collections.abc import Mapping

from benchmarks.config import Submission
from benchmarks.errors import InputError

# The last number of a line, and the name before it.
LINE = re.compile(
    r"""^\W*(?P<name>[A-Za-z].*?)["'\s:=,;|]+(?P<value>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?nan|[-+]?inf)"""
    r"""\s*(?P<percent>%?)["'\s,;|]*$""",
    re.IGNORECASE,
)
IGNORED = re.compile(r"mean|score|and|[^a-z0-9]")

# Names as `_normalise` leaves them, and the fields of `reports.server` that they mean.
NAMES: Mapping[Submission, Mapping[str, str]] = {
    Submission.DAVIS: {
        **dict.fromkeys(("jf", "fj", "global", "overall"), "j_and_f"),
        "j": "j",
        "f": "f",
    },
    Submission.YOUTUBE_VOS: {
        **dict.fromkeys(("g", "overall", "global"), "g"),
        **dict.fromkeys(("jseen", "seenj"), "j_seen"),
        **dict.fromkeys(("fseen", "seenf"), "f_seen"),
        **dict.fromkeys(("junseen", "unseenj"), "j_unseen"),
        **dict.fromkeys(("funseen", "unseenf"), "f_unseen"),
    },
}


def read_figures(text: str, *, form: Submission, source: str) -> dict[str, float]:
    """Fractions by the name of their field; lines that are about something else are passed over.

    Percent are told from fractions by a sign, or a value above 1.

    Args:
        text: a name and a number a line, as `J_seen: 0.846`.
        form: whose server it was.
        source: where the text is, for messages.

    Raises:
        InputError: no figure is in it, one is out of range, or given twice and differently, or it is open which are
            percent.
    """
    found: dict[str, float] = {}
    percent = False
    for line in text.splitlines():
        match = LINE.match(line)
        field = None if match is None else NAMES[form].get(IGNORED.sub("", match["name"].lower()))
        if match is None or field is None:
            continue
        value = float(match["value"])
        if not 0 <= value <= 100:
            raise InputError(f"{source}: expected figures in 0..1, or 0..100 percent, found {_quote(line)}")
        if found.get(field, value) != value:
            raise InputError(f"{source}: expected one value of {field}, found {found[field]} and {value}; keep one")
        found[field] = value
        percent = percent or bool(match["percent"]) or value > 1
    if not found:
        raise InputError(
            f"{source}: expected lines as `{_example(form)}`, found {_quote(text)}; give the server's scores as text"
        )
    return _to_fractions(found, source=source) if percent else found


def _to_fractions(found: Mapping[str, float], *, source: str) -> dict[str, float]:
    small = {field: value for field, value in found.items() if 0 < value <= 1}
    large = {field: value for field, value in found.items() if value > 1}
    if small and large:
        (one, fraction), (other, percent) = next(iter(small.items())), next(iter(large.items()))
        raise InputError(
            f"{source}: expected all figures in percent or all as fractions, found {one} {fraction} beside "
            f"{other} {percent}; write them alike"
        )
    return {field: value / 100 for field, value in found.items()}


def _example(form: Submission) -> str:
    return {Submission.DAVIS: "J&F-Mean: 0.810", Submission.YOUTUBE_VOS: "J_seen: 0.846"}[form]


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 80 else f"{words[:80]}...") if words else "no text"
