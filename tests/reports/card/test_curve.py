"""The picture of training."""

import re
from xml.etree import ElementTree as ET

import pytest

from reports.card import curve
from reports.card.curve import running_mean, training_curve
from reports.card.training_log import Asked, HeldOutLine, LogLine, SessionLine, TrainingLine

WHITE, GITHUB_DARK = "#ffffff", "#0d1117"
SVG = "{http://www.w3.org/2000/svg}"


def lines(*, count: int = 80, stages: int = 2, scores: tuple[float, ...] = (0.4, 0.9, 0.8)) -> list[LogLine]:
    """A loss that falls from 2 to 1 over stages of one length, and scores at even distances."""
    trained = [
        TrainingLine(
            iteration=20 * (index + 1),
            stage=index * stages // count,
            loss=2 - index / max(count - 1, 1),
            seconds=1.0,
            clips_per_second=8.0,
        )
        for index in range(count)
    ]
    scored = [
        HeldOutLine(iteration=20 * count * (index + 1) // len(scores), j=score, f=score, j_and_f=score)
        for index, score in enumerate(scores)
    ]
    session = SessionLine(
        started="now", device="A CPU", torch="2", config=Asked(seed=0, iterations=1), commit=None, modified=None
    )
    return [session, *trained, *scored]


def draw(given: list[LogLine]) -> ET.Element:
    return ET.fromstring(training_curve(given))  # noqa: S314 - it is ours


def texts(picture: ET.Element) -> list[str]:
    return [str(one.text) for one in picture.iter(f"{SVG}text")]


def points(line: ET.Element) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in line.attrib["points"].split())
    return [(float(x), float(y)) for x, y in pairs]


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_picture_has_every_logged_loss_its_running_mean_and_every_score() -> None:
    raw, mean, score = map(points, draw(lines()).iter(f"{SVG}polyline"))
    assert (len(raw), len(mean), len(score)) == (80, 80, 3)
    assert raw[0][1] < raw[-1][1], "a loss that falls goes down, which is where y grows"
    assert score[1][1] < score[2][1] < score[0][1]


def test_the_mean_is_bold_and_the_losses_are_thin() -> None:
    raw, mean, _ = draw(lines()).iter(f"{SVG}polyline")
    assert float(raw.attrib["stroke-width"]) < float(mean.attrib["stroke-width"])
    assert float(raw.attrib["stroke-opacity"]) < float(mean.attrib["stroke-opacity"])


def test_axes_say_what_they_are_and_in_which_unit() -> None:
    found = texts(draw(lines()))
    assert {"loss", "held-out J&F, %", "iterations", "200", "1,000", "1,600", "100"} <= set(found)
    assert "bold: running mean over 5 of 80 logged values" in found
    assert "best 90.0 after 1,066 iterations" in found


def test_the_best_score_is_ringed() -> None:
    picture = draw(lines())
    (ring,) = picture.iter(f"{SVG}circle")
    score = points(list(picture.iter(f"{SVG}polyline"))[2])
    assert (float(ring.attrib["cx"]), float(ring.attrib["cy"])) == score[1]


def test_a_stage_has_its_name_and_begins_with_a_line_through_each_panel() -> None:
    picture = draw(lines(stages=4))
    assert [text for text in texts(picture) if text.startswith("stage")] == [f"stage {one}" for one in (1, 2, 3, 4)]
    dashed = [one.attrib["d"] for one in picture.iter(f"{SVG}path") if one.attrib["stroke-dasharray"] != "none"]
    assert len(dashed) == 2 * 3
    # The second stage begins after 400 of 1600 iterations.
    x = curve.LEFT + (curve.RIGHT - curve.LEFT) / 4
    assert sum(path.startswith(f"M{x:.1f} ") for path in dashed) == 2


def test_a_stage_without_room_has_a_line_and_no_name() -> None:
    found = texts(draw(lines(stages=40)))
    assert not any(text.startswith("stage") for text in found)


def test_one_stage_alone_needs_neither_name_nor_line() -> None:
    assert "stage" not in training_curve(lines(stages=1))


def test_without_held_out_scores_there_is_one_panel() -> None:
    whole, without = draw(lines()), draw(lines(scores=()))
    assert float(without.attrib["height"]) < float(whole.attrib["height"])
    assert "held-out" not in training_curve(lines(scores=()))


def test_a_single_line_of_a_log_can_be_drawn() -> None:
    picture = draw(lines(count=1, stages=1, scores=(0.5,)))
    assert "1 logged values" in texts(picture)
    assert all(len(points(one)) == 1 for one in picture.iter(f"{SVG}polyline"))


def test_nothing_lies_outside_the_picture() -> None:
    picture = draw(lines(stages=4))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    places = [place for one in picture.iter(f"{SVG}polyline") for place in points(one)]
    places += [(float(one.attrib["x"]), float(one.attrib["y"])) for one in picture.iter(f"{SVG}text")]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)


def test_nothing_trained_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="expected at least one training line, got none"):
        training_curve(lines(count=0))


def test_the_same_lines_are_the_same_picture() -> None:
    assert training_curve(lines()) == training_curve(lines())


@pytest.mark.parametrize("page", [WHITE, GITHUB_DARK])
def test_colours_stand_out_on_light_pages_and_on_dark_ones(page: str) -> None:
    used = set(re.findall(r"#[0-9a-f]{6}", training_curve(lines(stages=4))))
    assert used == {curve.TEXT, curve.BLUE, curve.ORANGE}
    assert contrast(curve.TEXT, page) >= 4
    assert min(contrast(colour, page) for colour in used) >= 3


def test_those_who_do_not_see_the_picture_are_told_what_it_shows() -> None:
    picture = draw(lines())
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-label"] == (
        "Loss over 1,600 iterations, from 2.00 to 1.00; held-out J&F: best 90.0 after 1,066 iterations"
    )


def test_a_running_mean_takes_what_there_is_on_either_side() -> None:
    assert running_mean([0.0, 3.0, 6.0, 9.0], reach=1) == [1.5, 3.0, 6.0, 7.5]
    assert running_mean([1.0, 5.0], reach=0) == [1.0, 5.0]
