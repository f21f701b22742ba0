"""Which frames are shown where not all have room."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.errors import InputError
from benchmarks.picture_choice import NO_ROOM, choose_pictures, embedded_size, evenly
from reports.page import ShownFrame


def picture(index: int, size: int) -> ShownFrame:
    return ShownFrame(index=index, image=b"i" * size, truth=b"t" * 3, predictions={0: b"p" * 3})


def test_a_picture_takes_what_its_base64_takes() -> None:
    assert embedded_size(picture(0, 7)) == 12 + 4 + 4


CLIPS = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 400)), min_size=1, max_size=6)


@given(clips=CLIPS, budget=st.integers(0, 30_000), data=st.data())
def test_what_is_shown_never_exceeds_the_budget_and_wastes_little_of_it(
    clips: list[tuple[int, int]], budget: int, data: st.DataObject
) -> None:
    """Pictures of one sequence are of about one size."""
    first = [
        data.draw(st.lists(st.integers(0, length - 1), min_size=1, max_size=3, unique=True)) for length, _ in clips
    ]
    chosen = choose_pictures(
        lambda clip, index: picture(index, clips[clip][1] + index % 3),
        [length for length, _ in clips],
        first=first,
        budget=budget,
    )
    used = sum(embedded_size(frame) for one in chosen for frame in one.frames)
    assert used <= budget
    complete = all(len(one.frames) == length for one, (length, _) in zip(chosen, clips, strict=True))
    one_more_of_each = 2 * sum(embedded_size(picture(0, size + 2)) for _, size in clips)
    assert complete or used + one_more_of_each > budget or not all(one.frames for one in chosen)
    for one, (length, _) in zip(chosen, clips, strict=True):
        places = [frame.index for frame in one.frames]
        assert places == sorted(set(places))
        assert set(places) <= set(range(length))
        assert one.absent == (None if places else NO_ROOM)


def test_the_first_choice_goes_before_all_others_and_the_rest_is_spread_evenly() -> None:
    each = embedded_size(picture(0, 300))
    (one,) = choose_pictures(lambda _, index: picture(index, 300), [101], first=[[63, 64]], budget=13 * each)
    places = [frame.index for frame in one.frames]
    assert {63, 64} <= set(places)
    assert len(places) == 13
    assert set(places) == {63} | evenly(101, 12)  # which has 64


def test_without_room_for_every_first_choice_each_sequence_gets_one_before_any_gets_two() -> None:
    each = embedded_size(picture(0, 300))
    chosen = choose_pictures(lambda _, index: picture(index, 300), [9, 9, 9], first=[[3, 4]] * 3, budget=4 * each)
    assert [[frame.index for frame in one.frames] for one in chosen] == [[3, 4], [3], [3]]
    few = choose_pictures(lambda _, index: picture(index, 300), [9, 9, 9], first=[[3, 4]] * 3, budget=2 * each)
    assert [one.absent for one in few] == [None, None, NO_ROOM]


def test_a_frame_that_cannot_be_read_takes_its_sequence_out_and_no_other() -> None:
    def take(clip: int, index: int) -> ShownFrame:
        if (clip, index) == (1, 4):
            raise InputError("00004.jpg: expected a frame, found none")
        return picture(index, 10)

    for first in ([0], [4]):
        chosen = choose_pictures(take, [6, 6], first=[[0], first], budget=10_000)
        assert [len(one.frames) for one in chosen] == [6, 0]
        assert chosen[1].absent == "00004.jpg: expected a frame, found none"


@given(length=st.integers(1, 500), count=st.integers(0, 600))
def test_an_even_choice_holds_both_ends_and_as_many_as_asked_for(length: int, count: int) -> None:
    places = sorted(evenly(length, count))
    assert len(places) == min(length, count)
    if count > 1:
        assert (places[0], places[-1]) == (0, length - 1)
        gaps = [later - earlier for earlier, later in pairwise(places)]
        assert not gaps or max(gaps) - min(gaps) <= 1
