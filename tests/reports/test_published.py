import pytest

from reports.published import published_tables


def test_every_row_and_figure_of_the_page_is_there() -> None:
    tables = published_tables()
    assert [table.title for table in tables] == [
        "Long-Time Video (1X)",
        "Long-Time Video (3X)",
        "DAVIS 2016",
        "DAVIS 2017 validation",
        "DAVIS 2017 test-dev",
        "YouTubeVOS 2018 validation",
        "YouTubeVOS 2019 validation",
    ]
    assert sum(len(table.rows) for table in tables) == 20
    figures = [figure for table in tables for row in table.rows for figure in row.figures.values()]
    assert (len(figures), sum(figure is not None for figure in figures)) == (96, 88)


def test_a_figure_has_the_digits_and_the_spread_that_are_printed() -> None:
    long_video, *_, davis, _, _, _ = published_tables()
    spread = long_video.rows[0].figures["J&F"]
    assert spread is not None
    assert (spread.value, spread.spread, spread.unit, spread.text) == (89.8, 0.2, 0.1, "89.8 ± 0.2")
    dashed = davis.rows[3].figures
    assert dashed["J"] is None
    assert [None if one is None else one.text for one in dashed.values()] == ["85.1", None, None, "23.1", None]


def test_a_row_is_a_variant_at_the_resolution_of_its_table_unless_it_says_another() -> None:
    rows = {(row.variant, row.resolution) for table in published_tables() for row in table.rows}
    assert ("xmem", "native") in rows
    assert ("xmem_s012", "600p") in rows
    assert {resolution for _, resolution in rows} == {"native", "480p", "600p"}


def test_the_page_contradicts_itself_in_one_row_which_is_found_by_arithmetic() -> None:
    found = {
        (table.dataset, row.variant, column): discrepancy
        for table in published_tables()
        for row in table.rows
        for column, discrepancy in row.contradictions().items()
    }
    ((where, discrepancy),) = found.items()
    assert where == ("davis17_test_dev", "xmem_s2", "J&F")
    assert discrepancy.given == 79.8
    assert discrepancy.computed == pytest.approx(64.75)
