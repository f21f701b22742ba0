from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import (
    DatasetScore,
    ObjectScore,
    ScoringError,
    ScoringProtocol,
    SequenceScore,
    statistics,
    summarise_sequences,
)
from evaluators.results import summarise_objects
from reports.comparison import Comparison, compare_scores

FRAMES = ("00001", "00002")
FRACTION = st.floats(0, 1)


def score_of(figures: dict[str, list[tuple[float, float]]]) -> DatasetScore:
    """Scores of objects whose J and F are the same in both frames."""
    return summarise_sequences([sequence_of(name, objects) for name, objects in figures.items()])


def sequence_of(name: str, objects: list[tuple[float, float]]) -> SequenceScore:
    each = [
        ObjectScore(
            label=label,
            frames=FRAMES,
            j=(j, j),
            f=(f, f),
            j_statistics=statistics([j, j]),
            f_statistics=statistics([f, f]),
        )
        for label, (j, f) in enumerate(objects, 1)
    ]
    return summarise_objects(name, each, protocol=ScoringProtocol.DAVIS_2017)


GOOD = score_of({"cow": [(0.75, 1.0)], "dog": [(0.5, 0.5), (0.25, 0.75)]})
POOR = score_of({"cow": [(0.5, 0.75)], "dog": [(0.75, 0.5), (0.25, 0.5)]})


def test_every_object_is_paired_with_itself() -> None:
    comparison = compare_scores(GOOD, POOR)
    assert [(one.sequence, one.label) for one in comparison.objects] == [("cow", 1), ("dog", 1), ("dog", 2)]
    assert [one.j.difference for one in comparison.objects] == [0.25, -0.25, 0.0]
    assert [one.f.difference for one in comparison.objects] == [0.25, 0.0, 0.25]
    assert [one.j_and_f.difference for one in comparison.objects] == [0.25, -0.125, 0.125]
    assert [(one.j_and_f.first, one.j_and_f.second) for one in comparison.objects] == [
        (0.875, 0.625),
        (0.5, 0.625),
        (0.5, 0.375),
    ]


def test_sequences_and_the_dataset_have_the_means_of_their_objects() -> None:
    comparison = compare_scores(GOOD, POOR)
    assert [(one.name, one.objects, one.j_and_f.difference) for one in comparison.sequences] == [
        ("cow", 1, 0.25),
        ("dog", 2, 0.0),
    ]
    assert (comparison.j_and_f.first, comparison.j_and_f.second) == (GOOD.j_and_f, POOR.j_and_f)
    assert (comparison.j.first, comparison.j.second) == (GOOD.j_mean, POOR.j_mean)
    assert (comparison.f.first, comparison.f.second) == (GOOD.f_mean, POOR.f_mean)


@given(
    figures=st.dictionaries(
        st.sampled_from("abcd"),
        st.lists(st.tuples(FRACTION, FRACTION, FRACTION, FRACTION), min_size=1, max_size=3),
        min_size=1,
    )
)
def test_differences_average_to_that_of_the_dataset_and_change_sign_with_the_order(
    figures: dict[str, list[tuple[float, float, float, float]]],
) -> None:
    first, second = (
        score_of({name: [each[part : part + 2] for each in objects] for name, objects in figures.items()})
        for part in (0, 2)
    )
    there, back = compare_scores(first, second), compare_scores(second, first)
    differences = [one.j_and_f.difference for one in there.objects]
    assert there.j_and_f.difference == pytest.approx(np.mean(differences), abs=1e-12)
    assert [-value for value in differences] == [one.j_and_f.difference for one in back.objects]
    assert {one.j_and_f.difference for one in compare_scores(first, first).objects} == {0.0}


def test_a_comparison_survives_json() -> None:
    comparison = compare_scores(GOOD, POOR)
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison


def test_scores_of_other_things_are_not_compared() -> None:
    by_another = replace(GOOD, protocol=ScoringProtocol.DAVIS_2016)
    fewer = score_of({"cow": [(0.5, 0.5)]})
    turned = summarise_sequences(GOOD.sequences[::-1])
    other_objects = score_of({"cow": [(0.5, 0.5), (0.5, 0.5)], "dog": [(0.5, 0.5), (0.25, 0.25)]})
    cow = GOOD.sequences[0]
    shorter = replace(
        GOOD, sequences=(replace(cow, objects=(replace(cow.objects[0], frames=("1", "2")),)), POOR.sequences[1])
    )
    for other, reason in (
        (by_another, "expected scores by one protocol, found davis2017 and davis2016"),
        (fewer, "expected scores of the same sequences, found dog in only one of them;"),
        (turned, "expected scores of the same sequences, found another order;"),
        (other_objects, "expected scores of the same objects in sequence cow, found 2 in only one of them;"),
        (shorter, "expected scores of the same frames of object 1 in sequence cow, found 00001"),
    ):
        with pytest.raises(ScoringError, match=reason):
            compare_scores(GOOD, other)
