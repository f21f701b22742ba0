"""Two runs, compared from their folders alone."""

import csv
import dataclasses
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from evaluators import DatasetScore, ScoringProtocol, summarise_sequences
from evaluators.results import summarise_objects
from evaluators.series import statistics
from reports import compare
from reports.records import DatasetRecord, EnvironmentRecord, SequenceRecord
from reports.run_comparison import compare_runs
from reports.run_comparison_table import run_comparison_text
from reports.run_folder import RunFolder

WriteRun = Callable[..., RunFolder]
Command = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]


def text_of(*folders: RunFolder, rows: int = 10) -> str:
    first, second = (folder.path for folder in folders)
    return run_comparison_text(compare_runs(first, second), rows=rows)


def better(scores: DatasetScore, name: str, j: float) -> DatasetScore:
    """The scores, with J of the first object of one sequence replaced."""
    sequences = []
    for sequence in scores.sequences:
        objects = list(sequence.objects)
        if sequence.name == name:
            objects[0] = dataclasses.replace(objects[0], j=(j, j), j_statistics=statistics([j, j]))
        sequences.append(summarise_objects(sequence.name, objects, protocol=sequence.protocol))
    return summarise_sequences(sequences)


def write_masks(folder: RunFolder, sequence_record: Callable[..., SequenceRecord], **painted: int) -> None:
    """Masks of `cow`, whose record has a hash of its own; `painted` says how many pixels of a frame are objects."""
    masks = folder.masks / "cow"
    masks.mkdir(parents=True)
    for frame in ("00000", "00001"):
        mask = np.zeros((4, 5), np.uint8)
        mask.flat[: painted.get(f"frame_{frame}", 3)] = 1
        image = Image.fromarray(mask)
        image.putpalette([0, 0, 0, 255, 0, 0])
        image.save(masks / f"{frame}.png")
    digest = f"{hash(tuple(painted.items())) % 10**9:064d}"
    folder.sequence_file("cow").write_bytes(msgspec.json.encode(sequence_record("cow", masks_sha256=digest)))


def test_a_run_and_itself_are_unlike_in_nothing(write_run: WriteRun, scores: DatasetScore, tmp_path: Path) -> None:
    run = write_run(tmp_path / "one", scores=scores)
    text = text_of(run, run)
    assert "| J&F | 61.7 | 61.7 |     0.0 | 0.0 to 0.0 |" in text
    assert (
        "A - B, interval: 95% interval, percentile bootstrap over sequences, 10,000 resamples, seed 0, n = 2." in text
    )
    assert "A 3.33 and B 3.33 frames per second, A is 1.00x as fast." in text
    assert "Masks are identical in all 2 sequences that both have." in text
    assert text.endswith("Configuration, checkpoint, data and environment are the same.")


def test_differences_are_paired_and_the_worst_come_first(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    one = write_run(tmp_path / "one", scores=better(scores, "dog", 0.45))
    other = write_run(tmp_path / "two", scores=better(scores, "cow", 1.0))
    compared = compare_runs(one.path, other.path)
    assert compared.scores is not None
    assert {(each.sequence, each.label): round(each.j_and_f.difference, 6) for each in compared.scores.objects} == {
        ("cow", 1): -0.1,
        ("dog", 1): 0.1,
        ("dog", 2): 0.0,
    }
    lines = run_comparison_text(compared, rows=1).splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    assert ["cow", "1", "85.0", "95.0", "-10.0"] in rows
    assert ["dog", "2", "55.0", "50.0", "+5.0"] in rows
    assert ["cow, 1", "85.0", "95.0", "-10.0", "-20.0", "0.0"] in rows
    assert ["dog, 1", "47.5", "37.5", "+10.0", "+20.0", "0.0"] in rows
    assert not any(row[0] == "dog, 2" for row in rows)  # neither among the worst nor the best
    assert ["J&F", "65.0", "65.0", "0.0", "-10.0 to +5.0"] in rows
    assert ["J", "58.3", "58.3", "0.0", "-20.0 to +10.0"] in rows
    assert ["F", "71.7", "71.7", "0.0", "0.0 to 0.0"] in rows


def test_what_is_unlike_in_configuration_and_environment_is_listed_and_nothing_else(
    write_run: WriteRun, environment: EnvironmentRecord, tmp_path: Path
) -> None:
    packages = {"torch": "2.14.0", "numpy": "3"}
    elsewhere = dataclasses.replace(environment, threads=8, packages=packages, cpu="Other CPU")
    cell: dict[str, Any] = {"precision": {"name": "bf16"}, "resolution": {"size": 480}}
    one = write_run(tmp_path / "one", cell={"precision": {"name": "fp32"}, "resolution": {"size": 480}})
    other = write_run(tmp_path / "two", cell=cell, environment=elsewhere)
    found = {each.name: (each.first, each.second) for each in compare_runs(one.path, other.path).settings}
    assert found == {
        "precision.name": ("fp32", "bf16"),
        "environment.threads": (2, 8),
        "environment.cpu": ("Some CPU", "Other CPU"),
        "environment.packages.torch": ("2.13.0", "2.14.0"),
        "environment.packages.numpy": (None, "3"),
    }
    assert "no ratio, because the devices differ." in text_of(one, other)


def test_the_first_frame_whose_masks_differ_is_named(
    write_run: WriteRun, sequence_record: Callable[..., SequenceRecord], tmp_path: Path
) -> None:
    one, other = write_run(tmp_path / "one"), write_run(tmp_path / "two")
    write_masks(one, sequence_record)
    write_masks(other, sequence_record, frame_00001=8)
    assert "Masks differ in 1 of 2 sequences, first in cow, frame 00001: 5 pixels." in text_of(one, other)


def test_masks_that_are_gone_cannot_be_looked_at(
    write_run: WriteRun, sequence_record: Callable[..., SequenceRecord], tmp_path: Path
) -> None:
    one, other = write_run(tmp_path / "one"), write_run(tmp_path / "two")
    write_masks(one, sequence_record)
    write_masks(other, sequence_record, frame_00001=8)
    (other.masks / "cow/00000.png").unlink()
    assert "first in cow: the masks differ, and that of frame 00000 can no longer be read." in text_of(one, other)


def test_runs_that_cannot_be_paired_say_why(write_run: WriteRun, scores: DatasetScore, tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", scores=scores)
    cow, dog = (summarise_sequences([sequence]) for sequence in scores.sequences)
    others = [write_run(tmp_path / name, scores=score) for name, score in (("cow", cow), ("dog", dog))]
    unscored = write_run(tmp_path / "unscored", finished=())
    assert "Scores were not compared: expected scores of the same sequences, found cow, dog in only" in text_of(*others)
    text = text_of(unscored, one)
    assert "Scores were not compared: unscored was not scored." in text
    assert "Masks were not compared: no sequence is finished in both." in text
    assert "Speed was not compared: one of them was not timed." in text


def test_what_only_one_run_has_is_left_out_of_both(write_run: WriteRun, scores: DatasetScore, tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole", scores=scores)
    dog = summarise_sequences([scores.sequences[1]])
    part = write_run(tmp_path / "part", scores=better(dog, "dog", 0.45), finished=("dog",))
    text = text_of(whole, part)
    assert "Sequences scored in both: 1." in text
    cells = [cell.strip() for line in text.splitlines() if line.startswith("| J&F ") for cell in line.split("|")]
    assert cells[2:5] == ["50.0", "55.0", "-5.0"]
    assert "cow" not in text.split("Speed")[0].split("Sequences scored")[1]


def test_repeats_that_differ_are_told_of(
    write_run: WriteRun, write_repeat: Callable[..., None], scores: DatasetScore, tmp_path: Path
) -> None:
    one, other = (write_run(tmp_path / name, scores=scores) for name in ("one", "other"))
    write_repeat(one, score=better(scores, "cow", 0.5))
    assert "first differ in sequence cow, frame 00001, the first is compared)\nB: " in text_of(one, other)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Its exit status, output and error output."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["compare", *map(str, arguments)])
        status = compare.main()
        return status, *capsys.readouterr()

    return call


def test_all_of_it_goes_into_json_and_every_object_into_csv(
    write_run: WriteRun,
    scores: DatasetScore,
    tmp_path: Path,
    command: Command,
) -> None:
    one = write_run(tmp_path / "one", scores=scores)
    other = write_run(tmp_path / "two", scores=better(scores, "dog", 0.45))
    files = (tmp_path / "all.json", tmp_path / "objects.csv")
    assert command(one.path, other.path, "--json", files[0], "--csv", files[1])[::2] == (0, "")
    everything = json.loads(files[0].read_bytes())
    assert len(everything["scores"]["objects"]) == 3
    assert everything["intervals"]["j"]["n"] == 2
    rows = list(csv.DictReader(io.StringIO(files[1].read_text())))
    assert [(row["sequence"], row["label"]) for row in rows] == [("cow", "1"), ("dog", "1"), ("dog", "2")]
    assert (float(rows[1]["j_a"]), float(rows[1]["j_b"])) == (0.25, 0.45)
    assert float(rows[1]["j_and_f_difference"]) == pytest.approx(-0.1)


def test_mistakes_end_with_one_line(write_run: WriteRun, tmp_path: Path, command: Command) -> None:
    run = write_run(tmp_path / "one")
    for arguments, line in (
        ((tmp_path, run.path), f"error: {tmp_path}: expected a run folder, found no run.json in it"),
        ((run.path, run.path, "--csv", tmp_path / "x"), "expected scores to write there, found none"),
        ((run.path, run.path, "--json", tmp_path / "no/x"), "x: cannot write there: No such file or directory"),
    ):
        status, _, errors = command(*arguments)
        assert status == 2
        assert line in errors
        assert errors.count("\n") == 1
    run.sequence_file("cow").write_text("{")
    assert command(run.path, run.path)[0] == 2


def test_runs_over_other_data_or_by_another_protocol_end_with_the_reason_and_status_2(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    scores: DatasetScore,
    tmp_path: Path,
    command: Command,
) -> None:
    run = write_run(tmp_path / "one", scores=scores)
    by_another = dataclasses.replace(scores, protocol=ScoringProtocol.DAVIS_2016)
    elsewhere = dataset_record(name="folder")
    changed = dataset_record(fingerprints=("0" * 64,), root="other")
    for number, (other, line) in enumerate(
        (
            ({"scores": by_another}, "error: expected scores by one protocol, found davis2017 and davis2016"),
            (
                {"scores": scores, "dataset": elsewhere},
                "error: expected runs on one dataset, found davis17_val and fol",
            ),
            (
                {"scores": scores, "dataset": changed},
                "error: expected runs on the same frames and prompts, found others in data/DAVIS than in other when",
            ),
        )
    ):
        folder = write_run(tmp_path / f"other-{number}", **other)
        status, _, errors = command(run.path, folder.path)
        assert status == 2
        assert errors.startswith(line)
        assert errors.count("\n") == 1


def test_runs_that_read_other_files_because_of_their_resolution_are_compared(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    scores: DatasetScore,
    tmp_path: Path,
    command: Command,
) -> None:
    larger = {"resolution": {"size": 720}}
    one = write_run(tmp_path / "one", scores=scores)
    other = write_run(tmp_path / "two", scores=scores, cell=larger, dataset=dataset_record(fingerprints=("0" * 64,)))
    assert command(one.path, other.path)[::2] == (0, "")


def test_a_run_that_was_not_scored_is_no_mistake(
    write_run: WriteRun,
    scores: DatasetScore,
    tmp_path: Path,
    command: Command,
) -> None:
    one, other = write_run(tmp_path / "one", scores=scores), write_run(tmp_path / "two")
    assert command(one.path, other.path)[::2] == (0, "")
    assert command(other.path, one.path)[::2] == (0, "")


def test_as_many_objects_are_shown_at_either_end_as_were_asked_for(
    write_run: WriteRun,
    scores: DatasetScore,
    tmp_path: Path,
    command: Command,
) -> None:
    one = write_run(tmp_path / "one", scores=scores)
    _, output, _ = command(one.path, one.path, "--objects", 1)
    assert [f"| {name} " in output for name in ("cow, 1", "dog, 1", "dog, 2")] == [True, False, True]


def test_the_command_needs_neither_torch_nor_pandas_to_print() -> None:
    code = "import sys, reports.compare; print({'torch', 'pandas', 'hydra'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
