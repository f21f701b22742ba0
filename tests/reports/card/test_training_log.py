"""Which lines of a training log count."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.card.record import CardError
from reports.card.training_log import Asked, HeldOutLine, LogLine, SessionLine, TrainingLine, read_log, without_repeated

WriteLog = Callable[..., Path]
Line = Callable[..., str]


def session(number: int) -> SessionLine:
    return SessionLine(
        started=f"start {number}",
        device="A CPU",
        torch="2",
        config=Asked(seed=0, iterations=1000),
        commit=None,
        modified=None,
    )


def training(iteration: int, *, loss: float = 1.0) -> TrainingLine:
    return TrainingLine(iteration=iteration, stage=0, loss=loss, seconds=1.0, clips_per_second=8.0)


def held_out(iteration: int, *, j_and_f: float = 0.5) -> HeldOutLine:
    return HeldOutLine(iteration=iteration, j=0.5, f=0.5, j_and_f=j_and_f)


def test_a_log_is_read_line_by_line_and_kinds_that_are_not_known_are_left_out(write_log: WriteLog, line: Line) -> None:
    path = write_log(line("session"), '{"kind": "state", "saved": 1}', line("training"), line("held_out"))
    lines, content = read_log(path)
    assert [type(one) for one in lines] == [SessionLine, TrainingLine, HeldOutLine]
    assert content == path.read_bytes()


def test_a_log_without_a_restart_stays_as_it_is() -> None:
    lines: list[LogLine] = [session(1), training(20), held_out(20), training(40)]
    assert without_repeated(lines) == tuple(lines)


def test_what_a_restart_does_again_replaces_what_was_there() -> None:
    again = [training(40, loss=0.5), held_out(40, j_and_f=0.6), training(60)]
    lines = [session(1), training(20), training(40), held_out(40), session(2), *again]
    assert without_repeated(lines) == (session(1), training(20), session(2), *again)


def test_what_lay_beyond_a_restart_goes_even_where_it_was_not_done_again() -> None:
    lines = [session(1), training(20), training(40), held_out(40), training(60), session(2), training(40)]
    assert without_repeated(lines) == (session(1), training(20), session(2), training(40))


def test_sessions_that_trained_nothing_take_nothing_away() -> None:
    lines = [session(1), training(20), session(2), session(3), training(40)]
    assert without_repeated(lines) == tuple(lines)


def test_a_session_that_was_itself_overtaken_gives_way() -> None:
    lines = [session(1), training(20), session(2), training(40), training(60), session(3), training(60, loss=2.0)]
    assert without_repeated(lines) == (*lines[:4], session(3), training(60, loss=2.0))


def test_a_log_that_is_not_there_is_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"nowhere: expected the log .*No such file.*; name it with --log$"):
        read_log(tmp_path / "nowhere")


@pytest.mark.parametrize("damaged", ["", "{", "[]", "1", '{"loss": 1}', '{"kind": "training", "iteration": 120}'])
def test_a_damaged_line_is_named_by_its_number(write_log: WriteLog, line: Line, damaged: str) -> None:
    path = write_log(line("session"), line("training"), damaged)
    with pytest.raises(
        CardError, match=rf"^{path}: line 3: expected a line of a training log, found a damaged .*remove"
    ):
        read_log(path)


def test_bytes_that_are_no_text_are_a_damaged_line(write_log: WriteLog, line: Line) -> None:
    path = write_log(line("session"))
    path.write_bytes(path.read_bytes() + b'{"kind": "\xff"}\n')
    with pytest.raises(CardError, match="line 2: expected a line of a training log"):
        read_log(path)


def test_a_loss_that_is_no_number_is_a_damaged_line(write_log: WriteLog, line: Line) -> None:
    with pytest.raises(CardError, match="line 2: expected a line of a training log"):
        read_log(write_log(line("session"), line("training", loss=None)))


def test_without_a_session_at_its_beginning_nobody_knows_what_trained(write_log: WriteLog, line: Line) -> None:
    with pytest.raises(CardError, match="line 1: expected a line of kind session before all others, found none"):
        read_log(write_log(line("training"), line("session")))


@pytest.mark.parametrize("kinds", [(), ("session",), ("session", "held_out")])
def test_a_log_in_which_nothing_was_trained_is_refused(write_log: WriteLog, line: Line, kinds: tuple[str, ...]) -> None:
    path = write_log(*map(line, kinds)) if kinds else write_log("")
    path.write_text(path.read_text().strip())
    with pytest.raises(CardError, match="expected lines of kind training, found none; name the log of a run"):
        read_log(path)


@pytest.mark.parametrize("iteration", [100, 80, 0])
def test_iterations_that_go_back_without_a_session_are_refused(write_log: WriteLog, line: Line, iteration: int) -> None:
    path = write_log(line("session"), line("training", iteration=100), line("training", iteration=iteration))
    with pytest.raises(CardError, match=f"expected iterations that rise .*, found {iteration} after 100; take the log"):
        read_log(path)
