"""Variants that the published page does not have, beneath those that it has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.measured import Absent, Measured
from reports.published import published_tables
from reports.published_comparison import ComparedRow, compare_tables
from reports.records import SCHEMA, DatasetRecord, Lack, NotRunRecord, RunRecord
from reports.result import Results, read_results
from reports.run_folder import RunFolder
from reports.verdict import Verdict

WriteRun = Callable[..., RunFolder]


@pytest.fixture
def write_own(write_run: WriteRun, run_record: Callable[..., RunRecord], tmp_path: Path) -> Callable[..., None]:
    """Write a run of a variant of ours; what it is of besides is in the name of its cell."""

    def write(cell: str, /, *, untrained: dict[str, int] | None = None, **changes: object) -> None:
        variant = {"name": cell.partition("-")[0], "checkpoints": ["own.safetensors"], "untrained": untrained or {}}
        dataset = changes.get("dataset", run_record().dataset)
        assert isinstance(dataset, DatasetRecord)
        path = tmp_path / dataset.name / cell
        write_run(path, name=cell, cell={**run_record().cell, "variant": variant}, **changes)

    return write


def unlisted_rows(results: Results) -> dict[str, list[ComparedRow]]:
    """Of each table that has some, by its dataset."""
    tables = {table.dataset: [row for row in table.rows if not row.listed] for table in compare_tables(results)}
    return {dataset: rows for dataset, rows in tables.items() if rows}


def test_a_variant_that_the_page_does_not_have_gets_a_row_in_the_table_whose_settings_it_was_run_at(
    write_own: Callable[..., None], scores: DatasetScore, tmp_path: Path
) -> None:
    before = compare_tables(Results())
    write_own("mine-fp32-480p", scores=scores)
    write_own("another-amp-480p")
    results = read_results(tmp_path)
    ((dataset, (another, mine)),) = unlisted_rows(results).items()
    assert (dataset, another.variant, mine.variant, mine.resolution) == ("davis17_val", "another", "mine", "480p")
    figures = {figure.column: figure for figure in mine.figures}
    assert list(figures) == ["J&F", "J", "F", "FPS", "FPS (AMP)"]
    assert isinstance(figures["J&F"].measured, Measured)
    assert figures["J&F"].measured.spread.mean == pytest.approx(100 * scores.j_and_f)
    assert {(one.published, one.difference, one.verdict) for one in mine.figures} == {
        (None, None, Verdict.NOT_PUBLISHED)
    }
    assert [isinstance(one.measured, Measured) for one in mine.figures] == [True] * 4 + [False]
    assert [isinstance(one.measured, Measured) for one in another.figures] == [False] * 4 + [True]
    for table, with_own in zip(before, compare_tables(results), strict=True):
        assert with_own.rows[: len(table.rows)] == table.rows


def test_runs_at_other_settings_or_with_drawn_weights_get_no_row(
    write_own: Callable[..., None], dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> None:
    for cell in ("mine-bf16-480p", "mine-fp32-600p", "mine-fp32-480p-top_k_20", "xmem-fp32-480p"):
        write_own(cell)
    write_own("drawn-fp32-480p", untrained={"key_dim": 8})
    write_own("mine-fp32-480p", dataset=dataset_record(name="demo"))
    write_own("mine-fp32-480p", dataset=dataset_record(name="long_video"))
    assert unlisted_rows(read_results(tmp_path)) == {}
    write_own("mine-fp32-native", dataset=dataset_record(name="long_video"))
    assert set(unlisted_rows(read_results(tmp_path))) == {"long_video"}


def test_a_variant_that_one_table_has_may_be_unlisted_in_another(
    write_own: Callable[..., None], dataset_record: Callable[..., DatasetRecord], tmp_path: Path
) -> None:
    for dataset in ("davis17_val", "davis16_val"):
        write_own("xmem_no_sensory-fp32-480p", dataset=dataset_record(name=dataset))
    assert set(unlisted_rows(read_results(tmp_path))) == {"davis16_val"}


def test_a_part_of_the_dataset_is_said_to_be_that(
    write_own: Callable[..., None], dataset_record: Callable[..., DatasetRecord], scores: DatasetScore, tmp_path: Path
) -> None:
    write_own("mine-fp32-480p", scores=scores, dataset=dataset_record(complete_sequences=20))
    ((row,),) = unlisted_rows(read_results(tmp_path)).values()
    reason = "mine-fp32-480p: the copy has 2 sequences instead of 20"
    expected = [(Absent(lack=Lack.VALIDITY, reason=reason), Verdict.INVALID)] * 4
    assert [(one.measured, one.verdict) for one in row.figures[:4]] == expected


def test_what_could_not_be_run_gets_no_row_but_is_told_in_one_that_is_there(
    write_own: Callable[..., None], scores: DatasetScore, tmp_path: Path
) -> None:
    record = NotRunRecord(
        schema=SCHEMA,
        lack=Lack.RUN,
        name="mine-amp-480p",
        dataset="davis17_val",
        checkpoint="own.safetensors",
        reason="float16 is for CUDA",
        command="python -m benchmarks.run",
        tried="2026-01-01T00:00:00+00:00",
        cell={},
    )
    assert unlisted_rows(Results(not_run=(record,))) == {}
    write_own("mine-fp32-480p", scores=scores)
    ((row,),) = unlisted_rows(Results(runs=read_results(tmp_path).runs, not_run=(record,))).values()
    assert row.figures[-1].verdict is Verdict.NOT_RUN
    assert row.figures[-1].measured == Absent(lack=Lack.RUN, reason="float16 is for CUDA")


def test_a_table_has_the_resolution_that_most_of_its_rows_have() -> None:
    assert [table.resolution for table in published_tables()] == ["native"] * 2 + ["480p"] * 5
