"""The command that makes a card."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.card.__main__ import main
from reports.card.markdown import FULL, SHORT, full_card, short_card
from reports.card.record import read_card
from reports.run_folder import RunFolder

WriteOwn = Callable[..., RunFolder]
WriteLog = Callable[..., Path]

ROOT = Path(__file__).parents[3]


class Command:
    """The command on the weights and runs of a test."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capture = folder, capture
        self.card = folder / "weights/xmem_tiny.json"
        self.page, self.full = folder / "README.md", folder / "docs/xmem_tiny.md"
        self.curve = folder / "docs/xmem_tiny_training_1.svg"
        self.full.parent.mkdir()
        self.page.write_text(f"# Mine\n\n{SHORT.begin}\n{SHORT.end}\nafter\n")
        self.full.write_text(f"{FULL.begin}\n{FULL.end}\n")
        self.weights = folder / "weights/xmem_tiny.safetensors"
        self.given = ["--weights", str(self.weights), "--runs", str(folder / "runs")]

    def pages(self, *pages: Path) -> list[str]:
        return [one for page in pages or (self.page, self.full) for one in ("--page", str(page))]

    def __call__(self, *more: str, pages: list[str] | None = None) -> tuple[int, str, str]:
        status = main([*self.given, *(self.pages() if pages is None else pages), *more])
        written = self.capture.readouterr()
        return status, written.out, written.err

    def refused(self, *more: str, pages: list[str] | None = None) -> str:
        """The only line of an error; nothing was written."""
        before = self.contents()
        status, output, errors = self(*more, pages=pages)
        assert (status, output, errors.count("\n")) == (2, "", 1)
        assert self.contents() == before
        return errors.removeprefix("error: ").strip()

    def contents(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}


@pytest.fixture
def command(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    assert weights.exists()
    return Command(tmp_path, capsys)


@pytest.fixture
def log(write_log: WriteLog) -> tuple[str, str]:
    return ("--log", str(write_log()))


@pytest.fixture
def made(command: Command, write_own: WriteOwn, scores: DatasetScore, log: tuple[str, str]) -> Command:
    """The command, after it has made a card."""
    write_own("demo/one", scores=scores)
    assert command(*log)[0] == 0
    return command


def test_card_pages_and_picture_are_written_from_the_same_records(made: Command, log: tuple[str, str]) -> None:
    card = read_card(made.card)
    assert [one.dataset for one in card.measured] == ["demo"]
    assert made.page.read_text() == f"# Mine\n\n{SHORT.begin}\n\n{short_card(card)}\n\n{SHORT.end}\nafter\n"
    assert made.full.read_text() == f"{FULL.begin}\n\n{full_card(card)}\n\n{FULL.end}\n"
    assert hashlib.sha256(made.curve.read_bytes()).hexdigest() == card.rounds[0].curve_sha256
    before = made.contents()
    status, output, errors = made(*log)
    assert (status, errors) == (0, "")
    written = ", ".join(map(str, (made.card, made.page, made.curve, made.full)))
    assert output == f"{written}: 1 run of xmem_tiny.safetensors\n"
    assert made.contents() == before


def test_a_new_run_needs_no_log(made: Command, write_own: WriteOwn, scores: DatasetScore) -> None:
    before = read_card(made.card)
    write_own("davis16_val/one", scores=scores)
    assert made()[0] == 0
    after = read_card(made.card)
    assert after.rounds == before.rounds
    assert [one.dataset for one in after.measured] == ["davis16_val", "demo"]
    assert "| davis16_val |" in made.page.read_text()
    assert "### davis16_val, fp32, 480p, on Some CPU\n" in made.full.read_text()


def test_what_was_typed_into_a_card_or_between_the_marks_is_gone(made: Command) -> None:
    before = made.contents()
    made.card.write_text(made.card.read_text().replace('"demo"', '"typed"'))
    made.page.write_text(made.page.read_text().replace("demo", "typed"))
    assert made()[0] == 0
    assert made.contents() == before


def test_without_pages_the_card_alone_is_written(made: Command) -> None:
    status, output, _ = made(pages=[])
    assert (status, output) == (0, f"{made.card}: 1 run of xmem_tiny.safetensors\n")


def test_ignored_runs_are_named(made: Command, write_own: WriteOwn) -> None:
    write_own("demo/part", finished=("cow",))
    status, output, _ = made()
    assert status == 0
    assert output.startswith("demo/part: ignored: 1 of 2 sequences finished")


def test_a_damaged_run_keeps_no_other_out_but_the_status_says_so(made: Command, write_own: WriteOwn) -> None:
    write_own("demo/damaged").run_file.write_text("{")
    status, output, errors = made()
    assert (status, output.endswith(": 1 run of xmem_tiny.safetensors\n")) == (2, True)
    assert errors.startswith(f"error: {made.folder}/runs/demo/damaged/run.json: expected a RunRecord")


def test_the_first_card_needs_a_log(command: Command, write_own: WriteOwn, scores: DatasetScore) -> None:
    write_own("demo/one", scores=scores)
    assert command.refused().startswith(f"{command.card}: expected a card, cannot read it: No such file")


@pytest.mark.parametrize(("changes", "found"), [({"iteration": 300}, "found 0.5"), ({}, "found no score")])
def test_the_log_of_another_training_is_refused(
    made: Command, write_log: WriteLog, line: Callable[..., str], changes: dict[str, float], found: str
) -> None:
    other = write_log(line("session"), line("training"), line("held_out", **changes))
    refused = made.refused("--log", str(other))
    assert (
        f"expected the log of the weights in xmem_tiny.safetensors, held-out J&F 0.75 after iteration 300, {found}"
        in (refused)
    )


def test_all_rounds_of_training_are_told(
    made: Command, log: tuple[str, str], write_log: WriteLog, line: Callable[..., str]
) -> None:
    first = write_log(line("session"), line("training", iteration=70), name="first.jsonl")
    last = write_log(
        line("session", begun_from="f" * 64),
        line("training", iteration=300),
        line("held_out", iteration=300, j_and_f=0.75),
        name="last.jsonl",
    )
    assert made("--log", str(first), "--log", str(last))[0] == 0
    card = read_card(made.card)
    assert [(one.iterations, one.begun_from) for one in card.rounds] == [(70, None), (300, "f" * 64)]
    assert "in 2 rounds: 370 iterations" in made.page.read_text()
    pictures = [made.curve.with_name(f"xmem_tiny_training_{number}.svg") for number in (1, 2)]
    assert [hashlib.sha256(picture.read_bytes()).hexdigest() for picture in pictures] == [
        one.curve_sha256 for one in card.rounds
    ]
    before = made.contents()
    assert made()[0] == 0
    assert made.contents() == before
    assert "expected training from nothing in the first log, found that it began from weights with SHA-256 ffff" in (
        made.refused("--log", str(last))
    )
    assert f"expected training that began from weights of {first}, found that it began from nothing" in (
        made.refused("--log", str(first), *log)
    )


def test_other_weights_need_their_own_log(made: Command, write_own: WriteOwn, scores: DatasetScore) -> None:
    content = made.weights.read_bytes()
    made.weights.write_bytes(content[:-1] + b"\x01")
    write_own("demo/two", scores=scores)
    message = made.refused()
    assert message.startswith(f"{made.card}: expected the card of weights with SHA-256 ")
    assert message.endswith("whose training was another; name the log of the new ones with --log")


def test_no_run_of_the_weights_is_an_error(command: Command, log: tuple[str, str]) -> None:
    message = command.refused(*log)
    assert message.startswith(f"{command.folder}/runs: expected a finished run of xmem_tiny.safetensors (SHA-256 ")


def test_weights_that_are_not_there_are_an_error(made: Command) -> None:
    made.weights.unlink()
    assert made.refused().startswith(f"{made.weights}: expected the weights that the card is of")


def test_a_damaged_log_is_an_error(made: Command, write_log: WriteLog) -> None:
    path = write_log("{", name="damaged.jsonl")
    assert made.refused("--log", str(path)).startswith(f"{path}: line 1: expected a line of a training log")


@pytest.mark.parametrize("text", ["", SHORT.begin, FULL.end, f"{FULL.begin}{FULL.end}{SHORT.end}"])
def test_a_page_without_a_place_for_the_card_is_an_error(made: Command, text: str) -> None:
    page = made.full.with_name("page.md")
    page.write_text(text)
    message = made.refused(pages=made.pages(made.page, page))
    assert message.startswith(f"{page}: expected a line '<!-- card")
    assert message.endswith("each once; add them where the card belongs, or name another page")


def test_a_page_that_cannot_be_read_is_an_error(made: Command) -> None:
    page = made.folder / "none.md"
    message = made.refused(pages=made.pages(page))
    assert message == (
        f"{page}: expected a page with marks for the card, cannot read it: No such file or directory; name another"
    )
    page.write_bytes(b"\xff")
    assert made.refused(pages=made.pages(page)) == (
        f"{page}: expected a page of text in UTF-8, found another file; name another"
    )


def test_a_page_in_full_is_not_written_beside_another_picture(made: Command, log: tuple[str, str]) -> None:
    drawn = made.curve.read_bytes()
    made.curve.write_text("<svg/>")
    message = f"{made.curve}: expected the picture of training that the card was made with, found "
    remedy = "; name all logs with --log to have it drawn"
    assert made.refused() == f"{message}another{remedy}"
    made.curve.unlink()
    assert made.refused() == f"{message}none{remedy}"
    assert made(*log)[0] == 0
    assert made.curve.read_bytes() == drawn


def test_a_file_that_cannot_be_written_is_an_error(made: Command, log: tuple[str, str]) -> None:
    made.curve.unlink()
    made.curve.mkdir()
    status, _, errors = made(*log)
    assert (status, errors.count("\n")) == (2, 1)
    assert errors.startswith(
        f"error: {made.curve}: expected a file that can be written, cannot write it: Is a directory"
    )


def test_the_entry_point_needs_no_torch(made: Command) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "reports.card", *made.given, *made.pages()]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    imported = {line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines()}
    assert result.returncode == 0
    assert result.stdout.endswith(": 1 run of xmem_tiny.safetensors\n")
    assert "reports.card.markdown" in imported
    assert imported & {"torch", "hydra", "omegaconf", "cv2", "safetensors"} == set()
