"""YouTube-VOS's G and its parts as tables show them: always marked local, because the server's code is not public."""

from evaluators import OverallScore
from reports.table import markdown_table, percent

LOCAL_FIGURES = ("G (local)", "J-seen (local)", "F-seen (local)", "J-unseen (local)", "F-unseen (local)")
LOCAL_NOTE = "local: computed here, from the truth at hand; the evaluation server's code is not public."


def local_figures(overall: OverallScore) -> dict[str, float | None]:
    """Fractions by heading; None where there is nothing to take a mean of."""
    parts = (overall.g, overall.j_seen, overall.f_seen, overall.j_unseen, overall.f_unseen)
    return dict(zip(LOCAL_FIGURES, parts, strict=True))


def overall_table(overall: OverallScore) -> str:
    """G, its parts, and how many objects these are means over; where there is no G, the reason."""
    figures = local_figures(overall)
    headers = [*figures, "seen objects", "unseen objects"]
    row = [*map(percent, figures.values()), str(overall.seen_objects), str(overall.unseen_objects)]
    note = LOCAL_NOTE if overall.reason is None else f"{LOCAL_NOTE} There is no G: {overall.reason}."
    return f"{markdown_table(headers, [row])}\n\n{note}"
