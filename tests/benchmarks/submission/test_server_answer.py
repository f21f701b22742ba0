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
    ],
)
def test_names_and_numbers_as_servers_write_them(line: str, form: Submission, field: str, value: float) -> None:
    assert read(line, form) == pytest.approx({field: value})


def test_figures_of_the_other_server_are_passed_over() -> None:
    assert read("J: 0.5\nJ_seen: 0.6") == {"j_seen": 0.6}
    assert read("J: 0.5\nJ_seen: 0.6", Submission.DAVIS) == {"j": 0.5}


def test_a_figure_may_be_said_twice_but_not_differently() -> None:
    assert read("G: 0.5\nOverall: 0.5") == {"g": 0.5}
    with pytest.raises(InputError, match=r"^scores\.txt: expected one value of g, found 0\.5 and 0\.6; keep one$"):
        read("G: 0.5\nOverall: 0.6")


@pytest.mark.parametrize("value", ["100.1", "-0.1", "nan", "inf", "1e9"])
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
