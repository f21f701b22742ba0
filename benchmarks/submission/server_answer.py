"""Figures in the text that an evaluation server gives."""

import re
from collections.abc import Mapping
from decimal import Decimal

from benchmarks.config import Submission
from benchmarks.errors import InputError
from benchmarks.submission.answer_entry import Entry, find_entries

NUMBER = re.compile(
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?)\s*(?P<percent>%?)", re.ASCII | re.IGNORECASE
)
NO_VALUE = ("", "-")  # a heading, or a cell of a table that says nothing
IGNORED = re.compile(r"mean|measure|scores?|results?|and|[^a-z0-9]")
OTHERS = re.compile(r"recall|decay")  # other statistics under the names of these figures: passed over on purpose

# Names as `_normalise` leaves them, and the fields of `reports.server` that they mean.
NAMES: Mapping[Submission, Mapping[str, str]] = {
    Submission.DAVIS: {
        **dict.fromkeys(("jf", "fj", "global", "overall", "globaljf", "overalljf"), "j_and_f"),
        **dict.fromkeys(("j", "globalj", "overallj"), "j"),
        **dict.fromkeys(("f", "globalf", "overallf"), "f"),
    },
    Submission.YOUTUBE_VOS: {
        **dict.fromkeys(("g", "overall", "global", "overallg", "globalg"), "g"),
        **dict.fromkeys(("jseen", "seenj"), "j_seen"),
        **dict.fromkeys(("fseen", "seenf"), "f_seen"),
        **dict.fromkeys(("junseen", "unseenj"), "j_unseen"),
        **dict.fromkeys(("funseen", "unseenf"), "f_unseen"),
    },
}


def read_figures(text: str, *, form: Submission, source: str) -> dict[str, Decimal]:
    """Fractions by the name of their field, with all the digits that were given; what is about else is passed over.

    Percent are told from fractions by a sign, or a value above 1.

    Args:
        text: names and numbers, as `answer_entry.find_entries` finds them.
        form: whose server it was.
        source: where the text is, for messages.

    Raises:
        InputError: no figure is in it, one cannot be read, is out of range, or given twice and differently, or it is
            open which are percent.
    """
    names = NAMES[form]
    found: dict[str, Decimal] = {}
    percent = False
    for entry in find_entries(text, is_name=lambda name: OTHERS.sub("", _normalise(name)) in names):
        field = names.get(_normalise(entry.name))
        if field is None or entry.value in NO_VALUE:
            continue
        value, signed = _read_value(entry, form=form, source=source)
        if found.get(field, value) != value:
            raise InputError(f"{source}: expected one value of {field}, found {found[field]} and {value}; keep one")
        found[field] = value
        percent = percent or signed or value > 1
    if not found:
        raise InputError(
            f"{source}: expected lines as `{_example(form)}`, found {_quote(text)}; give the server's scores as text"
        )
    return _to_fractions(found, source=source) if percent else found


def _read_value(entry: Entry, *, form: Submission, source: str) -> tuple[Decimal, bool]:
    """The number, and whether it has a sign of percent."""
    match = NUMBER.fullmatch(entry.value)
    if match is None:
        raise InputError(
            f"{source}: expected one number after {entry.name}, with a decimal point, found {_quote(entry.line)}; "
            f"write it as `{_example(form)}`"
        )
    value = Decimal(match["number"])
    if not 0 <= value <= 100:
        raise InputError(f"{source}: expected figures in 0..1, or 0..100 percent, found {_quote(entry.line)}")
    return value, bool(match["percent"])


def _to_fractions(found: Mapping[str, Decimal], *, source: str) -> dict[str, Decimal]:
    small = {field: value for field, value in found.items() if 0 < value <= 1}
    large = {field: value for field, value in found.items() if value > 1}
    if small and large:
        (one, fraction), (other, percent) = next(iter(small.items())), next(iter(large.items()))
        raise InputError(
            f"{source}: expected all figures in percent or all as fractions, found {one} {fraction} beside "
            f"{other} {percent}; write them alike"
        )
    return {field: value.scaleb(-2) for field, value in found.items()}


def _normalise(name: str) -> str:
    return IGNORED.sub("", name.lower())


def _example(form: Submission) -> str:
    return {Submission.DAVIS: "J&F-Mean: 0.810", Submission.YOUTUBE_VOS: "J_seen: 0.846"}[form]


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= 80 else f"{words[:80]}...") if words else "no text"
