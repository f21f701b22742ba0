"""Speed of sequences that were segmented together is of a contract of its own, and never meets that of single ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.all_runs import all_runs, clock_notes
from reports.cell_table import run_table
from reports.measured import Absent, measure
from reports.published import published_tables
from reports.records import SequenceRecord
from reports.result import Results, read_result, read_results
from reports.run_comparison import compare_runs
from reports.run_comparison_table import run_comparison_text
from reports.run_folder import RunFolder
from reports.timing import TimingContract, fps_values, step_contract

WriteRun = Callable[..., RunFolder]


@pytest.fixture
def write_offline(write_run: WriteRun, sequence_record: Callable[..., SequenceRecord]) -> WriteRun:
    def write(path: Path, **changes: object) -> RunFolder:
        records = [sequence_record(name, together=4) for name in ("cow", "dog")]
        return write_run(path, records=records, **changes)

    return write


def test_its_frames_are_of_the_contract_offline_alone(sequence_record: Callable[..., SequenceRecord]) -> None:
    alone, together = [sequence_record("cow")], [sequence_record("cow", together=2)]
    assert [step_contract([one]) for one in (alone, together)] == [TimingContract.XMEM, TimingContract.OFFLINE]
    for records, own, other in (
        (alone, TimingContract.XMEM, TimingContract.OFFLINE),
        (together, TimingContract.OFFLINE, TimingContract.XMEM),
    ):
        assert fps_values([records], own) == [5.0]
        assert fps_values([records], other) == []


def test_its_table_says_so(write_offline: WriteRun, tmp_path: Path) -> None:
    table = run_table(write_offline(tmp_path / "run"))
    assert "| **all**    |           |  3.33 |" in table
    assert "timing contract `offline`: as `xmem`, but several videos are stepped together" in table
    assert "timing contract `xmem`" not in table


def test_beside_others_it_has_a_column_of_its_own(write_offline: WriteRun, write_run: WriteRun, tmp_path: Path) -> None:
    write_run(tmp_path / "davis17_val/alone")
    before = read_results(tmp_path)
    assert "FPS (offline)" not in all_runs(before)
    assert not any("offline" in note for note in clock_notes(before))
    write_offline(tmp_path / "davis17_val/together")
    results = read_results(tmp_path)
    assert any(note.startswith("FPS (offline): ") for note in clock_notes(results))
    header, _, *rows = [line for line in all_runs(results).splitlines() if line.startswith("|")]
    headings = [cell.strip() for cell in header.strip("|").split("|")]
    cells = [dict(zip(headings, map(str.strip, row.strip("|").split("|")), strict=True)) for row in rows]
    assert [(one["FPS"], one["FPS (offline)"]) for one in cells] == [("3.33", "-"), ("-", "3.33")]


def test_no_published_speed_is_held_against_it(write_offline: WriteRun, tmp_path: Path) -> None:
    (table,) = (one for one in published_tables() if one.dataset == "davis17_val")
    result = read_result(write_offline(tmp_path / "run", name="xmem-fp32-480p"))
    assert isinstance(measure(table, table.rows[0], "FPS", results=Results(runs=(result,))), Absent)


def test_it_is_compared_with_its_like_only(write_offline: WriteRun, write_run: WriteRun, tmp_path: Path) -> None:
    one, other, alone = write_offline(tmp_path / "a"), write_offline(tmp_path / "b"), write_run(tmp_path / "c")
    like = run_comparison_text(compare_runs(one.path, other.path), rows=1)
    assert "Speed, timing contract `offline`: A 3.33 and B 3.33 frames per second, A is 1.00x as fast." in like
    unlike = run_comparison_text(compare_runs(one.path, alone.path), rows=1)
    assert "Speed was not compared: A was timed under contract `offline`, B under `xmem`." in unlike
