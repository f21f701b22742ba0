"""A picture of training: the loss, and beneath it what held-out clips scored.

Pages are light or dark, and an SVG in an `<img>` is not told which: there is no background, and every colour is one
that stands out from white as well as from black.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from xml.sax.saxutils import escape

from reports.card.axes import Axis, fit_axis
from reports.card.training_log import HeldOutLine, LogLine, TrainingLine
from reports.table import percent

WIDTH, LEFT, RIGHT = 860, 64.0, 830.0  # of the picture, and where panels begin and end in it; pixels
LOSS_PANEL = LOSS_TOP, LOSS_BOTTOM = (48.0, 288.0)
SCORE_PANEL = SCORE_TOP, SCORE_BOTTOM = (332.0, 472.0)
BENEATH = 52  # for the labels of the iterations
TEXT, BLUE, ORANGE = "#797d82", "#3a80d2", "#c4681c"
SMOOTHED = 20  # the running mean is over this part of the lines
STAGE_ROOM = 52  # that a stage needs for its name, pixels
STYLE = f"text{{font:13px system-ui,sans-serif;fill:{TEXT}}}.end{{text-anchor:end}}.mid{{text-anchor:middle}}"


def training_curve(lines: Sequence[LogLine]) -> str:
    """An SVG, the same for the same lines.

    Args:
        lines: those of the log that count. Without held-out scores there is no second panel.

    Raises:
        ValueError: there is no training line.
    """
    trained = [line for line in lines if isinstance(line, TrainingLine)]
    scored = [line for line in lines if isinstance(line, HeldOutLine)]
    if not trained:
        raise ValueError("expected at least one training line, got none")
    panels = [LOSS_PANEL, *([SCORE_PANEL] if scored else [])]
    bottom = panels[-1][1]
    last = max(trained[-1].iteration, *(line.iteration for line in scored), 1)
    x = fit_axis(0.0, float(last), start=LEFT, end=RIGHT, most=min(8, last), widen=False)  # marks are whole iterations
    content = [
        *_stages(trained, x, panels=panels),
        *_loss_panel(trained, x),
        *(_score_panel(scored, x) if scored else []),
        *_iterations(x, bottom=bottom),
    ]
    height = int(bottom) + BENEATH
    label = escape(_label(trained, scored), {'"': "&quot;"})
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{label}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *content, "</svg>"]) + "\n"


def running_mean(values: Sequence[float], *, reach: int) -> list[float]:
    """Of each value and up to `reach` on either side of it, as far as there are some."""
    return [fmean(values[max(index - reach, 0) : index + reach + 1]) for index in range(len(values))]


def _loss_panel(trained: Sequence[TrainingLine], x: Axis) -> Iterator[str]:
    losses = [line.loss for line in trained]
    iterations = [line.iteration for line in trained]
    y = fit_axis(min(0.0, *losses), max(losses), start=LOSS_BOTTOM, end=LOSS_TOP, most=5)
    reach = len(trained) // SMOOTHED // 2
    yield from _frame(y, "loss", digits=_decimals(y.marks))
    yield _line(x, y, iterations, losses, colour=BLUE, width=1.0, opacity=0.5)
    yield _line(x, y, iterations, running_mean(losses, reach=reach), colour=BLUE, width=2.5)
    smooth = f"bold: running mean over {2 * reach + 1} of {len(trained)} logged values"
    yield _text(RIGHT, LOSS_TOP - 8, smooth if reach else f"{len(trained)} logged values", place="end")


def _score_panel(scored: Sequence[HeldOutLine], x: Axis) -> Iterator[str]:
    scores = [100 * line.j_and_f for line in scored]
    y = fit_axis(min(scores), max(scores), start=SCORE_BOTTOM, end=SCORE_TOP, most=4)
    best = max(scored, key=lambda line: line.j_and_f)
    yield from _frame(y, "held-out J&F, %", digits=_decimals(y.marks))
    yield _line(x, y, [line.iteration for line in scored], scores, colour=ORANGE, width=2.0)
    across, down = x.place(float(best.iteration)), y.place(100 * best.j_and_f)
    yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="4.5" fill="none" stroke="{ORANGE}" stroke-width="2"/>'
    yield _text(RIGHT, SCORE_TOP - 8, _best_text(best), place="end")


def _frame(y: Axis, title: str, *, digits: int) -> Iterator[str]:
    """Title, marks and horizontal lines of a panel."""
    yield _text(LEFT, y.end - 8, title)
    for mark in y.marks:
        down = y.place(mark)
        yield _rule(LEFT, down, RIGHT, down, opacity=0.6 if mark == y.low else 0.2)
        yield _text(LEFT - 8, down + 4, f"{mark:.{digits}f}", place="end")


def _stages(trained: Sequence[TrainingLine], x: Axis, *, panels: Sequence[tuple[float, float]]) -> Iterator[str]:
    """A vertical where a stage begins, in each panel, and its name above where there is room."""
    # A line is of the stage of its last iteration: the one before it is the last that surely was of the stage before.
    begins = [0, *(a.iteration for a, b in pairwise(trained) if a.stage != b.stage)]
    stages = [trained[0].stage, *(b.stage for a, b in pairwise(trained) if a.stage != b.stage)]
    if len(stages) == 1:
        return
    for stage, begin, end in zip(stages, begins, [*begins[1:], x.high], strict=True):
        left, right = x.place(float(begin)), x.place(float(end))
        if begin:
            for top, foot in panels:
                yield _rule(left, top, left, foot, opacity=0.55, dashes="4 4")
        if right - left >= STAGE_ROOM:
            yield _text(left, 16.0, f"stage {stage + 1}")


def _iterations(x: Axis, *, bottom: float) -> Iterator[str]:
    for mark in x.marks:
        across = x.place(mark)
        yield _rule(across, bottom, across, bottom + 5, opacity=0.6)
        yield _text(across, bottom + 20, f"{mark:,.0f}", place="mid")
    yield _text((LEFT + RIGHT) / 2, bottom + 42, "iterations", place="mid")


def _line(
    x: Axis,
    y: Axis,
    iterations: Sequence[int],
    values: Sequence[float],
    *,
    colour: str,
    width: float,
    opacity: float = 1.0,
) -> str:
    points = zip(iterations, values, strict=True)
    path = " ".join(f"{x.place(float(iteration)):.1f},{y.place(value):.1f}" for iteration, value in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}" '
        'stroke-linejoin="round"/>'
    )


def _rule(x1: float, y1: float, x2: float, y2: float, *, opacity: float, dashes: str = "none") -> str:
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{TEXT}" stroke-opacity="{opacity}" '
        f'stroke-dasharray="{dashes}"/>'
    )


def _text(x: float, y: float, text: str, *, place: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{place}">{escape(text)}</text>'


def _best_text(best: HeldOutLine) -> str:
    return f"best {percent(best.j_and_f)} after {best.iteration:,} iterations"


def _label(trained: Sequence[TrainingLine], scored: Sequence[HeldOutLine]) -> str:
    """What the picture shows, for those who do not see it."""
    text = f"Loss over {trained[-1].iteration:,} iterations, from {trained[0].loss:.2f} to {trained[-1].loss:.2f}"
    return f"{text}; held-out J&F: {_best_text(max(scored, key=lambda line: line.j_and_f))}" if scored else text


def _decimals(marks: Sequence[float]) -> int:
    """As many as tell the marks apart."""
    return next((digits for digits in range(4) if all(round(mark, digits) == mark for mark in marks)), 4)
