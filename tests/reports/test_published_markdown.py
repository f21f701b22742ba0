"""Published tables beside what was measured: as Markdown, and for other programs."""

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.latex import latex_sections
from reports.published_comparison import ComparedTable, compare_tables
from reports.published_export import to_csv, to_json, to_latex
from reports.published_markdown import published_markdown
from reports.records import CheckpointRecord, RunRecord
from reports.result import Results, read_results
from reports.run_folder import RunFolder
from reports.table import Section, Table

WriteRun = Callable[..., RunFolder]


@pytest.fixture
def tables(write_run: WriteRun, scores: DatasetScore, tmp_path: Path) -> tuple[ComparedTable, ...]:
    """Two training runs of XMem on DAVIS 2017: J&F 86.1 and 86.3."""
    for digit, j_and_f in enumerate([0.861, 0.863]):
        write_run(
            tmp_path / "davis17_val" / str(digit),
            scores=dataclasses.replace(scores, j_and_f=j_and_f),
            checkpoint=CheckpointRecord(path=f"{digit}.pth", sha256=str(digit) * 64),
        )
    return compare_tables(read_results(tmp_path))


def section(text: str, title: str) -> list[str]:
    return text.partition(f"### {title}\n\n")[2].partition("\n\n### ")[0].splitlines()


def test_a_measured_row_stands_beneath_the_published_one_with_difference_and_verdict(
    tables: tuple[ComparedTable, ...],
) -> None:
    lines = section(published_markdown(tables), "DAVIS 2017 validation")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert cells[0] == ["", "", "J&F", "J", "F", "FPS", "FPS (AMP)"]
    assert cells[2:5] == [
        ["xmem, 480p", "published", "86.2", "82.9", "89.5", "22.6", "33.9"],
        [
            "",
            "measured",
            "86.2 ± 0.1 (n = 2)",
            "51.7 ± 0.0 (n = 2)",
            "71.7 ± 0.0 (n = 2)",
            "3.33 ± 0.00 (n = 2)",
            "not run",
        ],
        ["", "difference", "0.0 reproduced", "-31.2 differs", "-17.8 differs", "0.15x", "-"],
    ]
    assert cells[5:7] == [
        ["xmem_s012, 480p", "published", "87.7", "84.0", "91.4", "22.6", "33.9"],
        ["", "measured", *["not run"] * 5],
    ]
    text = "\n".join(lines)
    assert "xmem, 480p: ±: mean ± sample standard deviation (n = 2 training runs); ±: mean" in text
    assert "FPS on Some CPU" in text
    assert "- no such runs yet: xmem-amp-480p, xmem_s012-fp32-480p, " in text


def test_the_row_that_contradicts_itself_has_a_footnote_and_no_other(tables: tuple[ComparedTable, ...]) -> None:
    text = published_markdown(tables)
    assert text.count("[1]") == 2
    lines = section(text, "DAVIS 2017 test-dev")
    assert any("xmem_s2, 480p" in line and "79.8 [1]" in line for line in lines)
    assert (
        "[1] xmem_s2, 480p: the page's J&F is 79.8, but the mean of its parts is 64.75: it contradicts itself." in lines
    )


@pytest.fixture
def own(write_run: WriteRun, run_record: Callable[..., RunRecord], scores: DatasetScore, tmp_path: Path) -> Path:
    """The folder of runs of a variant that the page does not have: on DAVIS 2017, and on a part of DAVIS 2016."""
    changes = {
        "name": "mine-fp32-480p",
        "cell": {**run_record().cell, "variant": {"name": "mine", "checkpoints": ["own.pth"], "untrained": {}}},
        "scores": scores,
    }
    write_run(tmp_path / "davis17_val/whole", **changes)
    part = dataclasses.replace(run_record().dataset, name="davis16_val", complete_sequences=20)
    write_run(tmp_path / "davis16_val/part", dataset=part, **changes)
    return tmp_path


def test_a_variant_that_the_page_does_not_have_stands_beneath_without_difference_or_verdict(own: Path) -> None:
    text = published_markdown(compare_tables(read_results(own)))
    lines = section(text, "DAVIS 2017 validation")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert cells[-2:] == [
        ["mine, 480p (not a published variant)", "published", *"-----"],
        ["", "measured", "61.7", "51.7", "71.7", "3.33", "-"],
    ]
    assert "mine, 480p: FPS on Some CPU." in lines
    assert not any(line.startswith("- ") and "mine" in line for line in lines)  # nothing more is due


def test_of_a_part_of_the_dataset_no_figure_stands_beneath_published_ones_but_the_reason(own: Path) -> None:
    lines = section(published_markdown(compare_tables(read_results(own))), "DAVIS 2016")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert cells[-2:] == [
        ["mine, 480p (not a published variant)", "published", *"-----"],
        ["", "measured", *["INVALID"] * 4, "-"],
    ]
    assert "- mine, 480p: INVALID: part: the copy has 2 sequences instead of 20" in lines


def test_other_programs_are_told_what_the_page_has_no_row_for(own: Path) -> None:
    tables = compare_tables(read_results(own))
    objects = json.loads(to_json(tables))
    mine = [one for one in objects if not one["listed"]]
    assert (len(objects), len(mine), {one["variant"] for one in mine}) == (96 + 10, 10, {"mine"})
    (figure,) = (one for one in mine if (one["dataset"], one["column"]) == ("davis17_val", "J&F"))
    assert (figure["published"], figure["difference"], figure["verdict"]) == (None, None, "not published")
    assert figure["measured"] == pytest.approx(61.6667, abs=1e-4)
    assert r"mine, 480p (not a published variant) & published & - & - & - & - & - \\" in to_latex(tables)


def test_without_any_run_every_table_is_there() -> None:
    text = published_markdown(compare_tables(Results()))
    assert text.count("### ") == 7
    assert "reproduced" not in text
    assert "difference" not in text


def test_other_programs_get_every_figure_with_all_digits(tables: tuple[ComparedTable, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(tables))))
    objects = json.loads(to_json(tables))
    assert len(rows) == len(objects) == 96
    assert [row["column"] for row in rows] == [one["column"] for one in objects]
    (one,) = (one for one in objects if (one["dataset"], one["variant"], one["column"]) == ("davis17_val", "xmem", "J"))
    assert (one["published"], one["measured"], one["n"]) == (82.9, pytest.approx(51.6667, abs=1e-4), 2)
    assert (one["difference"], one["verdict"], one["source"], one["runs"]) == (
        -31.2,
        "differs",
        "training runs",
        ["0", "1"],
    )
    (flagged,) = (one for one in objects if one["published_mean_of_parts"] is not None)
    assert (flagged["dataset"], flagged["variant"], flagged["verdict"]) == ("davis17_test_dev", "xmem_s2", "not run")
    assert {row["reason"] for row in rows if row["measured"]} == {""}


def test_latex_takes_no_sign_for_an_order() -> None:
    table = Table(headers=["[a]", "b"], rows=[["[0.5]", "x~y^z\\{}"]])
    text = latex_sections([Section(title="two\nlines", parts=(table, "a note\nof two lines", ("and\none",)))])
    assert text.splitlines() == [
        "% two",
        "% lines",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"{}[a] & b \\",
        r"\midrule",
        r"{}[0.5] & x\textasciitilde{}y\textasciicircum{}z\textbackslash{}\{\} \\",
        r"\bottomrule",
        r"\end{tabular}",
        "% a note",
        "% of two lines",
        "% and",
        "% one",
    ]


def test_latex_has_a_tabular_for_each_table_without_signs_that_mean_something_else(
    tables: tuple[ComparedTable, ...],
) -> None:
    text = to_latex(tables)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 7
    assert r" &  & J\&F & J & F & FPS & FPS (AMP) \\" in text
    assert r"xmem\_s012, 480p & published & 87.7 & 84.0 & 91.4 & 22.6 & 33.9 \\" in text
    assert r" & measured & 86.2 $\pm$ 0.1 (n = 2) & 51.7 $\pm$ 0.0 (n = 2)" in text
    assert r"xmem\_s2, 480p & published & 79.8 [1] & " in text
    assert "\n% [1] xmem_s2, 480p: the page's J&F is 79.8, but" in text
    assert "\n% no such runs yet: " in text
