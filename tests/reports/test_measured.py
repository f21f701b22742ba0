"""Which runs a published figure is held against."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from evaluators import DatasetScore, OverallScore
from reports.measured import Absent, Measured, Origin, measure
from reports.published import PublishedTable, published_tables
from reports.records import SCHEMA, CheckpointRecord, DatasetRecord, Lack, NotRunRecord, SequenceRecord
from reports.result import Results, read_result
from reports.run_folder import RunFolder
from reports.server import DavisFigures, ServerRecord, combine_hashes
from reports.spread import Source

WriteRun = Callable[..., RunFolder]
WriteRepeat = Callable[..., None]
TABLES = {table.dataset: table for table in published_tables()}
DAVIS = TABLES["davis17_val"]


def figure(
    folders: list[RunFolder],
    column: str = "J&F",
    *,
    table: PublishedTable = DAVIS,
    not_run: tuple[NotRunRecord, ...] = (),
) -> Measured | Absent:
    """What was measured of the first row, xmem."""
    runs = tuple(read_result(folder) for folder in folders)
    return measure(table, table.rows[0], column, results=Results(runs=runs, not_run=not_run))


def test_the_figure_is_that_of_the_run_of_this_very_cell(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "davis17_val/a", scores=scores)
    others = [
        write_run(tmp_path / "davis17_val" / name, scores=scores, name=name)
        for name in ("xmem-bf16-480p", "xmem-fp32-600p", "xmem_s2-fp32-480p", "xmem-fp32-480p-top_k_20")
    ]
    found = figure([run, *others])
    assert isinstance(found, Measured)
    assert (found.runs, found.origin, found.devices) == (("a",), Origin.HERE, "Some CPU")
    assert found.spread.mean == pytest.approx(100 * scores.j_and_f)
    assert (found.spread.n, found.spread.std) == (1, None)
    assert figure(others) == Absent(
        lack=Lack.RUN, reason="there is no run xmem-fp32-480p yet", untried="xmem-fp32-480p"
    )


def test_speeds_are_those_of_their_own_precision(write_run: WriteRun, tmp_path: Path) -> None:
    runs = [write_run(tmp_path / "a/x"), write_run(tmp_path / "a/y", finished=(), name="xmem-amp-480p")]
    for name, column in (("xmem-fp32-480p", "FPS"), ("xmem-amp-480p", "FPS (AMP)")):
        found = figure([write_run(tmp_path / "b" / name, name=name)], column)
        assert isinstance(found, Measured)
        assert (found.spread.mean, found.spread.source, found.origin) == (
            pytest.approx(4 / 1.2),
            Source.TIMING,
            Origin.CLOCK,
        )
    absent = figure(runs, "FPS (AMP)")
    assert absent == Absent(lack=Lack.VALIDITY, reason="y: 0 of 2 sequences were run")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"complete_sequences": 30}, "run: the copy has 2 sequences instead of 30"),
        ({"complete_sequences": 2, "complete_frames": 5}, "run: the copy has 4 frames instead of 5"),
        ({"available": 30, "complete_sequences": 30}, "run: 2 of 30 sequences were run"),
    ],
)
def test_a_run_over_less_than_the_dataset_stays_out_with_its_reason(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    tmp_path: Path,
    changes: dict[str, int],
    reason: str,
) -> None:
    run = write_run(tmp_path / "run", dataset=dataset_record(**changes))
    assert figure([run], "FPS") == figure([run]) == Absent(lack=Lack.VALIDITY, reason=reason)


def test_a_disturbed_clock_keeps_speeds_out_and_accuracies_in(
    write_run: WriteRun, sequence_record: Callable[..., SequenceRecord], scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", scores=scores)
    use = sequence_record("cow").use
    assert use is not None
    busy = sequence_record("cow", use=dataclasses.replace(use, others_seconds=1.0))
    run.sequence_file("cow").write_bytes(msgspec.json.encode(busy))
    assert isinstance(figure([run]), Measured)
    absent = figure([run], "FPS")
    reason = "run: shared device: other processes took 25% of the CPU time (allowed: 10%)"
    assert absent == Absent(lack=Lack.VALIDITY, reason=reason)
    assert figure([run, write_run(tmp_path / "quiet")], "FPS") != absent


def test_deterministic_repeats_are_values_of_speed_and_not_of_accuracy(
    write_run: WriteRun, write_repeat: WriteRepeat, scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", scores=scores)
    write_repeat(run, milliseconds=(100.0,))
    speed, accuracy = figure([run], "FPS"), figure([run])
    assert isinstance(speed, Measured)
    assert isinstance(accuracy, Measured)
    assert (speed.spread.n, speed.spread.source) == (2, Source.TIMING)
    assert speed.spread.mean == pytest.approx((4 / 1.2 + 10) / 2)
    assert (accuracy.spread.n, accuracy.spread.std) == (1, None)


def test_repeats_that_differ_are_values_of_accuracy(
    write_run: WriteRun, write_repeat: WriteRepeat, scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", scores=dataclasses.replace(scores, j_and_f=0.6))
    write_repeat(run, score=dataclasses.replace(scores, j_and_f=0.62))
    found = figure([run])
    assert isinstance(found, Measured)
    assert (found.spread.n, found.spread.source) == (2, Source.REPEATS)
    assert (found.spread.mean, found.spread.median) == (pytest.approx(61.0), pytest.approx(61.0))


def test_training_runs_have_a_mean_and_the_newest_recipe_counts(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    runs = []
    for digit, (j_and_f, recipe, year) in enumerate([(0.2, "8", 2025), (0.6, "7", 2024), (0.64, "7", 2026)]):
        runs.append(
            write_run(
                tmp_path / str(digit),
                scores=dataclasses.replace(scores, j_and_f=j_and_f),
                checkpoint=CheckpointRecord(path=f"{digit}.pth", sha256=str(digit) * 64),
                recipe=recipe * 64,
                started=f"{year}-01-01T00:00:00+00:00",
            )
        )
    found = figure(runs)
    assert isinstance(found, Measured)
    assert set(found.runs) == {"1", "2"}
    assert (found.spread.mean, found.spread.n, found.spread.source) == (pytest.approx(62.0), 2, Source.TRAINING_RUNS)


def test_the_repeats_of_a_training_run_count_as_one_value(
    write_run: WriteRun, write_repeat: WriteRepeat, scores: DatasetScore, tmp_path: Path
) -> None:
    runs = []
    for digit, j_and_f in enumerate([0.6, 0.64]):
        checkpoint = CheckpointRecord(path=f"{digit}.pth", sha256=str(digit) * 64)
        score = dataclasses.replace(scores, j_and_f=j_and_f)
        runs.append(write_run(tmp_path / str(digit), scores=score, checkpoint=checkpoint))
    write_repeat(runs[0], score=dataclasses.replace(scores, j_and_f=0.62))
    found = figure(runs)
    assert isinstance(found, Measured)
    assert (found.spread.mean, found.spread.n, found.spread.source) == (pytest.approx(62.5), 2, Source.TRAINING_RUNS)


def test_of_two_runs_of_a_checkpoint_the_later_counts_whatever_their_time_zones(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    late = write_run(tmp_path / "late", scores=scores, started="2026-01-01T05:00:00+00:00")
    early = write_run(tmp_path / "early", scores=scores, started="2026-01-01T10:00:00+09:00")
    for runs in ([late, early], [early, late]):
        found = figure(runs)
        assert isinstance(found, Measured)
        assert found.runs == ("late",)


def test_of_two_recipes_the_later_counts_whatever_their_time_zones(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    late = write_run(tmp_path / "late", scores=scores, recipe="8" * 64, started="2026-01-01T05:00:00+00:00")
    early = write_run(tmp_path / "early", scores=scores, started="2026-01-01T10:00:00+09:00")
    for runs in ([late, early], [early, late]):
        found = figure(runs)
        assert isinstance(found, Measured)
        assert found.runs == ("late",)


def test_of_runs_that_are_all_invalid_the_newest_gives_its_reason(
    write_run: WriteRun, dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> None:
    dataset = dataset_record(complete_sequences=30)
    old = write_run(tmp_path / "old", dataset=dataset, started="2025-12-31T23:00:00-12:00")
    new = write_run(tmp_path / "new", dataset=dataset, started="2026-01-01T12:00:00+00:00")
    reason = "new: the copy has 2 sequences instead of 30"
    assert figure([new, old]) == figure([old, new]) == Absent(lack=Lack.VALIDITY, reason=reason)


def test_a_run_that_was_not_scored_says_so(
    write_run: WriteRun, dataset_record: Callable[..., DatasetRecord], scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run")
    assert figure([run]) == Absent(lack=Lack.SCORES, reason="run: not every sequence was scored")
    partly = write_run(tmp_path / "part", scores=dataclasses.replace(scores, sequences=scores.sequences[:1]))
    assert figure([partly]) == Absent(lack=Lack.SCORES, reason="part: not every sequence was scored")
    served = write_run(tmp_path / "served", dataset=dataset_record(submission="davis"))
    assert figure([served]) == Absent(lack=Lack.SERVER, reason="served: no answer of the evaluation server is recorded")


@pytest.mark.parametrize("lack", [Lack.RUN, Lack.SCORES])
def test_a_cell_that_could_not_be_run_gives_its_reason(lack: Lack) -> None:
    record = NotRunRecord(
        schema=SCHEMA,
        lack=lack,
        name="xmem-fp32-480p",
        dataset="davis17_val",
        checkpoint="XMem.pth",
        reason="no weights",
        command="",
        tried="2026-01-01T00:00:00+00:00",
        cell={},
    )
    assert figure([], not_run=(record,)) == Absent(lack=lack, reason="no weights")
    other = dataclasses.replace(record, dataset="davis16_val")
    assert figure([], not_run=(other,)) == Absent(
        lack=Lack.RUN, reason="there is no run xmem-fp32-480p yet", untried="xmem-fp32-480p"
    )


def test_the_servers_figure_goes_before_one_that_was_computed_here(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run", scores=scores)
    answer = ServerRecord(
        recorded="2026-01-01T00:00:00+00:00",
        masks_sha256=combine_hashes({"cow": "d" * 64, "dog": "d" * 64}),
        text="J&F: 0.81",
        text_sha256="0" * 64,
        units={"j_and_f": 0.01},
        davis=DavisFigures(j_and_f=0.81),
    )
    run.server_file.write_bytes(msgspec.json.encode(answer))
    found, here = figure([run]), figure([run], "J")
    assert isinstance(found, Measured)
    assert isinstance(here, Measured)
    assert (found.spread.mean, found.origin) == (pytest.approx(81.0), Origin.SERVER)
    assert here.origin is Origin.HERE


def test_a_local_g_is_marked_as_such(
    write_run: WriteRun,
    dataset_record: Callable[..., DatasetRecord],
    scores: DatasetScore,
    local_g: OverallScore,
    tmp_path: Path,
) -> None:
    youtube = dataset_record(name="youtube18_val")
    run = write_run(tmp_path / "run", scores=dataclasses.replace(scores, overall=local_g), dataset=youtube)
    for column, value in (("G", 50.0), ("J-Seen", 37.5), ("F-Unseen", 75.0)):
        found = figure([run], column, table=TABLES["youtube18_val"])
        assert isinstance(found, Measured)
        assert (found.spread.mean, found.origin) == (value, Origin.LOCAL)


def test_what_a_run_lacks_is_said_of_its_result(write_run: WriteRun, tmp_path: Path) -> None:
    result = read_result(write_run(tmp_path / "run"))
    assert (result.lack, result.checkpoint, result.name) == (None, "XMem.pth", "run")
