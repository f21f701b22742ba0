"""Write RESULTS.md from the runs there are: `python -m reports [--runs DIR] [--output FILE]`."""

import argparse
import sys
from pathlib import Path

from reports.results_page import results_page
from reports.run_folder import RunFolderError, find_not_run, find_runs


def main() -> int:
    """Read every run folder, write the page, say where it is."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="Write results tables from run folders.")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of run folders (default: runs)")
    parser.add_argument("--output", type=Path, default=Path("RESULTS.md"), help="page to write (default: RESULTS.md)")
    arguments = parser.parse_args()
    if not arguments.runs.is_dir() and arguments.output.exists():
        sys.stderr.write(
            f"error: {arguments.runs}: expected a folder of runs, found none; {arguments.output} was left as it is. "
            "Name the folder with --runs\n"
        )
        return 2
    try:
        page = results_page(find_runs(arguments.runs), find_not_run(arguments.runs))
    except RunFolderError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    try:
        arguments.output.write_text(page.text, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(
            f"error: {arguments.output}: expected a page that can be written, cannot write it: {error.strerror}; name "
            "another with --output\n"
        )
        return 2
    sys.stdout.write(f"{page.text}\nwritten to {arguments.output}\n")
    for line in page.unread:
        sys.stderr.write(f"error: {line}\n")
    return 2 if page.unread else 0


if __name__ == "__main__":
    sys.exit(main())
