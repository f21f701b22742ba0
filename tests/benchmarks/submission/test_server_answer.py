from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.config import Submission
from benchmarks.errors import InputError
from benchmarks.submission.server_answer import read_figures

FIELDS = {
    Submission.DAVIS: ["j_and_f", "j", "f"],
    Submission.YOUTUBE_VOS: ["g", "j_seen", "f_seen", "j_unseen", "f_unseen"],
}
FORMS = st.sampled_from(list(Submission))
SEPARATORS = st.sampled_from([": ", " ", "\t", "=", " = ", ",", "; "])


def read(text: str, form: Submission = Submission.YOUTUBE_VOS) -> dict[str, float]:
    return {field: float(fraction) for field, fraction in read_digits(text, form).items()}


def read_digits(text: str, form: Submission = Submission.YOUTUBE_VOS) -> dict[str, Decimal]:
    return read_figures(text, form=form, source="scores.txt")


@given(form=FORMS, separator=SEPARATORS, thousandths=st.lists(st.integers(11, 1000), min_size=5), data=st.data())
def test_figures_are_read_in_any_order_case_and_unit_among_other_lines(
    form: Submission, separator: str, thousandths: list[int], data: st.DataObject
) -> None:
    figures = dict(zip(FIELDS[form], thousandths, strict=False))
    percent = data.draw(st.booleans())
    lines = [
        f"{data.draw(st.sampled_from([name, name.upper(), name.replace('_', '-')]))}{separator}"
        + (f"{value / 10:.1f}" if percent else f"{value / 1000:.3f}")
        for name, value in figures.items()
    ]
    lines += data.draw(st.lists(st.sampled_from(["", "J-Recall: 0.5", "done", "F_decay 3", "time: 99999 s"])))
    found = read("\n".join(data.draw(st.permutations(lines))), form)
    assert found == pytest.approx({name: value / 1000 for name, value in figures.items()})


@pytest.mark.parametrize(
    ("line", "form", "field", "value"),
    [
        ("Overall: 0.857", Submission.YOUTUBE_VOS, "g", 0.857),
        ("F_unseen 88.7", Submission.YOUTUBE_VOS, "f_unseen", 0.887),
        ("unseen J: 5e-1", Submission.YOUTUBE_VOS, "j_unseen", 0.5),
        ('"J_seen": 0.846,', Submission.YOUTUBE_VOS, "j_seen", 0.846),
        ("J&F-Mean 0.810", Submission.DAVIS, "j_and_f", 0.81),
        ("- J_mean: .774", Submission.DAVIS, "j", 0.774),
        ("GlobalMean: 1", Submission.DAVIS, "j_and_f", 1),
        ("FMean = 84.6 %", Submission.DAVIS, "f", 0.846),
        ("J 0.5%", Submission.DAVIS, "j", 0.005),
        ("Global J&F: 81.0", Submission.DAVIS, "j_and_f", 0.81),
        ("overall J (mean): 81.0", Submission.DAVIS, "j", 0.81),
        ("F-measure: 0.8", Submission.DAVIS, "f", 0.8),
        ('{"scores": {"J_and_F": 0.5}}', Submission.DAVIS, "j_and_f", 0.5),
    ],
)
def test_names_and_numbers_as_servers_write_them(line: str, form: Submission, field: str, value: float) -> None:
    assert read(line, form) == {field: value}


FRACTIONS = {"j_and_f": 0.81, "j": 0.774, "f": 0.846}


@pytest.mark.parametrize(
    "text",
    [
        "J&F-Mean,J-Mean,J-Recall,J-Decay,F-Mean,F-Recall,F-Decay\n0.81,0.774,0.9,0.01,0.846,0.9,0.02\n",
        " J&F-Mean  J-Mean  J-Recall  J-Decay  F-Mean  F-Recall  F-Decay\n 0.81 0.774 0.9 0.01 0.846 0.9 0.02",
        "| run | J&F | J | F |\n|:--|--:|--:|--:|\n| mine | 81.0 | 77.4 | 84.6 |",
        '{"J&F": 0.81, "J": {"mean": 0.774, "recall": 0.9}, "F": {"mean": 0.846, "decay": 0.1}}',
        "Global J&F: 81.0\nJ-Mean: 77.4\nF: 84.6",
    ],
)
def test_answers_are_read_in_whatever_layout_they_come(text: str) -> None:
    assert read(text, Submission.DAVIS) == FRACTIONS


def test_the_json_of_the_other_server_is_read() -> None:
    assert read('{"J_seen": 0.846, "J_unseen": 0.802, "F_seen": null, "Overall": 0.857}') == {
        "j_seen": 0.846,
        "j_unseen": 0.802,
        "g": 0.857,
    }


def test_every_digit_that_was_given_is_kept() -> None:
    assert str(read_digits("G: 0.850")["g"]) == "0.850"
    assert str(read_digits("G: 85.0")["g"]) == "0.850"
    assert str(read_digits('{"G": 85}')["g"]) == "0.85"


@pytest.mark.parametrize(
    ("text", "name", "quoted"),
    [
        ("J: 0.775 +- 0.01", "J", "J: 0.775 +- 0.01"),
        ("J&F: 0.8\nF 0,845", "F", "F 0,845"),
        ("J: 0.775 (rank 3)", "J", "J: 0.775 (rank 3)"),
        ("J-Mean: n/a", "J-Mean", "J-Mean: n/a"),
        ("F nan", "F", "F nan"),
        ("J: 0.5 / F: 0.6", "J", "J: 0.5 / F: 0.6"),
        ("J;F\n0.5;0,6", "F", "0.5;0,6"),
        ("| | mean | recall |\n|---|---|---|\n| J | 0.5 | 0.9 |", "J", "| J | 0.5 | 0.9 |"),
        ('{"J": true}', "J", "J: True"),
        ("J: 0x1", "J", "J: 0x1"),
        ("J: \u0660.\u0665", "J", "J: \u0660.\u0665"),
    ],
)
def test_a_figure_that_cannot_be_read_is_never_guessed_nor_left_out(text: str, name: str, quoted: str) -> None:
    with pytest.raises(InputError) as raised:
        read(text, Submission.DAVIS)
    assert str(raised.value) == (
        f"scores.txt: expected one number after {name}, with a decimal point, found {quoted!r}; "
        "write it as `J&F-Mean: 0.810`"
    )


@given(layout=st.sampled_from(["{}: {}", "{} {}", "| {} | {} |", "{},{}"]), value=st.text(st.characters(), min_size=1))
def test_a_name_that_is_known_is_read_or_refused_or_has_no_value(layout: str, value: str) -> None:
    text = f"F: 0.6\n{layout.format('J', f'0.5{value}')}"
    try:
        found = read_digits(text, Submission.DAVIS)
    except InputError as error:
        assert str(error).startswith("scores.txt: expected ")  # noqa: PT017
    else:
        assert "j" in found


def test_figures_of_the_other_server_are_passed_over() -> None:
    assert read("J: 0.5\nJ_seen: 0.6") == {"j_seen": 0.6}
    assert read("J: 0.5\nJ_seen: 0.6", Submission.DAVIS) == {"j": 0.5}


def test_a_figure_may_be_said_twice_but_not_differently() -> None:
    assert read("G: 0.5\nOverall: 0.5") == {"g": 0.5}
    with pytest.raises(InputError, match=r"^scores\.txt: expected one value of g, found 0\.5 and 0\.6; keep one$"):
        read("G: 0.5\nOverall: 0.6")


@pytest.mark.parametrize("value", ["100.1", "-0.1", "1e9", "1e999"])
def test_a_value_out_of_range_is_quoted(value: str) -> None:
    with pytest.raises(InputError, match=r"^scores\.txt: expected figures in 0\.\.1, or 0\.\.100 percent, found 'G: "):
        read(f"G: {value}")


def test_percent_among_fractions_is_refused_because_either_might_be_meant() -> None:
    with pytest.raises(InputError, match=r"found j_seen 0\.8 beside g 85\.7; write them alike$"):
        read("G: 85.7\nJ_seen: 0.8")
    assert read("G: 85.7\nJ_seen: 0") == pytest.approx({"g": 0.857, "j_seen": 0})


@pytest.mark.parametrize(("text", "quoted"), [("", "no text"), ("error: wrong\nzip", "'error: wrong zip'")])
def test_an_answer_without_figures_is_quoted(text: str, quoted: str) -> None:
    with pytest.raises(InputError, match=rf"^scores\.txt: expected lines as `J_seen: 0\.846`, found {quoted}; give"):
        read(text)
    with pytest.raises(InputError, match=r"found '(long ){16}\.\.\.';"):
        read("long " * 99)
