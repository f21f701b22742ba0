"""Make the card of the weights from records: `python -m reports.card [--log FILE] [--runs DIR] [--page FILE ...]`.

It is written beside the weights, and between the marks of the pages. Beside a page that has it in full, the picture of
training is written too.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.card.curve import training_curve
from reports.card.markdown import FULL, SHORT, curve_name, full_card, short_card
from reports.card.measured_runs import measured_runs
from reports.card.record import SCHEMA, Card, CardError, TrainingRecord, WeightsRecord, card_bytes, card_file, read_card
from reports.card.training_log import HeldOutLine, read_log
from reports.card.training_summary import summarise_training
from reports.card.weights import describe_weights
from reports.marks import MarkError
from reports.result import Results, read_results
from reports.wording import counted

WEIGHTS = Path("xmem/weights/xmem_tiny.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Training:
    """What is known of training, and its picture; None where that is already there."""

    record: TrainingRecord
    curve: str | None


def main(given: Sequence[str] | None = None) -> int:
    """Read all, then write all; what cannot be read of other runs keeps nothing else out."""
    arguments = _parse(given)
    results = read_results(arguments.runs)
    try:
        card, curve, ignored = _make_card(arguments, results)
        files = {card_file(arguments.weights): card_bytes(card), **dict(_pages(arguments.page, card, curve))}
    except (CardError, MarkError) as error:
        return _fail(str(error))
    for path, content in files.items():
        try:
            path.write_bytes(content)
        except OSError as error:
            return _fail(f"{path}: expected a file that can be written, cannot write it: {error.strerror}; mend that")
    for line in ignored:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{', '.join(map(str, files))}: {counted(len(card.measured), 'run')} of {card.weights.file}\n")
    for line in results.unread:
        _fail(line)
    return 2 if results.unread else 0


def _make_card(arguments: argparse.Namespace, results: Results) -> tuple[Card, str | None, tuple[str, ...]]:
    """The card, the picture where there is a new one, and what was ignored."""
    weights = describe_weights(arguments.weights)
    training = (
        _read_training(arguments.log, weights)
        if arguments.log
        else _keep_training(card_file(arguments.weights), weights)
    )
    try:
        runs = measured_runs(results.runs, weights)
    except CardError as error:
        raise CardError(f"{arguments.runs}: {error}") from error
    card = Card(schema=SCHEMA, weights=weights, training=training.record, measured=runs.measured)
    return card, training.curve, runs.ignored


def _read_training(log: Path, weights: WeightsRecord) -> _Training:
    lines, content = read_log(log)
    scored = [line for line in lines if isinstance(line, HeldOutLine) and line.iteration == weights.iteration]
    if [line.j_and_f for line in scored] != [weights.held_out]:
        raise CardError(
            f"{log}: expected the log of the weights in {weights.file}, held-out J&F {weights.held_out} after "
            f"iteration {weights.iteration}, found {scored[0].j_and_f if scored else 'no score of that iteration'}; "
            "name the log of their training"
        )
    curve = training_curve(lines)
    return _Training(record=summarise_training(lines, log=content, curve=curve), curve=curve)


def _keep_training(path: Path, weights: WeightsRecord) -> _Training:
    """Of the card that is there, if it is of these weights."""
    before = read_card(path)
    if before.weights.sha256 != weights.sha256:
        raise CardError(
            f"{path}: expected the card of weights with SHA-256 {weights.sha256[:8]}..., found that of "
            f"{before.weights.sha256[:8]}..., whose training was another; name the log of the new ones with --log"
        )
    return _Training(record=before.training, curve=None)


def _pages(paths: Sequence[Path], card: Card, curve: str | None) -> Iterator[tuple[Path, bytes]]:
    """Every page with the card between its marks, and pictures."""
    for path in paths:
        try:
            page = path.read_text(encoding="utf-8")
            if FULL.are_in(page):
                page = FULL.place(page, full_card(card))
                yield from _pictures(path.with_name(curve_name(card.weights)), card, curve)
            # A page without any marks is told of those of the short card.
            if SHORT.are_in(page) or not FULL.are_in(page):
                page = SHORT.place(page, short_card(card))
        except MarkError as error:
            raise MarkError(f"{path}: {error}; add them where the card belongs, or name another page") from error
        except OSError as error:
            raise CardError(
                f"{path}: expected a page with marks for the card, cannot read it: {error.strerror}; name another"
            ) from error
        except UnicodeDecodeError as error:
            raise CardError(f"{path}: expected a page of text in UTF-8, found another file; name another") from error
        yield path, page.encode()


def _pictures(path: Path, card: Card, curve: str | None) -> Iterator[tuple[Path, bytes]]:
    """The new picture; without one, that which is there must be the card's."""
    if curve is not None:
        yield path, curve.encode()
        return
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        found = None
    if found != card.training.curve_sha256:
        raise CardError(
            f"{path}: expected the picture of training that the card was made with, found "
            f"{'none' if found is None else 'another'}; name the log with --log to have it drawn"
        )


def _parse(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reports.card", description="Make the card of trained weights.")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, metavar="FILE", help=f"(default: {WEIGHTS})")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of run folders (default: runs)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="of training (default: keep what the card has of the same weights)"
    )
    parser.add_argument(
        "--page", type=Path, metavar="FILE", action="append", default=[], help="with marks for the card; repeatable"
    )
    return parser.parse_args(given)


def _fail(line: str) -> int:
    sys.stderr.write(f"error: {' '.join(line.split())}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
