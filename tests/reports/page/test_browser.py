"""The page in a real browser: `open_page` fails a test whose page logs, throws or asks for anything outside itself."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evaluators import DatasetScore
from reports.all_runs import all_runs
from reports.page import Pictures
from reports.result import Results

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

OpenPage = Callable[..., "Page"]
WritePage = Callable[[Results, Pictures], Path]

# A canvas pixel in the middle of a picture's pixel, as red, green, blue.
PIXEL = """([x, y]) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    context.drawImage(document.getElementById("canvas"), -3 * x - 1, -3 * y - 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
ORANGE, SKY, YELLOW, BLUE, VERMILLION = [230, 159, 0], [86, 180, 233], [240, 228, 66], [0, 114, 178], [213, 94, 0]

# The lowest contrast (WCAG 2) of a text with what is behind it, and that text; hidden and empty elements do not count.
CONTRAST = """() => {
    const channels = (text) => text.match(/[\\d.]+/g).map(Number);
    const linear = (one) => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = channels(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let worst = [99, ""], count = 0;
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.textContent.trim() || !element.checkVisibility() || element.closest("script")) continue;
        const style = getComputedStyle(element);
        const front = luminance(channels(element instanceof SVGElement ? style.fill : style.color));
        const back = luminance(ground(element));
        const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
        if (contrast < worst[0]) worst = [contrast, element.outerHTML.slice(0, 200)];
        count += 1;
    }
    return [...worst, count];
}"""


def wait_for(page: "Page", *, run: int = 0, sequence: int = 0, frame: int, mode: str = "prediction") -> None:
    """Until this very picture is on the canvas."""
    page.wait_for_function(
        "start => document.getElementById('canvas').dataset.painted?.startsWith(start)",
        arg=f"{run} {sequence} {frame} {mode}",
    )


def set_range(page: "Page", name: str, value: int) -> None:
    page.locator(f"#{name}").evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def test_the_viewer_moves_by_keys(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    wait_for(page, frame=1)
    page.keyboard.press("ArrowRight")
    wait_for(page, frame=2)
    page.locator("#stage").focus()
    for key, frame in (("End", 7), ("ArrowRight", 7), ("ArrowLeft", 6), ("Home", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        wait_for(page, frame=frame)
    for mode in ("truth", "difference", "prediction"):
        page.keyboard.press("m")
        wait_for(page, frame=0, mode=mode)
    page.keyboard.press("Space")
    assert page.locator("#play").text_content() == "Pause"
    wait_for(page, frame=3)
    page.keyboard.press("Space")
    assert page.locator("#play").text_content() == "Play"


def test_space_and_home_scroll_the_page_where_the_viewer_is_not_in_focus(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    wait_for(page, frame=1)
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert page.locator("#play").text_content() == "Play"
    page.locator("#run").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#frame").input_value() == "1"


def test_the_viewer_moves_by_slider_and_by_playing_which_goes_round(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    set_range(page, "frame", 6)
    wait_for(page, frame=6)
    assert page.locator("#place").text_content() == "frame 00006, 7 of 8"
    page.locator("#play").click()
    wait_for(page, frame=7)
    wait_for(page, frame=2)
    page.locator("#play").click()
    stopped = page.locator("#frame").input_value()
    page.wait_for_timeout(300)
    assert page.locator("#frame").input_value() == stopped


def test_a_click_on_a_curve_moves_the_viewer_and_the_viewer_the_cursors(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    wait_for(page, frame=1)
    for chart in ("chart-j", "chart-f", "chart-memory"):
        box = page.locator(f"#{chart} .rule").last.bounding_box()
        page.keyboard.press("ArrowLeft")
        page.locator(f"#{chart}").scroll_into_view_if_needed()
        box = page.locator(f"#{chart} .rule").last.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 5 / 7, box["y"] + 1)
        wait_for(page, frame=5)
        cursors = [
            page.locator(f"#{one} .cursor").get_attribute("x1") for one in ("chart-j", "chart-f", "chart-memory")
        ]
        assert len(set(cursors)) == 1
        page.locator("#stage").focus()
        page.keyboard.press("Home")
        wait_for(page, frame=0)


def test_the_worst_frames_come_first_and_lead_to_their_pictures(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    worst = page.locator("#worst button").first
    assert worst.inner_text().split() == ["dog", "00003", "10.0"]
    worst.click()
    wait_for(page, sequence=1, frame=3)
    assert page.locator("#sequence").input_value() == "1"
    assert page.locator("#place").text_content() == "frame 00003, 4 of 8 (4 of 8 frames shown)"
    assert page.locator("#rows [aria-current=true] .name").text_content() == "dog"


def test_masks_are_coloured_where_they_are_and_errors_where_masks_differ(open_page: OpenPage, report: Path) -> None:
    """Truth has object 1 in columns 8..15, the prediction in 6..13; object 2 is in the last four columns of both."""
    page = open_page(report)
    set_range(page, "opacity", 100)
    set_range(page, "frame", 5)
    ground = [50, 50, 50]
    expected = {
        "prediction": {5: ground, 6: SKY, 13: SKY, 14: ground, 29: ORANGE},
        "truth": {7: ground, 8: SKY, 15: SKY, 16: ground, 29: ORANGE},
        "difference": {
            5: ground,
            6: BLUE,
            7: BLUE,
            8: ground,
            13: ground,
            14: VERMILLION,
            15: VERMILLION,
            16: ground,
            29: ground,
        },
    }
    for mode, columns in expected.items():
        page.locator(f"input[value={mode}]").check(force=True)
        wait_for(page, frame=5, mode=f"{mode} 1")
        for column, colour in columns.items():
            found = page.evaluate(PIXEL, [column, 8])
            assert max(abs(a - b) for a, b in zip(found, colour, strict=True)) <= 3, (mode, column, found)
    assert max(abs(a - b) for a, b in zip(page.evaluate(PIXEL, [29, 0]), YELLOW, strict=True)) <= 3
    assert page.locator("#legend").inner_text().split("\n") == ["missed", "wrongly added", "another object"]
    set_range(page, "opacity", 0)
    wait_for(page, frame=5, mode="difference 0")
    assert page.evaluate(PIXEL, [6, 8]) == page.evaluate(PIXEL, [0, 8])


def test_another_run_shows_its_own_masks_of_the_same_frame(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    set_range(page, "opacity", 100)
    set_range(page, "frame", 4)
    wait_for(page, frame=4)
    page.locator("#run").select_option("1")
    wait_for(page, run=1, frame=4)
    assert page.evaluate(PIXEL, [4, 8]) == SKY
    assert page.evaluate(PIXEL, [12, 8]) != SKY


def test_a_frame_without_truth_says_so_and_others_are_not_taken_for_it(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    page.locator("#sequence").select_option("1")
    page.locator("#stage").focus()
    page.keyboard.press("End")
    for mode in ("truth", "difference"):
        page.keyboard.press("m")
        wait_for(page, sequence=1, frame=7, mode=mode)
        assert page.locator("#legend").text_content() == "There is no truth for this frame."


def test_figures_of_a_frame_are_those_of_the_scores(open_page: OpenPage, report: Path, curves: DatasetScore) -> None:
    page = open_page(report)
    page.locator("#sequence").select_option("1")
    wait_for(page, sequence=1, frame=3)
    set_range(page, "frame", 2)
    wait_for(page, sequence=1, frame=5)
    rows = page.locator("#readout tbody tr").all_inner_texts()
    for row, one in zip(rows, curves.sequences[1].objects, strict=True):
        j, f = one.j[4], one.f[4]
        assert row.split() == [str(one.label), *(f"{100 * value:.1f}" for value in ((j + f) / 2, j, f))]


def test_the_figures_of_a_run_are_those_of_results_md_and_of_its_scores(
    open_page: OpenPage, report: Path, results: Results
) -> None:
    page = open_page(report)
    shown = page.locator("#runs tbody tr").first.locator("th, td").all_inner_texts()
    in_markdown = next(line for line in all_runs(results).splitlines() if line.startswith(f"| {shown[0]} "))
    assert shown == [cell.strip() for cell in in_markdown.strip("|").split("|")]
    headers = page.locator("#runs thead th").all_inner_texts()
    scores = json.loads((results.runs[0].folder.scores_file).read_bytes())
    assert shown[headers.index("J&F")] == f"{100 * scores['j_and_f']:.1f}"
    texts = page.locator("#scatter text.name").all_text_contents()
    assert [text.split(": ")[1] for text in texts] == [
        f"{shown[headers.index('J&F')]} at {fps} FPS" for fps in ("10.00", "20.00")
    ]


def test_labels_of_runs_do_not_cover_each_other_and_a_click_on_a_run_chooses_it(
    open_page: OpenPage, report: Path
) -> None:
    """Both runs have the same score."""
    page = open_page(report)
    boxes = [label.bounding_box() for label in page.locator("#scatter text.name").all()]
    assert None not in boxes
    one, other = sorted((box for box in boxes if box), key=lambda box: box["y"])
    assert one["y"] + one["height"] <= other["y"] + 1
    page.locator("#scatter .mark").last.click()
    wait_for(page, run=1, frame=1)
    assert page.locator("#run").input_value() == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(open_page: OpenPage, report: Path, scheme: str) -> None:
    page = open_page(report, color_scheme=scheme)
    wait_for(page, frame=1)
    assert page.locator("td.reproduced").count() == 1
    assert page.locator("td.differs").count() == 2
    worst, text, count = page.evaluate(CONTRAST)
    assert count > 300
    assert worst >= 4.5, text
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", ground))) > 380) == (scheme == "light")


@pytest.mark.parametrize("width", [320, 390, 800, 1200])
def test_nothing_makes_the_page_scroll_sideways(open_page: OpenPage, report: Path, width: int) -> None:
    page = open_page(report, viewport={"width": width, "height": 844})
    wait_for(page, frame=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    canvas = page.locator("#canvas").bounding_box()
    assert canvas is not None
    assert canvas["x"] >= 0
    assert canvas["x"] + canvas["width"] <= width


def test_a_page_without_runs_has_the_published_tables(open_page: OpenPage, write_page: WritePage) -> None:
    page = open_page(write_page(Results(), Pictures()))
    assert page.locator("table").count() == 7
    assert "make demo" in page.locator("#runs").inner_text()
    assert page.locator("#look").count() == 0


def test_a_run_without_pictures_says_why_and_keeps_its_curves(
    open_page: OpenPage, write_page: WritePage, results: Results
) -> None:
    page = open_page(write_page(results, Pictures(absent=dict.fromkeys((0, 1), "data/DAVIS: found none"))))
    assert page.locator("#absent").inner_text() == "data/DAVIS: found none"
    assert not page.locator("#canvas").is_visible()
    assert page.locator("#chart-j path").count() == 1
    page.keyboard.press("ArrowRight")
    box = page.locator("#chart-j .rule").last.bounding_box()
    assert box is not None
    page.locator("#chart-j").click(position={"x": 52 + box["width"] * 3 / 7, "y": 60})
    assert page.locator("#readout td").first.inner_text() != "-"


def test_a_run_of_which_nothing_is_finished_or_scored_breaks_nothing(
    open_page: OpenPage, write_page: WritePage, results: Results
) -> None:
    first, second = results.runs
    runs = (dataclasses.replace(first, records=[], score=None), dataclasses.replace(second, score=None))
    page = open_page(write_page(Results(runs=runs), Pictures(absent={1: "gone"})))
    assert page.locator("#absent").inner_text() == "No sequence of this run is finished."
    page.locator("#run").select_option("1")
    assert page.locator("#absent").inner_text() == "gone"
    for place in ("readout", "rows", "worst"):
        assert page.locator(f"#{place}").inner_text() == "Nothing was scored."
    assert page.locator("#chart-memory path").count() == 2


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "{{ 7 * 7 }}",
    "a'b\"c&lt;",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_whatever_they_are(
    open_page: OpenPage, write_page: WritePage, results: Results, pictures: Pictures, name: str
) -> None:
    def rename(result: "Results") -> "Results":
        runs = []
        for one in result.runs:
            records = [
                dataclasses.replace(record, name=name, frames=(name, *record.frames[1:])) for record in one.records
            ]
            dataset = dataclasses.replace(one.run.dataset, name=name)
            run = dataclasses.replace(one.run, name=name, command=name, dataset=dataset)
            assert one.score is not None
            sequences = tuple(dataclasses.replace(each, name=name) for each in one.score.sequences)
            score = dataclasses.replace(one.score, sequences=sequences)
            runs.append(dataclasses.replace(one, name=name, run=run, records=records, score=score))
        return Results(runs=tuple(runs), unread=(name,))

    clips = tuple(dataclasses.replace(clip, name=name) for clip in pictures.clips)
    page = open_page(write_page(rename(results), Pictures(clips=clips, absent={1: name})))
    wait_for(page, frame=3)
    page.locator("#stage").focus()
    page.keyboard.press("Home")
    wait_for(page, frame=0)
    assert page.locator("#sequence option").first.text_content() == name
    assert page.locator("#place").text_content().startswith(f"frame {name}, 1 of 8")
    assert page.locator("#environment dd").nth(1).text_content() == name
    assert page.locator("#rows .name").first.text_content() == name
    assert page.locator("#runs h3").first.text_content() == name
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.title() == "XMem benchmarks: results"


def test_the_pages_own_policy_forbids_what_it_does_not_do(browser: "Browser", report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    forbidden = page.evaluate(
        """async () => {
            const heard = [];
            document.addEventListener("securitypolicyviolation", (event) => heard.push(event.effectiveDirective));
            new Image().src = "http://127.0.0.1:9/image.png";
            await fetch("http://127.0.0.1:9/").catch(() => {});
            document.body.setAttribute("onclick", "window.clicked = 1");
            document.body.setAttribute("style", "color: red");
            document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" }));
            document.body.click();
            await new Promise((resolve) => setTimeout(resolve, 200));
            return [heard.sort(), window.clicked, window.ran];
        }"""
    )
    page.close()
    assert forbidden == [["connect-src", "img-src", "script-src-attr", "script-src-elem", "style-src-attr"], None, None]
