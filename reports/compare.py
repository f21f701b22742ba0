"""Compare two runs: `python -m reports.compare RUN_A RUN_B [--objects N] [--json FILE] [--csv FILE]`."""

import argparse
import sys
from pathlib import Path

import msgspec

from reports.comparison import Comparison
from reports.run_comparison import compare_runs
from reports.run_comparison_table import run_comparison_text
from reports.run_folder import RunFolderError

OBJECTS = 10


def main() -> int:
    """Compare, print, and write what was asked for."""
    arguments = _parse()
    try:
        compared = compare_runs(arguments.first, arguments.second)
    except RunFolderError as error:
        return _fail(str(error))
    sys.stdout.write(run_comparison_text(compared, rows=arguments.objects) + "\n")
    try:
        if arguments.json is not None:
            arguments.json.write_bytes(msgspec.json.format(msgspec.json.encode(compared), indent=1) + b"\n")
        if arguments.csv is not None:
            if compared.scores is None:
                return _fail(f"{arguments.csv}: expected scores to write there, found none: {compared.no_scores}")
            arguments.csv.write_text(objects_as_csv(compared.scores), encoding="utf-8")
    except OSError as error:
        return _fail(f"{error.filename}: cannot write there: {error.strerror}; name another file")
    return _fail(str(compared.no_scores)) if compared.unlike else 0


def objects_as_csv(scores: Comparison) -> str:
    """A line for each object: J, F and J&F of both and their differences, as fractions."""
    import pandas as pd  # noqa: PLC0415 - it takes half a second, for which the printed comparison should not wait

    rows = [
        {"sequence": one.sequence, "label": one.label}
        | {
            f"{name}_{side}": value
            for name, figure in {"j": one.j, "f": one.f, "j_and_f": one.j_and_f}.items()
            for side, value in {"a": figure.first, "b": figure.second, "difference": figure.difference}.items()
        }
        for one in scores.objects
    ]
    return str(pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reports.compare", description="Compare two runs.")
    parser.add_argument("first", type=Path, metavar="RUN_A", help="run folder")
    parser.add_argument("second", type=Path, metavar="RUN_B", help="run folder")
    parser.add_argument(
        "--objects",
        type=_positive,
        default=OBJECTS,
        metavar="N",
        help=f"objects, and sequences, shown at either end (default: {OBJECTS})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="file for all of it")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="file for every object")
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, found {text}")
    return int(text)


def _fail(line: str) -> int:
    sys.stderr.write(f"error: {' '.join(line.split())}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
