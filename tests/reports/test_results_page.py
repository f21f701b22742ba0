"""The page as `python -m reports` writes it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from reports.run_folder import RunFolder

WriteRun = Callable[..., RunFolder]

ROOT = Path(__file__).parents[2]


def reports(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-X", "importtime", "-m", "reports", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def without_imports(errors: str) -> str:
    return "".join(line for line in errors.splitlines(keepends=True) if not line.startswith("import time:"))


def test_the_entry_point_writes_the_page_without_torch_or_hydra(write_run: WriteRun, tmp_path: Path) -> None:
    write_run(tmp_path / "runs/davis17_val/one")
    output = tmp_path / "RESULTS.md"
    others = [tmp_path / f"results.{ending}" for ending in ("csv", "json", "tex")]
    given = ("--runs", tmp_path / "runs", "--output", output)
    more = (one for pair in zip(("--csv", "--json", "--latex"), others, strict=True) for one in pair)
    result = reports(*given, *more)
    assert (result.returncode, without_imports(result.stderr)) == (0, "")
    page = output.read_text()
    assert "\n## Published and measured\n\n### Long-Time Video (1X)\n" in page
    assert "\n## All runs\n\n### davis17_val\n" in page
    named = ", ".join(map(str, [output, *others]))
    assert result.stdout == f"{named}: of 88 published figures 84 not run, 3 not scored, 1 not comparable; 1 run\n"
    assert all(path.stat().st_size > 1000 for path in others)
    imported = {line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines()}
    assert "reports.results_page" in imported
    assert imported & {"torch", "hydra", "omegaconf", "cv2"} == set()
    reports(*given)
    assert output.read_text() == page


def test_the_entry_point_says_one_line_of_a_damaged_run_and_writes_what_it_can(
    write_run: WriteRun, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs/davis17_val/one").run_file.write_text("{}")
    (tmp_path / "runs/davis17_val/x-y.not_run.json").write_text('{"schema": 2}')
    write_run(tmp_path / "runs/davis17_val/two")
    output = tmp_path / "RESULTS.md"
    result = reports("--runs", tmp_path / "runs", "--output", output)
    errors = without_imports(result.stderr).splitlines()
    assert result.returncode == 2
    assert [line.partition(": expected")[0] for line in errors] == [
        f"error: {tmp_path}/runs/davis17_val/one/run.json",
        f"error: {tmp_path}/runs/davis17_val/x-y.not_run.json",
    ]
    page = output.read_text()
    assert "| two " in page
    unread = page.partition("## Not read\n\n")[2]
    assert all(f"- {line.removeprefix('error: ')}\n" in unread for line in errors)


def test_the_entry_point_says_one_line_where_it_cannot_write(tmp_path: Path) -> None:
    result = reports("--runs", tmp_path, "--output", tmp_path)
    errors = without_imports(result.stderr)
    assert (result.returncode, result.stdout) == (2, "")
    assert errors.startswith(f"error: {tmp_path}: expected a page that can be written, cannot write it: Is a directory")
    assert errors.count("\n") == 1


def test_a_page_is_not_emptied_because_the_runs_are_elsewhere(write_run: WriteRun, tmp_path: Path) -> None:
    write_run(tmp_path / "runs/davis17_val/one")
    output = tmp_path / "RESULTS.md"
    assert reports("--runs", tmp_path / "runs", "--output", output).returncode == 0
    before = output.read_text()
    result = reports("--runs", tmp_path / "nowhere", "--output", output)
    assert result.returncode == 2
    assert without_imports(result.stderr).startswith(f"error: {tmp_path / 'nowhere'}: expected a folder of runs")
    assert output.read_text() == before


def test_without_any_run_the_page_is_written_and_writing_it_again_changes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "RESULTS.md"
    for _ in range(2):
        result = reports("--runs", tmp_path / "nowhere", "--output", output)
        assert (result.returncode, without_imports(result.stderr)) == (0, "")
        assert result.stdout == f"{output}: of 88 published figures 88 not run; 0 runs\n"
    assert "No runs yet: `make demo` makes the first." in output.read_text()


def test_a_page_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "RESULTS.md"
    output.write_text("mine")
    result = reports("--runs", tmp_path, "--output", output)
    assert result.returncode == 2
    assert without_imports(result.stderr).startswith(f"error: {output}: expected a line '<!-- results: begin")
    assert output.read_text() == "mine"
