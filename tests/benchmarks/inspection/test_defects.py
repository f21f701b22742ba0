from benchmarks.inspection.defects import Defect, defect_lines


def defects(kind: str, *places: str, remedy: str = "mend them") -> list[Defect]:
    return [Defect(kind=kind, where=place, remedy=remedy) for place in places]


def test_each_kind_is_a_line_with_its_places_and_one_remedy() -> None:
    found = [*defects("wrong size", "a"), *defects("missing", "b", "c"), *defects("wrong size", "d")]
    assert defect_lines(found) == ["wrong size (2): a, d; mend them", "missing (2): b, c; mend them"]
    assert defect_lines(defects("missing", "b")) == ["missing: b; mend them"]
    assert defect_lines([]) == []


def test_what_needs_another_remedy_is_another_line() -> None:
    assert defect_lines([*defects("missing", "a"), *defects("missing", "b", remedy="fetch them")]) == [
        "missing: a; mend them",
        "missing: b; fetch them",
    ]


def test_places_beyond_the_first_are_counted() -> None:
    found = defects("missing", *map(str, range(23)))
    assert defect_lines(found)[0].endswith("18, 19 and 3 more; mend them")
    assert defect_lines(found[:20])[0].endswith("18, 19; mend them")
    assert defect_lines(found, shown=1) == ["missing (23): 0 and 22 more; mend them"]
