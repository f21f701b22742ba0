import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from evaluators import DatasetScore, OverallScore
from reports.all_runs import all_runs
from reports.records import (
    SCHEMA,
    CheckpointRecord,
    DatasetRecord,
    EnvironmentRecord,
    Lack,
    MergedPart,
    NotRunRecord,
    SequenceRecord,
)
from reports.result import Results, read_result, read_results
from reports.run_folder import RunFolder, not_run_file
from reports.timing import fps_text, throughput

WriteRun = Callable[..., RunFolder]

ROOT = Path(__file__).parents[2]


def page_of(root: Path) -> str:
    results = read_results(root)
    assert results.unread == ()
    return all_runs(results)


def test_a_page_has_a_table_for_each_dataset_and_a_row_for_each_run(
    write_run: WriteRun, dataset_record: Callable[..., DatasetRecord], scores: DatasetScore, tmp_path: Path
) -> None:
    write_run(tmp_path / "davis17_val/one", scores=scores)
    write_run(tmp_path / "davis17_val/two", finished=("cow",))
    other = dataset_record(name="davis16_val", available=20)
    write_run(tmp_path / "davis16_val/three", finished=(), dataset=other)
    page = page_of(tmp_path)
    assert [line for line in page.splitlines() if line.startswith("#")] == ["### davis16_val", "### davis17_val"]
    assert list(row_of(page, "one").items()) == [
        ("run", "one"),
        ("checkpoint", "XMem.pth"),
        ("INVALID for", "-"),
        ("sequences", "2 of 2"),
        ("scored", "2"),
        ("objects", "3"),
        ("J&F", "61.7"),
        ("J&F, interval", "50.0 to 85.0"),
        ("J", "51.7"),
        ("F", "71.7"),
        ("FPS", "3.33"),
        ("FPS (end_to_end)", "2.00"),
        ("device", "Some CPU"),
    ]
    assert [*row_of(page, "two").values()] == [
        *("two", "XMem.pth", "accuracy and performance", "1 of 2", "0"),
        *("-", "-", "-", "-", "-", "5.00", "2.00", "Some CPU"),
    ]
    assert [*row_of(page, "three").values()] == [
        *("three", "XMem.pth", "accuracy and performance", "0 of 20", "0", "-", "-", "-", "-", "-", "-", "Some CPU")
    ]
    assert page.endswith(
        "|\n\nJ&F, interval: 95% interval, percentile bootstrap over sequences, 10,000 resamples, seed 0.\n\n"
        "two: INVALID for accuracy and performance: 1 of 2 sequences were run."
    )


def row_of(page: str, start: str) -> dict[str, str]:
    """The only row whose first cell begins so, by heading; all other tables of the page must lack it."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    (row,) = (line for line in lines if line[0].startswith(start))
    headers = next(line for line in lines[lines.index(row) :: -1] if line[0] == "run")
    return dict(zip(headers, row, strict=True))


@pytest.mark.parametrize(
    ("changes", "of", "note"),
    [
        ({"complete_sequences": 2, "complete_frames": 4}, "2 of 2", None),
        ({"complete_sequences": 30}, "2 of 30", "the copy has 2 sequences instead of 30"),
        ({"complete_sequences": 2, "complete_frames": 9}, "2 of 2", "the copy has 4 frames instead of 9"),
        ({"available": 30, "complete_sequences": 30, "complete_frames": 1999}, "2 of 30", None),
    ],
    ids=["whole", "sequences are missing", "frames are missing", "a part was asked for"],
)
def test_a_dataset_says_how_far_it_is_complete(
    dataset_record: Callable[..., DatasetRecord], changes: dict[str, int], of: str, note: str | None
) -> None:
    dataset = dataset_record(**changes)
    assert (f"{len(dataset.sequences)} of {dataset.whole}", dataset.shortfall) == (of, note)


def test_an_incomplete_copy_of_a_dataset_does_not_pass_for_the_whole(
    write_run: WriteRun, dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> None:
    write_run(tmp_path / "davis17_val/one", dataset=dataset_record(complete_sequences=30))
    write_run(tmp_path / "davis17_val/two")
    page = page_of(tmp_path)
    assert row_of(page, "one")["sequences"] == "2 of 30"
    assert page.endswith("|\n\none: INVALID for accuracy and performance: the copy has 2 sequences instead of 30.")
    assert (row_of(page, "one")["INVALID for"], row_of(page, "two")["INVALID for"]) == ("accuracy and performance", "-")


def test_a_local_g_has_columns_that_say_so_in_the_tables_that_have_one(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    scores: DatasetScore,
    local_g: OverallScore,
    tmp_path: Path,
) -> None:
    youtube = dataset_record(name="youtube18_val", available=474)
    incomplete = dataclasses.replace(local_g, g=None, j_seen=None, f_seen=None, reason="nothing was seen")
    write_run(tmp_path / "youtube/one", scores=dataclasses.replace(scores, overall=local_g), dataset=youtube)
    write_run(tmp_path / "youtube/two", dataset=youtube)
    write_run(tmp_path / "youtube/three", scores=dataclasses.replace(scores, overall=incomplete), dataset=youtube)
    write_run(tmp_path / "davis/four", scores=scores)
    page = page_of(tmp_path)
    local = ["G (local)", "J-seen (local)", "F-seen (local)", "J-unseen (local)", "F-unseen (local)"]
    one, two, three = (row_of(page, name) for name in ("one", "two", "three"))
    assert [one[heading] for heading in local] == ["50.0", "37.5", "62.5", "25.0", "75.0"]
    assert [two[heading] for heading in local] == ["-"] * 5
    assert [three[heading] for heading in local] == ["-", "-", "-", "25.0", "75.0"]
    assert one["J&F"] == "61.7"
    assert not set(local) & row_of(page, "four").keys()
    davis, _, notes = page.partition("### youtube18_val")
    assert "local" not in davis
    assert "local: computed here, from the truth at hand" in notes
    assert "three: no G, because nothing was seen." in notes


def checkpoint(digit: int) -> CheckpointRecord:
    return CheckpointRecord(path=f"weights/run{digit}.pth", sha256=str(digit) * 64)


def test_training_runs_have_their_mean_and_deviation_beneath_them(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    for digit, name in enumerate("ace", 1):
        score = dataclasses.replace(scores, j_mean=0.5 + digit / 50, j_and_f=0.6, f_mean=0.7)
        write_run(tmp_path / "davis" / name, scores=score, checkpoint=checkpoint(digit))
    write_run(tmp_path / "davis/b", scores=scores, checkpoint=checkpoint(4), recipe="8" * 64)
    page = page_of(tmp_path)
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("|")]
    name = "xmem-fp32-480p: mean ± sample standard deviation (n = 3 training runs)"
    assert rows[2:] == ["a", "c", "e", name, "xmem-fp32-480p: median", "b"]
    mean, median = row_of(page, name), row_of(page, "xmem-fp32-480p: median")
    assert [mean[heading] for heading in ("J&F", "J", "F")] == ["60.0 ± 0.0", "54.0 ± 2.0", "70.0 ± 0.0"]
    assert [median[heading] for heading in ("J&F", "J", "F")] == ["60.0", "54.0", "70.0"]
    for row in (mean, median):
        assert [row[heading] for heading in ("checkpoint", "J&F, interval", "FPS", "FPS (end_to_end)")] == ["-"] * 4
        assert [row[heading] for heading in ("sequences", "scored", "objects")] == ["2 of 2", "2", "3"]


def test_a_repeat_of_one_checkpoint_is_no_training_run(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    for name, digit in {"a": 1, "b": 1}.items():
        write_run(tmp_path / "davis" / name, scores=scores, checkpoint=checkpoint(digit))
    assert "±" not in page_of(tmp_path)
    write_run(tmp_path / "davis/c", scores=scores, checkpoint=checkpoint(2))
    assert "(n = 2 training runs)" in page_of(tmp_path)


def test_a_checkpoint_that_was_exchanged_makes_no_training_runs(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    for digit in (1, 2, 3):
        record = CheckpointRecord(path=f"{digit}/{'other' if digit == 3 else 'XMem'}.pth", sha256=str(digit) * 64)
        write_run(tmp_path / f"davis/{digit}", scores=scores, checkpoint=record)
    page = page_of(tmp_path)
    assert "n = " not in page
    assert "No ± for xmem-fp32-480p: XMem.pth was not the same file in all of its runs." in page


def test_training_runs_without_scores_have_no_mean(write_run: WriteRun, tmp_path: Path) -> None:
    for digit in (1, 2):
        write_run(tmp_path / f"davis/{digit}", checkpoint=checkpoint(digit))
    assert "±" not in page_of(tmp_path)


def test_a_g_that_one_training_run_lacks_has_no_mean(
    write_run: WriteRun, scores: DatasetScore, local_g: OverallScore, tmp_path: Path
) -> None:
    for digit, overall in enumerate([local_g, dataclasses.replace(local_g, g=None, reason="unknown")], 1):
        score = dataclasses.replace(scores, overall=overall)
        write_run(tmp_path / f"davis/{digit}", scores=score, checkpoint=checkpoint(digit))
    mean = row_of(page_of(tmp_path), "xmem-fp32-480p: mean")
    assert (mean["G (local)"], mean["J-seen (local)"]) == ("-", "37.5 ± 0.0")


def test_a_page_without_runs_says_how_to_make_one() -> None:
    assert all_runs(Results()) == "No runs yet: `make demo` makes the first."


def test_merged_passes_name_the_devices_that_computed_them(
    write_run: WriteRun, environment: EnvironmentRecord, tmp_path: Path
) -> None:
    on_gpu = dataclasses.replace(environment, gpu="Some GPU", device="cuda")
    parts = tuple(MergedPart(digest="a" * 64, environment=one) for one in (on_gpu, environment, on_gpu))
    write_run(tmp_path / "davis17_val/one", merged_from=parts)
    assert row_of(page_of(tmp_path), "one")["device"] == "Some GPU, Some CPU"


def test_speed_is_frames_by_time_and_a_dash_where_nothing_was_stepped(
    sequence_record: Callable[..., SequenceRecord],
) -> None:
    cow, dog = sequence_record("cow"), sequence_record("dog")
    assert throughput([cow, dog]).fps == pytest.approx(4 / 1.2)
    assert [fps_text([records]) for records in ([cow], [dog], [cow, dog])] == ["5.00", "2.50", "3.33"]
    assert fps_text([[]]) == fps_text([[sequence_record("cow", milliseconds=(), memory=())]]) == "-"
    with pytest.raises(ValueError, match="at least one"):
        throughput([])


def test_a_long_sequence_weighs_more_in_speed_than_a_short_one(
    sequence_record: Callable[..., SequenceRecord],
) -> None:
    short, long = sequence_record("cow", milliseconds=(100.0,)), sequence_record("dog", milliseconds=(300.0,) * 3)
    assert fps_text([[short, long]]) == "4.00"  # by sequences, it would be 5.00


def test_cells_that_could_not_be_run_stand_under_their_dataset_with_the_reason(
    tmp_path: Path, write_run: Callable[..., RunFolder]
) -> None:
    write_run(tmp_path / "davis17_val" / "xmem-fp32-480p-aaaaaaaa")
    for dataset in ("davis17_val", "long_video"):
        record = NotRunRecord(
            schema=SCHEMA,
            lack=Lack.SCORES if dataset == "long_video" else Lack.RUN,
            name="xmem_s2-fp32-480p",
            dataset=dataset,
            checkpoint="XMem-s2.pth",
            reason="weights/XMem-s2.pth: expected the checkpoint, found no such file",
            command="python -m benchmarks.run -m",
            tried="2026-01-01T00:00:00+00:00",
            cell={},
        )
        path = not_run_file(tmp_path, dataset=dataset, name=record.name, checkpoint=record.checkpoint)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(msgspec.json.encode(record))
    line = "xmem_s2-fp32-480p (XMem-s2.pth): weights/XMem-s2.pth: expected the checkpoint, found no such file"
    with_runs, without = page_of(tmp_path).split("### long_video")
    assert with_runs.endswith(f"|\n\n- not run: {line}\n\n")
    assert without == f"\n\n- not scored: {line}"


def test_repeats_that_differ_have_one_figure_in_the_row_of_their_run_and_in_the_mean_beneath(
    write_run: WriteRun, write_repeat: Callable[..., None], scores: DatasetScore, tmp_path: Path
) -> None:
    for digit, j_and_f in enumerate([0.6, 0.64]):
        checkpoint = CheckpointRecord(path=f"{digit}.pth", sha256=str(digit) * 64)
        score = dataclasses.replace(scores, j_and_f=j_and_f)
        run = write_run(tmp_path / f"davis17_val/run{digit}", scores=score, checkpoint=checkpoint)
    write_repeat(run, score=dataclasses.replace(scores, j_and_f=0.66))
    page = page_of(tmp_path)
    assert "| 65.0 ± 1.4 |" in page
    assert "| 62.5 ± 3.5 |" in page
    assert "J&F 65.0 ± 1.4, mean ± sample standard deviation (n = 2 repeats that differ)." in page


def test_only_repeats_whose_masks_differ_have_scores_of_their_own(
    write_run: WriteRun, write_repeat: Callable[..., None], scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", scores=scores)
    other = dataclasses.replace(scores, j_and_f=0.9)
    write_repeat(run, number=2)
    assert read_result(run).scores == [scores]
    write_repeat(run, number=3, score=other)
    run.repeat(2).scores_file.write_bytes(msgspec.json.encode(other))  # left by masks that are gone
    assert read_result(run).scores == [scores, scores, other]
