"""`python -m benchmarks.page`: from run folders to a file that a browser opens."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.all_runs import all_runs
from reports.result import read_results

if TYPE_CHECKING:
    from playwright.sync_api import Page

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path) -> Path:
    """A finished and scored run over `cow` (5 frames) and `dog` (6, two objects)."""
    status, _, errors = entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}")
    assert (status, errors) == (0, "")
    (folder,) = (tmp_path / "runs/folder").iterdir()
    return folder


@pytest.mark.usefixtures("run")
def test_one_line_says_where_the_page_is_and_how_large(entry_point: EntryPoint, tmp_path: Path) -> None:
    output = tmp_path / "new/page.html"
    status, line, errors = entry_point("page", f"output={output}", f"paths.runs={tmp_path}/runs")
    assert (status, errors) == (0, "")
    assert line == f"{output}: {output.stat().st_size / 1e6:.1f} MB, 1 run\n"


@pytest.mark.browser
def test_figures_on_the_page_are_those_of_results_md_and_of_scores_json(
    entry_point: EntryPoint, run: Path, open_page: "Callable[..., Page]", tmp_path: Path
) -> None:
    output = tmp_path / "report.html"
    assert entry_point("page", f"output={output}", f"paths.runs={tmp_path}/runs")[0] == 0
    page = open_page(output)
    page.wait_for_function("document.getElementById('canvas').dataset.painted")
    scores = json.loads((run / "scores.json").read_bytes())
    row = page.locator("#runs tbody tr").first.locator("th, td").all_inner_texts()
    assert f"{100 * scores['j_and_f']:.1f}" in row
    (line,) = (
        one for one in all_runs(read_results(tmp_path / "runs")).splitlines() if one.startswith(f"| {run.name} ")
    )
    assert row == [cell.strip() for cell in line.strip("|").split("|")]
    shown = {one.split()[0]: one.split()[1:] for one in page.locator("#rows button").all_inner_texts()}
    for one in scores["sequences"]:
        assert shown[one["name"]] == [f"{100 * one[key]:.1f}" for key in ("j_and_f", "j_mean", "f_mean")]
    page.keyboard.press("ArrowRight")
    cow = next(one for one in scores["sequences"] if one["name"] == "cow")["objects"][0]
    j, f = cow["j"][cow["frames"].index("00002")], cow["f"][cow["frames"].index("00002")]
    figures = page.locator("#readout tbody td").all_inner_texts()
    assert figures == [f"{100 * value:.1f}" for value in ((j + f) / 2, j, f)]


def test_without_runs_the_published_tables_are_written(entry_point: EntryPoint, tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    status, line, errors = entry_point("page", f"output={output}", f"paths.runs={tmp_path}/none")
    assert (status, errors) == (0, "")
    assert line.endswith(" MB, 0 runs\n")
    assert "make demo" in output.read_text()


def test_a_run_whose_data_have_gone_is_on_the_page_with_the_reason(
    entry_point: EntryPoint, run: Path, videos: Path, tmp_path: Path
) -> None:
    shutil.rmtree(videos)
    output = tmp_path / "report.html"
    status, _, errors = entry_point("page", f"output={output}", f"paths.runs={tmp_path}/runs")
    assert (status, errors) == (0, "")
    page = output.read_text()
    assert run.name in page
    assert f"{videos}/JPEGImages: expected a folder of own videos, found none; name the folder that holds your" in page


def test_only_an_option_that_is_used_is_taken(entry_point: EntryPoint, tmp_path: Path) -> None:
    status, _, errors = entry_point("page", f"output={tmp_path}/report.html", "paths.data=elsewhere")
    assert status == 2
    assert "paths.data" in errors
    assert errors.count("\n") == 1


def test_scores_of_frames_that_were_not_run_are_named(entry_point: EntryPoint, run: Path, tmp_path: Path) -> None:
    scores = run / "scores.json"
    scores.write_text(scores.read_text().replace('"00003"', '"99999"'))
    status, _, errors = entry_point("page", f"output={tmp_path}/report.html", f"paths.runs={tmp_path}/runs")
    assert status == 3
    assert errors.startswith(f"error: {scores}: expected scores of frames that the run wrote, found frame 99999 of cow")
    assert errors.count("\n") == 2


def test_a_record_that_cannot_be_read_is_named_and_the_status_says_so(
    entry_point: EntryPoint, run: Path, tmp_path: Path
) -> None:
    (run / "run.json").write_text("{}")
    output = tmp_path / "report.html"
    status, line, errors = entry_point("page", f"output={output}", f"paths.runs={tmp_path}/runs")
    assert status == 3
    assert line.endswith(" MB, 0 runs\n")
    first, last = errors.splitlines()
    assert first.startswith(f"error: {run}/run.json: expected a RunRecord")
    assert last == f"incomplete: left out, for the reasons above: {run}/run.json"


def test_a_page_that_cannot_be_written_is_one_line(entry_point: EntryPoint, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, line, errors = entry_point("page", f"output={tmp_path}/file/report.html", f"paths.runs={tmp_path}/none")
    assert (status, line) == (2, "")
    assert errors.startswith(f"error: {tmp_path}/file")
    assert errors.count("\n") == 1
