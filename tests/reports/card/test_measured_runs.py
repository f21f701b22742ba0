"""Which runs a card speaks of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.card.measured_runs import MeasuredRuns, measured_runs
from reports.card.record import CardError, SequenceFigures
from reports.card.weights import describe_weights
from reports.records import CheckpointRecord, EnvironmentRecord
from reports.result import read_results
from reports.run_folder import RunFolder

WriteOwn = Callable[..., RunFolder]


@pytest.fixture
def found(weights: Path, tmp_path: Path) -> Callable[[], MeasuredRuns]:
    return lambda: measured_runs(read_results(tmp_path / "runs").runs, describe_weights(weights))


def test_a_run_is_told_of_with_each_of_its_sequences(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("demo/one", scores=scores)
    runs = found()
    (run,) = runs.measured
    assert (run.dataset, run.split, run.precision, run.resolution, run.memory) == ("demo", 2, "fp32", "480p", ())
    assert (run.device, run.digest, run.commit, run.modified) == ("Some CPU", "a" * 64, "0123abc", False)
    assert (run.j_and_f, run.j, run.f) == (scores.j_and_f, scores.j_mean, scores.f_mean)
    cow = scores.sequences[0].j_and_f
    assert run.sequences == (
        SequenceFigures(name="cow", objects=1, j_and_f=cow, j=0.8, f=0.9),
        SequenceFigures(name="dog", objects=2, j_and_f=0.5, j=0.375, f=0.625),
    )
    assert (run.notes, runs.ignored) == ((), ())


def test_memory_settings_that_are_not_the_usual_ones_are_told(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    name = "xmem_tiny-fp32-720p+720p_flip-top_k_20-long_term_False"
    write_own("demo/one", scores=scores, name=name)
    (run,) = found().measured
    assert (run.resolution, run.memory) == ("720p+720p_flip", ("top_k_20", "long_term_False"))


def test_a_part_of_a_split_is_measured_as_a_part(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("davis16_val/one", scores=scores, dataset={"complete_sequences": 20})
    (run,) = found().measured
    assert (len(run.sequences), run.split) == (2, 20)
    assert run.notes == ("Not the whole dataset: the copy has 2 sequences instead of 20.",)


def test_that_repeats_had_the_same_masks_is_told(
    write_own: WriteOwn, write_repeat: Callable[..., None], scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_repeat(write_own("demo/one", scores=scores))
    (run,) = found().measured
    assert run.notes == ("Masks of repeats: deterministic, n = 2.",)


def test_runs_of_other_weights_are_ignored_each_with_a_line(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns], weights: Path
) -> None:
    write_own("demo/one", scores=scores)
    other = CheckpointRecord(path="xmem_tiny.safetensors", sha256="0" * 64)
    write_own("demo/other", scores=scores, checkpoint=other)
    runs = found()
    assert len(runs.measured) == 1
    own = describe_weights(weights).sha256[:8]
    assert runs.ignored == (f"demo/other: ignored: of other weights (SHA-256 00000000..., not {own}...)",)


def test_runs_of_other_variants_are_ignored_in_one_line(
    write_own: WriteOwn,
    write_run: Callable[..., RunFolder],
    scores: DatasetScore,
    found: Callable[[], MeasuredRuns],
    tmp_path: Path,
) -> None:
    write_own("demo/one", scores=scores)
    for name in ("two", "three"):
        write_run(tmp_path / "runs/demo" / name, scores=scores)
    assert found().ignored == ("2 runs of other variants than xmem_tiny: ignored",)


def test_a_run_that_is_not_finished_is_ignored(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("demo/one", scores=scores)
    write_own("demo/part", finished=("cow",))
    assert found().ignored == ("demo/part: ignored: 1 of 2 sequences finished; run the cell again to continue",)


def test_a_run_without_a_score_of_every_sequence_is_ignored(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("demo/one", scores=scores)
    write_own("demo/part", scores=replace(scores, sequences=scores.sequences[:1]), started="2026-02-01T00:00:00+00:00")
    write_own("demo/unscored", started="2026-02-01T00:00:00+00:00")
    runs = found()
    assert len(runs.measured) == 1
    assert runs.ignored == tuple(f"demo/{one}: ignored: not every sequence was scored" for one in ("part", "unscored"))


def test_videos_of_ones_own_are_on_no_card(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("demo/one", scores=scores)
    write_own("folder/one", scores=scores)
    assert found().ignored == ("folder/one: ignored: over videos of one's own, which nobody else can check",)


def test_of_one_cell_the_newest_run_counts_whatever_its_score(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    write_own("demo/better", scores=scores, started="2026-01-01T00:00:00+00:00")
    write_own("demo/newer", scores=replace(scores, j_and_f=0.1), started="2026-01-02T00:00:00+00:00")
    runs = found()
    assert [one.j_and_f for one in runs.measured] == [0.1]
    assert runs.ignored == ("demo/better: ignored: newer is of the same cell, and newer",)


def test_other_settings_devices_and_sequences_are_cells_of_their_own(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns], environment: EnvironmentRecord
) -> None:
    write_own("davis16_val/one", scores=scores)
    write_own("davis16_val/two", scores=scores, name="xmem_tiny-fp32-720p")
    write_own("davis16_val/three", scores=scores, environment=replace(environment, cpu="Another CPU"))
    cow = replace(scores, sequences=scores.sequences[:1])
    write_own("davis16_val/four", scores=cow, finished=("cow",), dataset={"sequences": ("cow",)})
    write_own("demo/five", scores=scores)
    runs = found()
    assert [one.dataset for one in runs.measured] == ["davis16_val"] * 4 + ["demo"]
    assert runs.ignored == ()


def test_no_run_of_these_weights_is_an_error_that_says_how_to_make_one(
    write_own: WriteOwn, scores: DatasetScore, found: Callable[[], MeasuredRuns]
) -> None:
    remedy = r"; make one: python -m benchmarks.run variant=xmem_tiny dataset=demo$"
    with pytest.raises(
        CardError, match=r"^expected a finished run of xmem_tiny.safetensors .*found none at all" + remedy
    ):
        found()
    write_own("demo/other", scores=scores, checkpoint=CheckpointRecord(path="x", sha256="0" * 64))
    with pytest.raises(CardError, match=r"found demo/other: ignored: of other weights .*" + remedy):
        found()
