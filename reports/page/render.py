"""From results to the text of the page: template, style and script lie beside this file."""

import base64
import hashlib
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.all_runs import clock_notes, run_sections
from reports.page.data import embed, page_data
from reports.page.environment import environment_sheet
from reports.page.pictures import Pictures
from reports.published_comparison import ComparedTable, compare_tables
from reports.published_markdown import published_sections
from reports.result import Results
from reports.table import Table
from reports.verdict import Verdict

HERE = Path(__file__).parent
SCRIPTS = ("charts.js", "viewer.js", "panels.js", "page.js")  # one module of JavaScript, in this order


def render_page(results: Results, pictures: Pictures) -> str:
    """The whole file. Nothing in it asks for anything outside it, and its own policy forbids that too."""
    style = _read("style.css")
    script = "\n".join(map(_read, SCRIPTS))
    tables = compare_tables(results)
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["table"] = lambda part: isinstance(part, Table)
    environment.filters["verdict"] = verdict_in
    return environment.get_template("page.html.j2").render(
        policy=_policy(style=style, script=script),
        style=style,
        script=script,
        data=embed(page_data(results, pictures)),
        runs=results.runs,
        verdicts=_count(tables),
        published=published_sections(tables),
        sections=run_sections(results),
        clocks=clock_notes(results),
        sheets=[environment_sheet(result) for result in results.runs],
        unread=results.unread,
    )


def verdict_in(cell: str) -> str:
    """The verdict that a cell of a published table ends with, as a class of the style; empty where it has none."""
    return next((one.name.lower().replace("_", "-") for one in Verdict if cell.endswith(one)), "")


def _count(tables: tuple[ComparedTable, ...]) -> dict[Verdict, int]:
    """How many published figures there are of each verdict."""
    figures = (figure for table in tables for row in table.rows for figure in row.figures if figure.published)
    counts = Counter(figure.verdict for figure in figures)
    return {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}


def _policy(*, style: str, script: str) -> str:
    """What a browser may do with the page: run this script, apply this style, show embedded pictures."""
    allowed = {"img-src": "data:", "style-src": _hash(style), "script-src": _hash(script)}
    forbidden = ("default-src", "base-uri", "form-action")
    return "; ".join([f"{what} 'none'" for what in forbidden] + [f"{what} {which}" for what, which in allowed.items()])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
