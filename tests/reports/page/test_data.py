"""What the page's script is given."""

import dataclasses
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators import DatasetScore, ObjectScore, ScoringProtocol, SequenceScore, statistics
from evaluators.results import summarise_objects
from reports.page import Pictures, worst_frames
from reports.page.data import embed, page_data
from reports.page.worst import APART, WORST
from reports.result import Results

FRACTIONS = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def score_of(j: list[float], label: int = 1) -> ObjectScore:
    frames = tuple(f"{index:05d}" for index in range(len(j)))
    known = statistics([0.5, 0.5])
    return ObjectScore(label=label, frames=frames, j=tuple(j), f=tuple(j), j_statistics=known, f_statistics=known)


def sequence_of(*objects: ObjectScore) -> SequenceScore:
    return summarise_objects("cow", objects, protocol=ScoringProtocol.DAVIS_2017)


@given(j=FRACTIONS)
def test_worst_frames_begin_with_the_worst_and_rise_and_are_no_neighbours(j: list[float]) -> None:
    worst = worst_frames(sequence_of(score_of(j)))
    assert worst[0].j_and_f == min(j)
    assert all(one.j_and_f <= other.j_and_f for one, other in pairwise(worst))
    places = sorted(int(one.frame) for one in worst)
    assert all(other - one >= APART for one, other in pairwise(places))
    assert len(worst) == WORST or len(j) < WORST * (2 * APART - 1)


def test_the_worst_object_of_a_frame_decides() -> None:
    good, bad = score_of([0.9] * 7, label=1), score_of([0.8] * 6 + [0.1], label=2)
    first = worst_frames(sequence_of(good, bad))[0]
    assert (first.frame, first.label, first.j_and_f) == ("00006", 2, 0.1)


def test_curves_are_the_scores_in_four_decimals_at_the_frames_they_are_of(
    results: Results, curves: DatasetScore
) -> None:
    data = page_data(results, Pictures())
    (_, dog) = data.runs[0].sequences
    for drawn, scored in zip(dog.objects, curves.sequences[1].objects, strict=True):
        assert tuple(dog.frames[at] for at in drawn.at) == scored.frames
        assert drawn.j == pytest.approx(scored.j, abs=5e-5)
        assert drawn.f == pytest.approx(scored.f, abs=5e-5)
    assert (dog.working[0], dog.long_term[-1]) == (50, 128)
    assert dog.j_and_f is not None
    assert dog.j_and_f.text == f"{100 * curves.sequences[1].j_and_f:.1f}"


def test_runs_of_one_name_are_told_apart_and_others_are_not_spelt_out(results: Results) -> None:
    assert [run.label for run in page_data(results, Pictures()).runs] == [result.name for result in results.runs]
    alone = dataclasses.replace(results, runs=results.runs[:1])
    assert [run.label for run in page_data(alone, Pictures()).runs] == ["xmem-fp32-480p"]


def test_drawn_weights_are_told(results: Results) -> None:
    result = results.runs[0]
    cell = {**result.run.cell, "variant": {"name": "untrained", "untrained": {"key_dim": 8}}}
    untrained = dataclasses.replace(result, run=dataclasses.replace(result.run, cell=cell))
    small = {**result.run.cell, "variant": {"name": "xmem_tiny", "shipped": True, "untrained": {}}}
    tiny = dataclasses.replace(result, run=dataclasses.replace(result.run, cell=small))
    data = page_data(Results(runs=(result, untrained, tiny)), Pictures())
    assert [run.untrained for run in data.runs] == [False, True, False]


def test_pictures_are_given_to_the_runs_that_they_are_of(results: Results, pictures: Pictures) -> None:
    cow, dog = pictures.clips
    some = Pictures(
        clips=(dataclasses.replace(cow, runs=(1,)), dataclasses.replace(dog, runs=(1,), shown=(), absent="no room")),
        absent={0: "the data have gone"},
    )
    first, second = page_data(results, some).runs
    assert [(one.clip, one.absent) for one in first.sequences] == [(None, "the data have gone")] * 2
    assert [(one.clip, one.absent) for one in second.sequences] == [(0, None), (None, "no room")]


def test_embedded_data_are_json_that_cannot_end_or_open_anything(results: Results, pictures: Pictures) -> None:
    name = "</script><!--<script>&amp;\u2028"
    clips = tuple(dataclasses.replace(clip, name=name) for clip in pictures.clips)
    text = embed(page_data(results, Pictures(clips=clips)))
    assert not set("<>&") & set(text)
    assert json.loads(text)["clips"][0]["name"] == name
