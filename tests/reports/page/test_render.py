"""The page's text: the cells of its tables, and its policy."""

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from reports.all_runs import all_runs
from reports.page import Pictures, render_page
from reports.page.environment import environment_sheet
from reports.page.render import verdict_in
from reports.published_comparison import compare_tables
from reports.published_markdown import published_markdown
from reports.records import EnvironmentRecord, MergedPart
from reports.result import Result, Results
from reports.verdict import Verdict


class Tables(HTMLParser):
    """The cells of all tables, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002, as the parser calls it
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def rows_of_markdown(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|:")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_cell_of_every_table_is_that_of_results_md(results: Results) -> None:
    tables = Tables()
    tables.feed(render_page(results, Pictures()))
    assert tables.rows == rows_of_markdown(published_markdown(compare_tables(results)) + "\n" + all_runs(results))
    assert len(tables.rows) > 50


def test_a_variant_that_the_page_does_not_have_has_its_row_and_changes_no_count(results: Results) -> None:
    def own(result: Result) -> Result:
        cell = {**result.run.cell, "variant": {"name": "mine", "checkpoints": ["own.pth"], "untrained": {}}}
        return dataclasses.replace(result, run=dataclasses.replace(result.run, name="mine-fp32-480p", cell=cell))

    both = dataclasses.replace(results, runs=(results.runs[0], own(results.runs[1])))
    alone = dataclasses.replace(results, runs=results.runs[:1])
    tables = Tables()
    page = render_page(both, Pictures())
    tables.feed(page)
    (place,) = (at for at, row in enumerate(tables.rows) if row[0] == "mine, 480p (not a published variant)")
    assert tables.rows[place][1:] == ["published", *"-----"]
    assert tables.rows[place + 1][:3] == ["", "measured", "86.2"]
    counts = [
        re.findall(r'class="verdict [a-z-]*">(\d+ [a-z ]+)</span>', one)
        for one in (page, render_page(alone, Pictures()))
    ]
    assert counts[0] == counts[1] != []


def test_what_stands_beneath_the_tables_is_there_too(results: Results) -> None:
    page = render_page(dataclasses.replace(results, unread=("runs/x/run.json: expected schema 3",)), Pictures())
    assert "it contradicts itself." in page
    assert "<li>no such runs yet: xmem-amp-480p, " in page
    assert "<li>runs/x/run.json: expected schema 3</li>" in page
    assert "1 reproduced</span>" in page


def test_a_verdict_is_told_from_the_end_of_a_cell() -> None:
    cells = {"+0.1 reproduced": "reproduced", "not run": "not-run", "-3.0 differs": "differs", "86.2": "", "-": ""}
    assert {cell: verdict_in(cell) for cell in cells} == cells
    assert {verdict_in(f"1.0 {verdict}") for verdict in Verdict} >= {"not-scored", "not-comparable", "server"}


def test_the_policy_allows_this_script_and_style_and_nothing_else(report: Path) -> None:
    page = report.read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith("default-src 'none'; ")
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf'<{tag}(?: type="module")?>(.*?)</{tag}>', page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in allowed
    assert "unsafe" not in allowed
    assert re.findall(r"https?://", page) == ["http://"]  # the name of SVG, which is no address


def test_the_environment_has_all_that_repeats_a_run(results: Results, environment: EnvironmentRecord) -> None:
    terms = dict(environment_sheet(results.runs[0]).terms)
    assert terms["SHA-256"] == "b" * 64
    assert terms["CPU"] == "Some CPU, 2 threads"
    assert (terms["torch"], terms["decoder"], terms["commit"]) == ("2.13.0", "opencv 5.0", "0123abc")
    assert (terms["data"], terms["fingerprint"]) == ("2 of 2 sequences, 4 frames", "f" * 64)
    assert "GPU" not in terms
    on_gpu = dataclasses.replace(environment, gpu="Some GPU", driver="1.2", modified=True)
    parts = tuple(MergedPart(digest="a" * 64, environment=one) for one in (environment, on_gpu))
    merged = dataclasses.replace(results.runs[0], run=dataclasses.replace(results.runs[0].run, merged_from=parts))
    terms_of_both = environment_sheet(merged).terms
    assert [value for term, value in terms_of_both if term == "CPU"] == ["Some CPU, 2 threads"] * 2
    assert {("GPU", "Some GPU"), ("driver", "1.2")} <= set(terms_of_both)
    assert ("commit", "0123abc and changes that were not committed") in terms_of_both
