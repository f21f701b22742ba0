"""What `python -m reports` writes into RESULTS.md: the published tables beside what was measured, then every run."""

from collections.abc import Sequence

from reports.all_runs import all_runs, clock_notes
from reports.published_comparison import ComparedTable
from reports.published_markdown import published_markdown
from reports.result import Results

BEGIN = "<!-- results: begin (what is between these marks is written by `python -m reports`) -->"
END = "<!-- results: end -->"
NEW_PAGE = f"# Results\n\n{BEGIN}\n{END}\n"


class MarkError(ValueError):
    """A page has not exactly one place for results."""


def results_section(tables: Sequence[ComparedTable], results: Results) -> str:
    """All that is generated, in Markdown: tables that are compared from the results, and these themselves."""
    parts = ["## Published and measured", published_markdown(tables), "## All runs", all_runs(results)]
    parts += ["## Clocks", *clock_notes()]
    if results.unread:
        parts += ["## Not read", "\n".join(f"- {line}" for line in results.unread)]
    return "\n\n".join(parts)


def place_section(page: str, section: str) -> str:
    """The page with the section between its marks; all that is around them stays.

    Raises:
        MarkError: the marks are not there, once each and in order.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in before + after:
        raise MarkError(f"expected a line {BEGIN!r} and below it {END!r}, each once")
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"
