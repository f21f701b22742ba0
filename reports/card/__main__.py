"""Make the card of the weights from records: `python -m reports.card [--log FILE ...] [--runs DIR] [--page FILE ...]`.

It is written beside the weights, and between the marks of the pages. Beside a page that has it in full, pictures of
training are written too.
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
from reports.card.training_log import HeldOutLine, LogLine, read_log
from reports.card.training_summary import summarise_training
from reports.card.weights import describe_weights
from reports.marks import MarkError
from reports.result import Results, read_results
from reports.wording import counted

WEIGHTS = Path("xmem/weights/xmem_tiny.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What is known of a round of training, and its picture; None where that is already there."""

    record: TrainingRecord
    curve: str | None


def main(given: Sequence[str] | None = None) -> int:
    """Read all, then write all; what cannot be read of other runs keeps nothing else out."""
    arguments = _parse(given)
    results = read_results(arguments.runs)
    try:
        card, curves, ignored = _make_card(arguments, results)
        files = {card_file(arguments.weights): card_bytes(card), **dict(_pages(arguments.page, card, curves))}
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


def _make_card(arguments: argparse.Namespace, results: Results) -> tuple[Card, tuple[str | None, ...], tuple[str, ...]]:
    """The card, for each round its picture where that is new, and what was ignored."""
    weights = describe_weights(arguments.weights)
    rounds = (
        _read_rounds(arguments.log, weights) if arguments.log else _keep_rounds(card_file(arguments.weights), weights)
    )
    try:
        runs = measured_runs(results.runs, weights)
    except CardError as error:
        raise CardError(f"{arguments.runs}: {error}") from error
    records, curves = tuple(one.record for one in rounds), tuple(one.curve for one in rounds)
    card = Card(schema=SCHEMA, weights=weights, rounds=records, measured=runs.measured)
    return card, curves, runs.ignored


def _read_rounds(logs: Sequence[Path], weights: WeightsRecord) -> list[_Round]:
    """Of all logs, the last of which is of the weights: nothing that they come from is left out."""
    rounds = []
    for number, log in enumerate(logs, 1):
        lines, content = read_log(log)
        if number == len(logs):
            _require_log_of(log, lines, weights)
        curve = training_curve(lines)
        record = summarise_training(lines, log=content, curve=curve)
        if number == 1 and record.begun_from is not None:
            raise CardError(
                f"{log}: expected training from nothing in the first log, found that it began from weights with "
                f"SHA-256 {record.begun_from[:8]}...; name the log of their training with --log before this one"
            )
        if number > 1 and record.begun_from is None:
            raise CardError(
                f"{log}: expected training that began from weights of {logs[number - 2]}, found that it began from "
                "nothing; leave out the logs before this one"
            )
        rounds.append(_Round(record=record, curve=curve))
    return rounds


def _require_log_of(log: Path, lines: Sequence[LogLine], weights: WeightsRecord) -> None:
    scored = [line for line in lines if isinstance(line, HeldOutLine) and line.iteration == weights.iteration]
    if [line.j_and_f for line in scored] != [weights.held_out]:
        raise CardError(
            f"{log}: expected the log of the weights in {weights.file}, held-out J&F {weights.held_out} after "
            f"iteration {weights.iteration}, found {scored[0].j_and_f if scored else 'no score of that iteration'}; "
            "name the log of their training"
        )


def _keep_rounds(path: Path, weights: WeightsRecord) -> list[_Round]:
    """Of the card that is there, if it is of these weights."""
    before = read_card(path)
    if before.weights.sha256 != weights.sha256:
        raise CardError(
            f"{path}: expected the card of weights with SHA-256 {weights.sha256[:8]}..., found that of "
            f"{before.weights.sha256[:8]}..., whose training was another; name the log of the new ones with --log"
        )
    return [_Round(record=record, curve=None) for record in before.rounds]


def _pages(paths: Sequence[Path], card: Card, curves: Sequence[str | None]) -> Iterator[tuple[Path, bytes]]:
    """Every page with the card between its marks, and pictures."""
    for path in paths:
        try:
            page = path.read_text(encoding="utf-8")
            if FULL.are_in(page):
                page = FULL.place(page, full_card(card))
                for number, (one, curve) in enumerate(zip(card.rounds, curves, strict=True), 1):
                    yield _picture(path.with_name(curve_name(card.weights, number)), one, curve)
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


def _picture(path: Path, training: TrainingRecord, curve: str | None) -> tuple[Path, bytes]:
    """The new picture; without one, that which is there must be the card's."""
    if curve is not None:
        return path, curve.encode()
    try:
        content = path.read_bytes()
    except OSError:
        content = None
    found = None if content is None else hashlib.sha256(content).hexdigest()
    if content is None or found != training.curve_sha256:
        raise CardError(
            f"{path}: expected the picture of training that the card was made with, found "
            f"{'none' if found is None else 'another'}; name all logs with --log to have it drawn"
        )
    return path, content


def _parse(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reports.card", description="Make the card of trained weights.")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, metavar="FILE", help=f"(default: {WEIGHTS})")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder of run folders (default: runs)")
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="of training, once for each round in turn (default: keep what the card has of the same weights)",
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
