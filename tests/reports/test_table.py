import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.table import markdown_table, percent


def cells(table: str) -> list[list[str]]:
    """What a Markdown reader makes of the rows below the headers."""
    rows = [line.replace("\\|", "\0") for line in table.splitlines()[2:]]
    return [[cell.strip().replace("\0", "|") for cell in row.strip("|").split("|")] for row in rows]


def test_a_table_is_text_left_and_figures_right() -> None:
    assert markdown_table(["name", "J"], [["dog", "86.25"], ["a longer name", "7"]]) == (
        "| name          |     J |\n|:--------------|------:|\n| dog           | 86.25 |\n| a longer name |     7 |"
    )


@pytest.mark.parametrize("figure", ["86.25", "86.0", "86", "007", "1e5", "-", "nan", "", "1,000", "86.2 ± 0.3", "0x10"])
def test_every_figure_is_shown_as_given(figure: str) -> None:
    assert cells(markdown_table(["name", "J"], [["1.50", figure], ["2", "3.333"]])) == [
        ["1.50", figure],
        ["2", "3.333"],
    ]


def test_a_bar_in_a_name_ends_no_cell() -> None:
    table = markdown_table(["name", "J"], [["a|b", "1|2"]])
    assert "a\\|b" in table
    assert cells(table) == [["a|b", "1|2"]]


def test_a_table_without_rows_has_its_headers() -> None:
    assert markdown_table(["name", "J"], []).splitlines()[0].replace(" ", "") == "|name|J|"


NAMES = st.text(st.characters(codec="ascii", categories=["L", "N", "P"], exclude_characters="\\"), min_size=1)


@given(rows=st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=5))
def test_whatever_the_cells_they_are_read_back(rows: list[tuple[str, str, str]]) -> None:
    assert cells(markdown_table(["a", "b", "c"], rows)) == [list(row) for row in rows]


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.0, "0.0"), (1.0, "100.0"), (0.8617, "86.2"), (0.99951, "100.0"), (0.0004, "0.0")]
)
def test_a_score_is_printed_in_percent_with_one_decimal(fraction: float, text: str) -> None:
    assert percent(fraction) == text


def test_a_score_that_is_not_there_is_a_dash() -> None:
    assert percent(None) == "-"


@given(fraction=st.floats(0, 1))
def test_the_printed_percentage_is_the_nearest(fraction: float) -> None:
    assert abs(float(percent(fraction)) - 100 * fraction) <= 0.05 + 1e-9
    assert percent(fraction)[-2] == "."
