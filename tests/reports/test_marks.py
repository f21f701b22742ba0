"""Marks between which a page is generated."""

import pytest

from reports.marks import MarkError, Marks
from reports.results_page import MARKS, NEW_PAGE

BEGIN, END = MARKS.begin, MARKS.end


def test_what_is_around_the_marks_stays_and_what_is_between_them_is_replaced() -> None:
    page = f"# Mine\n\nbefore\n{BEGIN}\nold\n{END}\nafter\n"
    placed = MARKS.place(page, "new")
    assert placed == f"# Mine\n\nbefore\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert MARKS.place(placed, "new") == placed


def test_a_new_results_page_has_a_place_for_results() -> None:
    assert MARKS.place(NEW_PAGE, "new").startswith(f"# Results\n\n{BEGIN}\n\nnew")


@pytest.mark.parametrize("page", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_page_without_one_place_for_results_is_refused(page: str) -> None:
    with pytest.raises(MarkError, match="each once"):
        MARKS.place(page, "new")


def test_marks_of_two_names_share_a_page() -> None:
    other = Marks(name="other", command="make other")
    page = f"{BEGIN}\n{END}\n{other.begin}\n{other.end}\n"
    assert "`make other`" in other.begin
    assert other.place(MARKS.place(page, "one"), "two") == (
        f"{BEGIN}\n\none\n\n{END}\n{other.begin}\n\ntwo\n\n{other.end}\n"
    )


@pytest.mark.parametrize(("page", "found"), [("", False), (BEGIN, True), (END, True), ("<!-- results -->", False)])
def test_marks_are_found_even_where_one_is_missing(page: str, found: bool) -> None:
    assert MARKS.are_in(page) is found
