"""What `python -m reports` writes into RESULTS.md: the published tables beside what was measured, then every run."""

from collections.abc import Sequence

from reports.all_runs import all_runs, clock_notes
from reports.marks import Marks
from reports.published_comparison import ComparedTable
from reports.published_markdown import published_markdown
from reports.result import Results

MARKS = Marks(name="results", command="python -m reports")
NEW_PAGE = f"# Results\n\n{MARKS.begin}\n{MARKS.end}\n"


def results_section(tables: Sequence[ComparedTable], results: Results) -> str:
    """All that is generated, in Markdown: tables that are compared from the results, and these themselves."""
    parts = ["## Published and measured", published_markdown(tables), "## All runs", all_runs(results)]
    parts += ["## Clocks", *clock_notes(results)]
    if results.unread:
        parts += ["## Not read", "\n".join(f"- {line}" for line in results.unread)]
    return "\n\n".join(parts)
