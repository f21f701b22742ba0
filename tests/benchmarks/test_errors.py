from benchmarks.errors import InputError, MismatchError


def test_a_mismatch_is_a_mistake_of_the_user_in_one_line_and_in_its_parts() -> None:
    error = MismatchError("a.png", expected="a mask", found="a text; of two parts", remedy="replace it")
    assert isinstance(error, InputError)
    assert str(error) == "a.png: expected a mask, found a text; of two parts; replace it"
    assert (error.place, error.expected, error.found, error.remedy) == (
        "a.png",
        "a mask",
        "a text; of two parts",
        "replace it",
    )
