from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evaluators import DatasetScore
from reports.all_runs import all_runs
from reports.cell_table import run_table
from reports.consistency import GivenFigure
from reports.result import read_results
from reports.run_folder import RunFolder, RunFolderError
from reports.server import DavisFigures, ServerRecord, SubmissionRecord, YouTubeVosFigures, combine_hashes
from reports.server_table import server_table

WriteRun = Callable[..., RunFolder]

MASKS = combine_hashes({"cow": "d" * 64, "dog": "d" * 64})  # of the sequences in conftest.py
FIGURES = DavisFigures(j_and_f=0.81, j=0.774, f=0.846)
UNITS = {"j_and_f": 0.001, "j": 0.001, "f": 0.001}


def answer(**changes: Any) -> ServerRecord:
    values = {
        "recorded": "2026-01-01T00:00:00+00:00",
        "masks_sha256": MASKS,
        "text": "J&F: 0.81",
        "text_sha256": "e" * 64,
        "units": UNITS,
        "davis": FIGURES,
    }
    return ServerRecord(**(values | changes))


def write_answer(folder: RunFolder, record: ServerRecord) -> None:
    folder.server_file.write_bytes(msgspec.json.encode(record))


def test_what_was_submitted_and_answered_is_read_as_it_was_written(write_run: WriteRun, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    assert (folder.read_submission(), folder.read_server()) == (None, None)
    submission = SubmissionRecord(
        dataset="davis17_test_dev",
        format="davis",
        written="2026-01-01T00:00:00+00:00",
        zip="submission.zip",
        zip_sha256="a" * 64,
        masks=4,
        masks_sha256=MASKS,
    )
    folder.submission_file.write_bytes(msgspec.json.encode(submission))
    write_answer(folder, answer())
    assert (folder.read_submission(), folder.read_server()) == (submission, answer())


def test_an_answer_to_other_masks_is_refused(write_run: WriteRun, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    write_answer(folder, answer(masks_sha256="0" * 64))
    with pytest.raises(RunFolderError, match=f"^{folder.server_file}: expected the server's answer to the masks of"):
        folder.read_server()
    write_answer(folder, answer())
    folder.sequence_file("dog").unlink()
    with pytest.raises(RunFolderError, match="found that to others"):
        run_table(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"davis": null}'])
def test_damaged_records_are_named(write_run: WriteRun, tmp_path: Path, content: bytes) -> None:
    folder = write_run(tmp_path / "run")
    folder.server_file.write_bytes(content)
    folder.submission_file.write_bytes(content)
    with pytest.raises(RunFolderError, match=r"server\.json: expected a ServerRecord"):
        folder.read_server()
    with pytest.raises(RunFolderError, match=r"submission\.json: expected a SubmissionRecord"):
        folder.read_submission()


def test_an_answer_is_that_of_one_server() -> None:
    assert list(answer().figures) == ["J&F", "J", "F"]
    overall = answer(
        davis=None, youtube_vos=YouTubeVosFigures(g=0.5, f_unseen=0.25), units={"g": 0.1, "f_unseen": 0.01}
    )
    assert overall.figures == {"G": 0.5, "J-seen": None, "F-seen": None, "J-unseen": None, "F-unseen": 0.25}
    for both in (FIGURES, None):
        with pytest.raises(ValueError, match=r"expected figures of DAVIS or of YouTube-VOS"):
            answer(davis=both, youtube_vos=None if both is None else YouTubeVosFigures())


def test_every_figure_has_the_unit_of_its_last_digit(write_run: WriteRun, tmp_path: Path) -> None:
    assert answer().given["F"] == GivenFigure(value=0.846, unit=0.001)
    with pytest.raises(ValueError, match=r"expected units of the figures that were given, found those of \['f', 'j'\]"):
        answer(units={"j": 0.001, "f": 0.001})
    folder = write_run(tmp_path / "run")
    folder.server_file.write_bytes(msgspec.json.encode(answer()).replace(b'"j":0.001', b'"g":0.001'))
    with pytest.raises(
        RunFolderError, match=r"server\.json: expected a ServerRecord .*found those of \['f', 'g', 'j_and"
    ):
        folder.read_server()


def test_a_servers_figures_stand_below_those_computed_here_and_leave_them_alone(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "davis17_val/run", scores=scores)
    table, page = run_table(folder), all_runs(read_results(tmp_path))
    write_answer(folder, answer())
    assert run_table(folder) == f"{table}\n{server_table({'run': answer()})}\n"
    assert all_runs(read_results(tmp_path)) == f"{page}\n\n{server_table({'run': answer()})}"


def test_the_hash_over_all_masks_depends_on_names_but_not_on_their_order() -> None:
    assert combine_hashes({"a": "1", "b": "2"}) == combine_hashes({"b": "2", "a": "1"})
    assert len({combine_hashes({"a": "1", "b": "2"}), combine_hashes({"a": "2", "b": "1"}), combine_hashes({})}) == 3
