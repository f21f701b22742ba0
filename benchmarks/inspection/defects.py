"""What is wrong with files of a user: collected and not raised, so that all of it can be named at once."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 20  # of a kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing that is wrong in one place.

    Args:
        kind: what is wrong, as a heading for all places where it is.
        where: the place, and what was found there.
        remedy: what to do; the same for every place of a kind.
    """

    kind: str
    where: str
    remedy: str


def defect_lines(defects: Iterable[Defect], *, shown: int = SHOWN) -> list[str]:
    """A line for each kind of defect: how many there are where it is not one, the first places, and what to do."""
    places: dict[tuple[str, str], list[str]] = {}
    for defect in defects:
        places.setdefault((defect.kind, defect.remedy), []).append(defect.where)
    return [
        f"{kind}{_count(len(where))}: {', '.join(where[:shown])}{_more(len(where) - shown)}; {remedy}"
        for (kind, remedy), where in places.items()
    ]


def _count(places: int) -> str:
    return f" ({places})" if places > 1 else ""


def _more(hidden: int) -> str:
    return f" and {hidden} more" if hidden > 0 else ""
