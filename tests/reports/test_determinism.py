from reports.determinism import MaskDifference, judge_repeats


def test_equal_masks_are_called_deterministic_with_the_number_that_was_compared() -> None:
    record = judge_repeats(2, [])
    assert (record.verdict, record.n, record.deterministic) == ("deterministic, n = 2", 2, True)


def test_where_masks_first_differ_is_said() -> None:
    differences = [
        MaskDifference(repeat=3, sequence="dog", frame="00007"),
        MaskDifference(repeat=4, sequence="cow", frame="00001"),
    ]
    record = judge_repeats(4, differences)
    assert not record.deterministic
    assert record.verdict == ("not deterministic, n = 4: masks of repeat 3 first differ in sequence dog, frame 00007")
    assert record.differences == tuple(differences)
