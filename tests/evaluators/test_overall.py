import dataclasses
import json
from statistics import fmean

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import (
    DatasetScore,
    ObjectScore,
    OverallScore,
    ScoringError,
    ScoringProtocol,
    overall,
    statistics,
    summarise_sequences,
)
from evaluators.results import summarise_objects

Row = tuple[str, list[float], list[float]]  # an object: its category, J and F on each of its frames

SERIES = st.lists(st.floats(0, 1), min_size=1, max_size=4)
OBJECTS = st.lists(st.tuples(st.sampled_from(["ape", "bee", "cow", "dog"]), SERIES, SERIES), min_size=1, max_size=5)


def dataset_of(*sequences: list[Row]) -> DatasetScore:
    """Sequences 0, 1, ..., each with these objects."""
    return summarise_sequences(
        [
            summarise_objects(
                str(name),
                [
                    ObjectScore(
                        label=label,
                        frames=tuple(map(str, range(len(j)))),
                        j=tuple(j),
                        f=tuple(f),
                        j_statistics=statistics(j),
                        f_statistics=statistics(f),
                        category=category,
                    )
                    for label, (category, j, f) in enumerate(objects, 1)
                ],
                protocol=ScoringProtocol.YOUTUBE_VOS,
            )
            for name, objects in enumerate(sequences)
        ]
    )


def test_g_is_the_mean_of_four_parts_each_over_the_objects_of_its_group() -> None:
    score = dataset_of(
        [("cow", [0.5, 1.0], [1.0]), ("ape", [0.25], [0.5])],  # the first object's J is 0.75
        [("dog", [0.25], [0.25]), ("cow", [0.5], [1.0])],
    )
    assert overall(score, seen=["cow", "dog", "yak"]) == OverallScore(
        g=0.5,  # J&F, in which the seen objects weigh three times as much, is 0.5625
        reason=None,
        j_seen=0.5,
        f_seen=0.75,
        j_unseen=0.25,
        f_unseen=0.5,
        seen_objects=3,
        unseen_objects=1,
        seen=("cow", "dog", "yak"),
    )
    assert score.j_and_f == 0.5625


@given(objects=OBJECTS, seen=st.sets(st.sampled_from(["ape", "bee", "cow", "dog"])))
def test_g_is_its_rule_read_aloud(objects: list[Row], seen: set[str]) -> None:
    parts = []
    for wanted in (True, False):
        for series in (1, 2):
            means = [fmean(one[series]) for one in objects if (one[0] in seen) is wanted]
            parts.append(fmean(means) if means else None)
    complete = [part for part in parts if part is not None]
    result = overall(dataset_of(objects), seen=seen)
    assert [result.j_seen, result.f_seen, result.j_unseen, result.f_unseen] == pytest.approx(parts)
    assert result.g == (pytest.approx(fmean(complete)) if len(complete) == 4 else None)
    assert (result.g is None) == (result.reason is not None)
    assert result.seen_objects == sum(one[0] in seen for one in objects)
    assert result.seen_objects + result.unseen_objects == len(objects)


@given(objects=OBJECTS, repeats=st.integers(2, 3))
def test_a_group_weighs_the_same_however_many_objects_it_has(objects: list[Row], repeats: int) -> None:
    ours: Row = ("yak", [0.25], [0.5])
    once = overall(dataset_of([*objects, ours]), seen={"yak"})
    often = overall(dataset_of([*objects * repeats, ours]), seen={"yak"})
    assert often.g == pytest.approx(once.g)
    assert often.unseen_objects == repeats * once.unseen_objects


@given(objects=OBJECTS)
def test_it_does_not_matter_how_objects_share_sequences(objects: list[Row]) -> None:
    together, apart = dataset_of(objects), dataset_of(*([one] for one in objects))
    assert overall(together, seen={"cow", "ape"}) == overall(apart, seen={"cow", "ape"})


@pytest.mark.parametrize(("seen", "lacking"), [({"cow"}, "unseen"), ({"dog"}, "seen"), (set(), "seen")])
def test_without_objects_in_a_group_there_is_no_g_but_a_reason(seen: set[str], lacking: str) -> None:
    result = overall(dataset_of([("cow", [0.5], [1.0])]), seen=seen)
    there, gone = (result.j_seen, result.f_seen), (result.j_unseen, result.f_unseen)
    assert ((there, gone) if lacking == "unseen" else (gone, there)) == ((0.5, 1.0), (None, None))
    assert (result.g, result.reason) == (None, f"no object of {lacking} categories was scored")


def test_an_object_without_a_category_is_an_error_that_names_it() -> None:
    score = dataset_of([("cow", [0.5], [1.0])])
    (sequence,) = score.sequences
    (one,) = sequence.objects
    unlisted = summarise_objects(
        "dog", [dataclasses.replace(one, category=None, label=4)], protocol=ScoringProtocol.DAVIS_2017
    )
    with pytest.raises(ScoringError, match=r"sequence dog, object 4: expected a category, .* protocol davis2017; "):
        overall(summarise_sequences([unlisted]), seen={"cow"})


def test_it_survives_json_with_the_dataset_that_it_belongs_to() -> None:
    score = dataset_of([("cow", [0.5], [1.0]), ("dog", [0.25], [0.75])])
    for seen in ({"cow"}, {"cow", "dog"}):
        whole = dataclasses.replace(score, overall=overall(score, seen=seen))
        assert msgspec.json.decode(msgspec.json.encode(whole), type=DatasetScore) == whole


def test_scores_that_were_written_before_there_was_a_g_can_be_read() -> None:
    score = dataset_of([("cow", [0.5], [1.0])])
    old = json.loads(msgspec.json.encode(score))
    del old["overall"], old["sequences"][0]["objects"][0]["category"]
    read = msgspec.json.decode(json.dumps(old).encode(), type=DatasetScore)
    assert read.overall is None
    assert read.sequences[0].objects[0].category is None
    assert read.j_mean == score.j_mean
