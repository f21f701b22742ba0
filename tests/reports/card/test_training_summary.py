"""What a training log comes to."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.card.record import TrainingRecord
from reports.card.training_log import read_log
from reports.card.training_summary import summarise_training

WriteLog = Callable[..., Path]
Line = Callable[..., str]


def summarise(path: Path) -> TrainingRecord:
    lines, content = read_log(path)
    return summarise_training(lines, log=content, curve="<svg/>")


def test_iterations_hours_and_clips_are_summed_over_the_lines(write_log: WriteLog) -> None:
    record = summarise(write_log())
    assert (record.iterations, record.planned, record.clips) == (400, 400, 3200)
    assert record.hours == pytest.approx(400 * 2 / 3600)
    assert (record.started, record.sessions) == ("2026-11-27T12:00:00+00:00", 1)
    assert (record.devices, record.torch, record.seed) == (("A CPU",), ("2.13.0",), 3)


def test_a_line_stands_for_the_iterations_since_the_line_before(write_log: WriteLog, line: Line) -> None:
    lines = (line("training", iteration=20, seconds=1.0), line("training", iteration=50, seconds=3.0))
    record = summarise(write_log(line("session"), *lines))
    assert record.hours == pytest.approx((20 * 1 + 30 * 3) / 3600)
    assert record.clips == 20 * 4 + 30 * 12


def test_iterations_that_were_repeated_count_once(write_log: WriteLog, line: Line) -> None:
    restart = line(
        "session",
        device="A GPU",
        torch="2.14.0",
        config={"seed": 4, "iterations": 500},
        commit="4567def",
        modified=True,
    )
    first = [line("training", iteration=iteration) for iteration in (100, 200)]
    record = summarise(write_log(line("session"), *first, restart, line("training", iteration=200, seconds=1.0)))
    assert record.hours == pytest.approx((100 * 2 + 100 * 1) / 3600)
    assert (record.iterations, record.sessions, record.planned, record.seed) == (200, 2, 500, 4)
    assert record.code == ("commit `0123abc`", "commit `4567def` with uncommitted changes")
    assert (record.devices, record.torch) == (("A CPU", "A GPU"), ("2.13.0", "2.14.0"))


def test_the_best_of_equal_held_out_scores_is_the_first(write_log: WriteLog, line: Line) -> None:
    scores = [
        line("held_out", iteration=at, j_and_f=score, j=at / 1000) for at, score in ((1, 0.5), (2, 0.7), (3, 0.7))
    ]
    best = summarise(write_log(line("session"), *scores, line("training"))).best
    assert best is not None
    assert (best.iteration, best.j_and_f, best.j, best.f) == (2, 0.7, 0.002, 0.6)


def test_without_held_out_scores_there_is_no_best(write_log: WriteLog, line: Line) -> None:
    assert summarise(write_log(line("session"), line("training"))).best is None


def test_log_and_picture_are_known_by_their_hashes(write_log: WriteLog) -> None:
    path = write_log()
    record = summarise(path)
    assert record.log_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert record.curve_sha256 == hashlib.sha256(b"<svg/>").hexdigest()
