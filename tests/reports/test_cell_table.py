import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec

from evaluators import DatasetScore, OverallScore
from reports.all_runs import all_runs
from reports.cell_table import run_table, score_table
from reports.records import DatasetRecord, EnvironmentRecord, SequenceRecord
from reports.result import read_results
from reports.run_folder import RunFolder

WriteRun = Callable[..., RunFolder]


def test_scores_are_shown_by_sequence_and_over_all_objects(scores: DatasetScore) -> None:
    assert score_table(scores) == (
        "| sequence   |   objects |   J&F |    J |    F |\n"
        "|:-----------|----------:|------:|-----:|-----:|\n"
        "| cow        |         1 |  85.0 | 80.0 | 90.0 |\n"
        "| dog        |         2 |  50.0 | 37.5 | 62.5 |\n"
        "| **all**    |         3 |  61.7 | 51.7 | 71.7 |\n"
        "\n"
        "J&F: 50.0 to 85.0, J: 37.5 to 80.0, F: 62.5 to 90.0 (95% interval, percentile bootstrap over "
        "sequences, 10,000 resamples, seed 0, n = 2)."
    )


def test_a_local_g_stands_below_and_every_heading_says_that_it_is_local(
    scores: DatasetScore, local_g: OverallScore
) -> None:
    *above, below, note = score_table(dataclasses.replace(scores, overall=local_g)).split("\n\n")
    assert "\n\n".join(above) == score_table(scores)
    headers, _, figures = ([cell.strip() for cell in line.strip("|").split("|")] for line in below.splitlines())
    assert dict(zip(headers, figures, strict=True)) == {
        "G (local)": "50.0",
        "J-seen (local)": "37.5",
        "F-seen (local)": "62.5",
        "J-unseen (local)": "25.0",
        "F-unseen (local)": "75.0",
        "seen objects": "2",
        "unseen objects": "1",
    }
    assert note == "local: computed here, from the truth at hand; the evaluation server's code is not public."


def test_where_there_is_no_g_the_table_says_why(scores: DatasetScore, local_g: OverallScore) -> None:
    overall = dataclasses.replace(local_g, g=None, j_unseen=None, f_unseen=None, reason="nothing was unseen")
    table = score_table(dataclasses.replace(scores, overall=overall))
    assert "| - | 37.5 | 62.5 | - | - | 2 | 1 |" in " ".join(table.split())
    assert table.endswith("There is no G: nothing was unseen.")


def test_a_finished_run_is_shown_with_its_speed(write_run: WriteRun, scores: DatasetScore, tmp_path: Path) -> None:
    # FPS of all is frames / time: 4 / 1.2 s, not the mean of 5.00 and 2.50.
    assert run_table(write_run(tmp_path / "run", scores=scores)) == (
        "run on davis17_val: 2 of 2 sequences, 2 scored, on Some CPU\n"
        "\n"
        "| sequence   |   objects |   J&F |    J |    F |   FPS |\n"
        "|:-----------|----------:|------:|-----:|-----:|------:|\n"
        "| cow        |         1 |  85.0 | 80.0 | 90.0 |  5.00 |\n"
        "| dog        |         2 |  50.0 | 37.5 | 62.5 |  2.50 |\n"
        "| **all**    |         3 |  61.7 | 51.7 | 71.7 |  3.33 |\n"
        "\n"
        "J&F: 50.0 to 85.0, J: 37.5 to 80.0, F: 62.5 to 90.0 (95% interval, percentile bootstrap over "
        "sequences, 10,000 resamples, seed 0, n = 2).\n"
        "\n"
        "FPS: total frames / total time, timing contract `xmem`: device time of mask mapping, step and upsampling, of "
        "every frame from the first prompt on; decoding, upload, argmax, download, writing and what an engine makes "
        "ready for a new size excluded; no warm-up left out; mean, std, median and p95 are of single frames, in ms.\n"
        "\n"
        "| sequence   |   frames |   FPS |   mean |   std |   median |   p95 |\n"
        "|:-----------|---------:|------:|-------:|------:|---------:|------:|\n"
        "| cow        |        2 |  5.00 |  200.0 | 141.4 |    200.0 | 290.0 |\n"
        "| dog        |        2 |  2.50 |  400.0 |   0.0 |    400.0 | 400.0 |\n"
        "| **all**    |        4 |  3.33 |  300.0 | 141.4 |    350.0 | 400.0 |\n"
        "\n"
        "FPS: total frames / total time, timing contract `end_to_end`: wall time from the first file read to the last "
        "mask on disk, model loaded; no warm-up left out.\n"
        "\n"
        "| sequence   |   frames |   FPS |   seconds |\n"
        "|:-----------|---------:|------:|----------:|\n"
        "| cow        |        2 |  2.00 |      1.00 |\n"
        "| dog        |        2 |  2.00 |      1.00 |\n"
        "| **all**    |        4 |  2.00 |      2.00 |\n"
    )


def test_sequences_that_were_not_scored_have_a_row_and_are_counted(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    part = dataclasses.replace(scores, sequences=scores.sequences[:1])
    table = run_table(write_run(tmp_path / "run", scores=part))
    assert "2 of 2 sequences, 1 scored" in table
    assert "| dog        |         - |     - |    - |    - |  2.50 |" in table


def test_a_run_without_scores_is_shown_with_its_speed_alone(write_run: WriteRun, tmp_path: Path) -> None:
    table = run_table(write_run(tmp_path / "run"))
    assert "J&F" not in table
    assert "| dog        |         2 |  2.50 |" in table
    assert "| **all**    |           |  3.33 |" in table


def test_the_title_says_what_part_was_run_and_on_which_gpu(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    environment: EnvironmentRecord,
    tmp_path: Path,
) -> None:
    part = dataset_record(sequences=("dog",), available=30)
    on_gpu = dataclasses.replace(environment, gpu="Some GPU", device="cuda")
    table = run_table(write_run(tmp_path / "run", finished=("dog",), dataset=part, environment=on_gpu))
    assert table.splitlines()[0] == "run on davis17_val: 1 of 30 sequences, 0 scored, on Some GPU"


def test_a_bar_in_a_sequences_name_breaks_no_table(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    sequence_record: Callable[..., SequenceRecord],
    tmp_path: Path,
) -> None:
    dataset = dataset_record(sequences=("cow",), available=1)
    folder = write_run(tmp_path / "run", finished=("cow",), dataset=dataset)
    folder.sequence_file("cow").write_bytes(msgspec.json.encode(sequence_record("cow", name="a|b")))
    assert "| a\\|b" in run_table(folder)


def test_what_was_odd_and_what_is_missing_stands_below_the_table(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    sequence_record: Callable[..., SequenceRecord],
    tmp_path: Path,
) -> None:
    folder = write_run(tmp_path / "run", dataset=dataset_record(complete_sequences=30))
    folder.sequence_file("cow").write_bytes(msgspec.json.encode(sequence_record("cow", remarks=("no grass",))))
    title, *_ = (table := run_table(folder)).splitlines()
    assert title == "run on davis17_val: 2 of 30 sequences, 0 scored, on Some CPU"
    reason = "INVALID for accuracy and performance: the copy has 2 sequences instead of 30."
    assert f"\n\n{reason}\n\ncow: no grass.\n\nFPS:" in table


def test_sequences_that_were_left_out_of_the_mean_are_named(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    part = dataclasses.replace(scores, sequences=scores.sequences[:1])
    folder = write_run(tmp_path / "davis17_val/run", scores=part)
    assert "\n\nNot scored: dog.\n\nFPS:" in run_table(folder)
    assert all_runs(read_results(tmp_path)).endswith("\n\nrun: Not scored: dog.")


def test_what_was_odd_stands_below_the_table_of_all_runs_too(
    write_run: WriteRun, sequence_record: Callable[..., SequenceRecord], tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "davis17_val/run")
    folder.sequence_file("cow").write_bytes(msgspec.json.encode(sequence_record("cow", remarks=("no grass",))))
    assert all_runs(read_results(tmp_path)).endswith("\n\nrun: cow: no grass.")
