"""The table of a comparison: every sequence, and all of them."""

from collections.abc import Sequence

from reports.comparison import Agreement, Comparison, PairedFigure
from reports.local_overall import LOCAL_FIGURES, LOCAL_NOTE
from reports.table import markdown_table, percent

AGREEMENT = ("frames", "equal pixels", "differ from")
SCORES = ("objects", "J&F of A", "J&F of B", "A - B")


def comparison_table(agreements: Sequence[Agreement], comparison: Comparison | None) -> str:
    """How far A and B are the same in each sequence; and where there is truth, which scores better.

    Args:
        agreements: of every sequence.
        comparison: of the sequences that could be scored, in the same order; None where there is no truth.
    """
    same = {agreement.name: _agreement_cells(agreement) for agreement in agreements} | {"": _total_cells(agreements)}
    if comparison is None:
        return markdown_table(["sequence", *AGREEMENT], _titled(same))
    scores = {one.name: _score_cells(one.objects, one.j_and_f) for one in comparison.sequences}
    scores[""] = _score_cells(len(comparison.objects), comparison.j_and_f)
    rows = {name: [*scores.get(name, ["-"] * len(SCORES)), *cells] for name, cells in same.items()}
    table = markdown_table(["sequence", *SCORES, *AGREEMENT], _titled(rows))
    return "\n\n".join([table, *_overall(comparison), _extremes(comparison)])


def signed(fraction: float) -> str:
    """A difference of scores in percentage points, one decimal, with its sign."""
    points = round(100 * fraction, 1)
    return f"{points:+.1f}" if points else "0.0"


def _overall(comparison: Comparison) -> list[str]:
    """The headline figure, where it is not J&F."""
    if comparison.g is None:
        return []
    first, second, difference = percent(comparison.g.first), percent(comparison.g.second), comparison.g.difference
    return [f"{LOCAL_FIGURES[0]}: {first} of A, {second} of B, A - B {signed(difference)}. {LOCAL_NOTE}"]


def _extremes(comparison: Comparison) -> str:
    """Where A gains the most, and where B."""
    differences = {one.name: one.j_and_f.difference for one in comparison.sequences}
    gains = {name: value for name, value in differences.items() if value > 0}
    losses = {name: -value for name, value in differences.items() if value < 0}
    sentences = [f"A scores better in {len(gains)} and B in {len(losses)} of {len(differences)} sequences."]
    for title, by in (("A", gains), ("B", losses)):
        if by:
            most = max(by, key=by.__getitem__)
            sentences.append(f"{title} gains most in {most} ({signed(by[most])}).")
    return " ".join(sentences)


def _titled(rows: dict[str, list[str]]) -> list[list[str]]:
    return [[name or "**all**", *cells] for name, cells in rows.items()]


def _score_cells(objects: int, figure: PairedFigure) -> list[str]:
    return [str(objects), percent(figure.first), percent(figure.second), signed(figure.difference)]


def _agreement_cells(agreement: Agreement) -> list[str]:
    return [
        _frames(agreement.frames, agreement.unpaired),
        _share(agreement.equal_pixels, agreement.pixels),
        agreement.first_difference or "-",
    ]


def _total_cells(agreements: Sequence[Agreement]) -> list[str]:
    equal, pixels = sum(one.equal_pixels for one in agreements), sum(one.pixels for one in agreements)
    frames, unpaired = sum(one.frames for one in agreements), sum(one.unpaired for one in agreements)
    differing = sum(one.first_difference is not None for one in agreements)
    return [_frames(frames, unpaired), _share(equal, pixels), f"in {differing} of {len(agreements)}"]


def _frames(compared: int, unpaired: int) -> str:
    return f"{compared} of {compared + unpaired}" if unpaired else str(compared)


def _share(equal: int, pixels: int) -> str:
    """Rounded down, because 100 % must mean that all are equal."""
    hundredths = 10_000 * equal // pixels
    return f"{hundredths // 100}.{hundredths % 100:02d} %"
