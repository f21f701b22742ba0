import pytest

from benchmarks.submission.answer_entry import find_entries

NAMES = {"J", "F", "J recall", "overall"}


def entries(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in find_entries(text, is_name=NAMES.__contains__)]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("J: 0.5", "J", "0.5"),
        ("mean of J = 0.5", "mean of J", "0.5"),
        ("J  .5", "J", ".5"),
        ("J\t5e-1", "J", "5e-1"),
        ("J,0.5", "J", "0.5"),
        ("- J; 50 %", "J", "50 %"),
        ('"J": 0.5,', "J", "0.5"),
        ("**J**: 0.5", "J", "0.5"),
        ("**J: 0.5**", "J", "0.5"),
        ("| J | 0.5 |", "J", "0.5"),
        ("J (mean): 0.5", "J (mean)", "0.5"),
        ("J 0,5", "J", "0,5"),
        ("J: 0.5 +- 0.1", "J", "0.5 +- 0.1"),
        ("J: 0.5 (rank 3)", "J", "0.5 (rank 3)"),
        ("J n/a", "J", "n/a"),
        ("J nan", "J", "nan"),
        ("J -", "J", "-"),
        ("J:", "J", ""),
    ],
)
def test_a_line_is_a_name_and_all_that_follows(line: str, name: str, value: str) -> None:
    assert entries(line) == [(name, value)]


@pytest.mark.parametrize("text", ["", "done", "J", "the results are hidden", "=====", "3 of 4", "[]", "{}", "\n\n"])
def test_a_text_without_a_name_and_a_value_has_no_entry(text: str) -> None:
    assert entries(text) == []


def test_an_entry_knows_the_line_that_it_was_found_in() -> None:
    for text, line in (("so\n  J: 0.5 (rank 3)  \n", "J: 0.5 (rank 3)"), ("J,F\n0.5,-", "0.5,-"), ('{"J": 1}', "J: 1")):
        assert next(find_entries(text, is_name=NAMES.__contains__)).line == line


TABLE = [("J", "0.5"), ("J recall", "0.7"), ("F", "0.6")]


@pytest.mark.parametrize(
    "text",
    [
        "J,J recall,F\n0.5,0.7,0.6\n",
        '"J","J recall","F"\n"0.5","0.7","0.6"\n',
        "J;J recall;F\n0.5;0.7;0.6",
        "J\tJ recall\tF\n0.5\t0.7\t0.6",
        "| J | J recall | F |\n|---|:-:|--:|\n| 0.5 | 0.7 | 0.6 |",
        "| **J** | J recall | F |\n|---|---|---|\n| **0.5** | 0.7 | 0.6 |",
        "results\n\n  J, J recall, F\n  0.5, 0.7, 0.6\n\ndone\n",
        '{"J": 0.5, "J recall": 0.7, "F": 0.6}',
        '{\n "J": "0.5",\n "J recall": 0.7,\n "F": 0.6\n}\n',
        '[{"J": 0.5}, {"J recall": 0.7}, {"F": 0.6}]',
        "J: 0.5\nJ recall: 0.7\nF: 0.6",
        "metric,value\nJ,0.5\nJ recall,0.7\nF,0.6",
        "| metric | overall |\n|---|---|\n| J | 0.5 |\n| J recall | 0.7 |\n| F | 0.6 |",
    ],
)
def test_tables_and_json_have_the_same_entries_as_lines(text: str) -> None:
    assert entries(text) == TABLE


def test_columns_parted_by_blanks_are_a_table_where_all_are_names() -> None:
    assert entries("  J      F\n 0.50   0,6\n") == [("J", "0.50"), ("F", "0,6")]
    assert entries("overall results\nJ: 0.5") == [("J", "0.5")]


def test_a_cell_is_parted_as_the_heading_is() -> None:
    assert entries("J;F\n0,5;0,6") == [("J", "0,5"), ("F", "0,6")]


def test_columns_of_no_name_are_entries_too_and_say_nothing() -> None:
    assert entries("| run | J |\n|---|---|\n| mine | 0.5 |\n| other | - |") == [
        ("run", "mine"),
        ("J", "0.5"),
        ("run", "other"),
        ("J", "-"),
    ]


def test_a_table_ends_with_its_last_line() -> None:
    assert entries("J,F\n0.5,0.6\nrank: 3\n0.7,0.8\n") == [("J", "0.5"), ("F", "0.6"), ("rank", "3")]


def test_what_is_inside_has_all_the_names_around_it_and_both_of_two_values_are_kept() -> None:
    assert entries('{"J": {"mean": 0.50, "recall": null}, "J": [1, true]}') == [
        ("J mean", "0.50"),
        ("J recall", ""),
        ("J", "1"),
        ("J", "True"),
    ]


def test_json_that_is_damaged_or_too_deep_is_a_text() -> None:
    assert entries("{'J': 0.5,\n'F': 0.6}") == [("J", "0.5"), ("F", "0.6")]
    assert entries("[" * 100_000) == []


@pytest.mark.parametrize(
    "table", ["Sequence,J,F\ndog_1,0.5,0.6\n", "| object | J |\n|---|---|\n| 1 | 0.5 |\n", "Video\tJ\ncow\t0.5"]
)
def test_figures_of_a_sequence_are_not_taken_for_those_of_all(table: str) -> None:
    assert entries(table) == []
    assert entries(f"J,F\n0.9,0.8\n\n{table}") == [("J", "0.9"), ("F", "0.8")]
