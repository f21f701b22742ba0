import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.records import DatasetRecord, SequenceRecord, SpeedRecord, StageRecord
from reports.results_page import results_page
from reports.run_folder import RunFolder, RunFolderError, find_runs
from reports.speed_table import speed_table
from reports.throughput import fps, throughput

WriteRun = Callable[..., RunFolder]

ROOT = Path(__file__).parents[2]


def test_a_page_has_a_table_for_each_dataset_and_a_row_for_each_run(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    write_run(tmp_path / "davis17_val/one", scores=scores)
    write_run(tmp_path / "davis17_val/two", finished=("cow",))
    other = DatasetRecord(name="davis16_val", root="data", sequences=("cow", "dog"), available=20, fingerprint="f" * 64)
    write_run(tmp_path / "davis16_val/three", finished=(), dataset=other)
    assert results_page(find_runs(tmp_path)) == (
        "# Results\n"
        "\n"
        "## davis16_val\n"
        "\n"
        "| run   |   sequences |   scored |   objects |   J&F |   J |   F |   FPS |   device |\n"
        "|:------|------------:|---------:|----------:|------:|----:|----:|------:|---------:|\n"
        "| three |     0 of 20 |        0 |         - |     - |   - |   - |     - | Some CPU |\n"
        "\n"
        "## davis17_val\n"
        "\n"
        "| run   |   sequences |   scored |   objects |   J&F |    J |    F |   FPS |   device |\n"
        "|:------|------------:|---------:|----------:|------:|-----:|-----:|------:|---------:|\n"
        "| one   |      2 of 2 |        2 |         3 |  61.7 | 51.7 | 71.7 |  3.33 | Some CPU |\n"
        "| two   |      1 of 2 |        0 |         - |     - |    - |    - |  5.00 | Some CPU |\n"
    )


def test_a_page_without_runs_says_how_to_make_one() -> None:
    assert results_page([]) == "# Results\n\nNo runs yet: `make demo` makes the first.\n"


def test_a_damaged_run_is_not_passed_over(write_run: WriteRun, tmp_path: Path) -> None:
    write_run(tmp_path / "davis17_val/one")
    write_run(tmp_path / "davis17_val/two").run_file.write_text("{}")
    with pytest.raises(RunFolderError, match=r"two/run\.json"):
        results_page(find_runs(tmp_path))


def test_speed_is_frames_by_time_and_a_dash_where_nothing_was_stepped(
    sequence_record: Callable[..., SequenceRecord],
) -> None:
    cow, dog = sequence_record("cow"), sequence_record("dog")
    assert throughput([cow, dog]).fps == pytest.approx(4 / 1.2)
    assert (fps([cow]), fps([dog]), fps([cow, dog])) == ("5.00", "2.50", "3.33")
    assert fps([]) == fps([sequence_record("cow", milliseconds=(), memory=())]) == "-"
    with pytest.raises(ValueError, match="at least one"):
        throughput([])


def test_the_speed_of_stages_is_shown_as_medians(environment: object) -> None:
    stages = [
        StageRecord(objects=objects, stage=stage, milliseconds=(1.0 * objects, 30.0, 2.0 * objects))
        for objects in (2, 1)
        for stage in ("encode key", "segment")
    ]
    record = SpeedRecord(
        started="2026-01-01T00:00:00+00:00",
        precision="fp32",
        height=480,
        width=854,
        working_frames=10,
        stages=tuple(stages),
        environment=environment,
    )
    assert speed_table(record) == (
        "median of 3, in ms: 480x854, 10 frames in memory, fp32, 2 threads, Some CPU\n"
        "\n"
        "| stage      |   1 object |   2 objects |\n"
        "|:-----------|-----------:|------------:|\n"
        "| encode key |        2.0 |         4.0 |\n"
        "| segment    |        2.0 |         4.0 |"
    )


def reports(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-X", "importtime", "-m", "reports", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def without_imports(errors: str) -> str:
    return "".join(line for line in errors.splitlines(keepends=True) if not line.startswith("import time:"))


def test_the_entry_point_writes_the_page_without_torch_or_hydra(write_run: WriteRun, tmp_path: Path) -> None:
    write_run(tmp_path / "runs/davis17_val/one")
    output = tmp_path / "RESULTS.md"
    result = reports("--runs", tmp_path / "runs", "--output", output)
    assert (result.returncode, without_imports(result.stderr)) == (0, "")
    assert output.read_text() == results_page(find_runs(tmp_path / "runs"))
    assert f"written to {output}" in result.stdout
    imported = {line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines()}
    assert "reports.results_page" in imported
    assert imported & {"torch", "hydra", "omegaconf", "cv2"} == set()


def test_the_entry_point_says_one_line_of_a_damaged_run_and_keeps_the_old_page(
    write_run: WriteRun, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs/davis17_val/one").run_file.write_text("{}")
    output = tmp_path / "RESULTS.md"
    output.write_text("old")
    result = reports("--runs", tmp_path / "runs", "--output", output)
    errors = without_imports(result.stderr)
    assert (result.returncode, result.stdout) == (2, "")
    assert errors.startswith(f"error: {tmp_path}/runs/davis17_val/one/run.json: expected a RunRecord")
    assert errors.count("\n") == 1
    assert output.read_text() == "old"


def test_the_entry_point_says_one_line_where_it_cannot_write(tmp_path: Path) -> None:
    result = reports("--runs", tmp_path, "--output", tmp_path)
    errors = without_imports(result.stderr)
    assert (result.returncode, result.stdout) == (2, "")
    assert errors.startswith("error: ")
    assert str(tmp_path) in errors
    assert errors.count("\n") == 1


def test_a_page_is_not_emptied_because_the_runs_are_elsewhere(tmp_path: Path) -> None:
    output = tmp_path / "RESULTS.md"
    output.write_text("old")
    result = reports("--runs", tmp_path / "nowhere", "--output", output)
    assert result.returncode == 2
    assert without_imports(result.stderr).startswith(f"error: {tmp_path / 'nowhere'}: expected a folder of runs")
    assert output.read_text() == "old"
