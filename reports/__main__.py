"""Write RESULTS.md from the runs there are: `python -m reports [--runs DIR] [--output FILE]`."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from reports.marks import MarkError
from reports.published_comparison import ComparedTable, compare_tables
from reports.published_export import to_csv, to_json, to_latex
from reports.result import read_results
from reports.results_page import MARKS, NEW_PAGE, results_section
from reports.verdict import Verdict
from reports.wording import counted

FORMATS = {"csv": to_csv, "json": to_json, "latex": to_latex}


def main() -> int:
    """Read every run folder, write the page, say in a line what is on it."""
    arguments = _parse()
    results = read_results(arguments.runs)
    tables = compare_tables(results)
    section = results_section(tables, results)
    wanted = {getattr(arguments, name): write(tables) for name, write in FORMATS.items() if getattr(arguments, name)}
    try:
        before = arguments.output.read_text(encoding="utf-8") if arguments.output.exists() else None
        page = MARKS.place(NEW_PAGE if before is None else before, section)
        if not arguments.runs.is_dir() and before not in (None, page):
            return _fail(
                f"{arguments.runs}: expected a folder of runs, found none; {arguments.output} was left as it is. "
                "Name the folder with --runs"
            )
        for path, text in {arguments.output: page, **wanted}.items():
            path.write_text(text, encoding="utf-8")
    except MarkError as error:
        return _fail(f"{arguments.output}: {error}; add them where results belong, or name another page with --output")
    except OSError as error:
        return _fail(
            f"{error.filename}: expected a page that can be written, cannot write it: {error.strerror}; name another"
        )
    written = ", ".join(map(str, [arguments.output, *wanted]))
    sys.stdout.write(f"{written}: {_summary(tables)}; {counted(len(results.runs), 'run')}\n")
    for line in results.unread:
        _fail(line)
    return 2 if results.unread else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Write results tables from run folders.")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of run folders (default: runs)")
    parser.add_argument("--output", type=Path, default=Path("RESULTS.md"), help="page to write (default: RESULTS.md)")
    for name in FORMATS:
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help="file for the published tables, too")
    return parser.parse_args()


def _summary(tables: Sequence[ComparedTable]) -> str:
    """How many published figures there are of each verdict."""
    counts = Counter(
        figure.verdict for table in tables for row in table.rows for figure in row.figures if figure.published
    )
    return (
        f"of {counts.total()} published figures {', '.join(f'{counts[one]} {one}' for one in Verdict if counts[one])}"
    )


def _fail(line: str) -> int:
    sys.stderr.write(f"error: {line}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
