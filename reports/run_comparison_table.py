"""What two runs are to each other, in Markdown."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reports.bootstrap import Interval, interval_label
from reports.comparison import Comparison, PairedFigure, PairedObject, PairedSequence
from reports.comparison_table import signed
from reports.run_comparison import RunComparison, RunSide, Setting
from reports.table import markdown_table, percent
from reports.timing import DECIMALS
from reports.wording import counted

SHOWN = 60  # characters of a value of a setting


def run_comparison_text(compared: RunComparison, *, rows: int) -> str:
    """A paragraph or table for each thing that there is to say.

    Args:
        compared: the runs.
        rows: how many sequences and objects to show at either end, the worst for A and the best.
    """
    return "\n\n".join(_parts(compared, rows))


def _parts(compared: RunComparison, rows: int) -> Iterator[str]:
    yield f"A: {_side(compared.first)}\nB: {_side(compared.second)}"
    if compared.scores is None:
        yield f"Scores were not compared: {compared.no_scores}."
    else:
        yield from _scores(compared, compared.scores, rows)
    yield _speed(compared)
    yield _masks(compared)
    yield _settings(compared.settings)


def _side(side: RunSide) -> str:
    repeats = "" if side.determinism is None else f"; repeats: {side.determinism}, the first is compared"
    return f"{side.path} ({counted(side.sequences, 'sequence')}, on {side.devices}{repeats})"


def _scores(compared: RunComparison, scores: Comparison, rows: int) -> Iterator[str]:
    figures = {"J&F": scores.j_and_f, "J": scores.j, "F": scores.f} | ({"G (local)": scores.g} if scores.g else {})
    found = compared.intervals
    intervals = {} if found is None else {"J&F": found.j_and_f, "J": found.j, "F": found.f}
    yield f"Sequences scored in both: {len(scores.sequences)}."
    yield markdown_table(
        ["", "A", "B", "A - B", "interval"],
        [[name, *_cells(figure), _interval(intervals.get(name))] for name, figure in figures.items()],
    )
    if found is None:
        yield "No interval of the difference: it takes two sequences."
    else:
        yield f"A - B, interval: {interval_label(found.j_and_f)}."
    sequences = _ends(sorted(scores.sequences, key=lambda one: one.j_and_f.difference), rows)
    yield markdown_table(["sequence, worst for A first", "objects", "J&F of A", "of B", "A - B"], _of(sequences))
    objects = _ends(sorted(scores.objects, key=lambda one: one.j_and_f.difference), rows)
    yield markdown_table(
        ["object, worst for A first", "J&F of A", "of B", "A - B", "J: A - B", "F: A - B"], _of_objects(objects)
    )


def _interval(interval: Interval | None) -> str:
    return "-" if interval is None else f"{signed(interval.low)} to {signed(interval.high)}"


def _ends(ordered: Sequence[Any], rows: int) -> list[Any]:
    """The first and the last; all where that leaves none out."""
    return list(ordered) if len(ordered) <= 2 * rows else [*ordered[:rows], *ordered[-rows:]]


def _of(sequences: Sequence[PairedSequence]) -> list[list[str]]:
    return [[one.name, str(one.objects), *_cells(one.j_and_f)] for one in sequences]


def _of_objects(objects: Sequence[PairedObject]) -> list[list[str]]:
    return [
        [f"{one.sequence}, {one.label}", *_cells(one.j_and_f), signed(one.j.difference), signed(one.f.difference)]
        for one in objects
    ]


def _cells(figure: PairedFigure) -> list[str]:
    return [percent(figure.first), percent(figure.second), signed(figure.difference)]


def _speed(compared: RunComparison) -> str:
    speeds = [side.fps for side in (compared.first, compared.second)]
    one, other = speeds
    if one is None or other is None:
        return "Speed was not compared: one of them was not timed."
    contract = compared.first.contract
    if contract is not compared.second.contract:
        return f"Speed was not compared: A was timed under contract `{contract}`, B under `{compared.second.contract}`."
    figures = f"A {one.mean:.{DECIMALS}f} and B {other.mean:.{DECIMALS}f} frames per second"
    text = f"Speed, timing contract `{contract}`: {figures}"
    if compared.first.devices != compared.second.devices:
        return f"{text}; no ratio, because the devices differ."
    invalid = [
        f"{name} is INVALID: {'; '.join(side.invalid)}"
        for name, side in (("A", compared.first), ("B", compared.second))
        if side.invalid
    ]
    return f"{'; '.join([f'{text}, A is {one.mean / other.mean:.2f}x as fast', *invalid])}."


def _masks(compared: RunComparison) -> str:
    count = len(compared.compared)
    if not count:
        return "Masks were not compared: no sequence is finished in both."
    if not compared.disagreements:
        return (
            f"Masks are identical in {'the only sequence' if count == 1 else f'all {count} sequences'} that both have."
        )
    first = compared.disagreements[0]
    return f"Masks differ in {len(compared.disagreements)} of {count} sequences, first in {first.text}."


def _settings(settings: Sequence[Setting]) -> str:
    if not settings:
        return "Configuration, checkpoint, data and environment are the same."
    rows = [[one.name, _value(one.first), _value(one.second)] for one in settings]
    return markdown_table(["unlike in", "A", "B"], rows)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
