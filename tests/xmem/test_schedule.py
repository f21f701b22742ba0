from hypothesis import given
from hypothesis import strategies as st

from xmem import MemoryConfig
from xmem.inference.schedule import Plan, advance, first_frame, plan


def plans(config: MemoryConfig, *, frames: int, prompts: frozenset[int] = frozenset({0})) -> list[Plan]:
    clock = first_frame(config)
    made = []
    for t in range(frames):
        prompted = t in prompts
        done = plan(clock, config, prompted=prompted, covered=prompted and t == 0, last=t == frames - 1)
        clock = advance(clock, done)
        made.append(done)
    return made


def memorised(made: list[Plan]) -> list[int]:
    return [t for t, done in enumerate(made) if done.memorise]


def test_every_rth_frame_is_memorised_but_not_the_last() -> None:
    assert memorised(plans(MemoryConfig(memorise_every=3), frames=10)) == [0, 3, 6]


def test_a_prompt_is_memorised_at_once_and_the_interval_counts_from_it() -> None:
    assert memorised(plans(MemoryConfig(memorise_every=3), frames=12, prompts=frozenset({0, 4}))) == [0, 3, 4, 7, 10]


def test_a_prompt_on_the_last_frame_is_not_memorised() -> None:
    assert memorised(plans(MemoryConfig(memorise_every=5), frames=4, prompts=frozenset({0, 3}))) == [0]


def test_the_first_frame_is_never_segmented_and_all_others_are() -> None:
    assert [done.segment for done in plans(MemoryConfig(), frames=4)] == [False, True, True, True]


def test_a_prompt_that_covers_all_objects_leaves_nothing_to_segment() -> None:
    config = MemoryConfig()
    clock = advance(first_frame(config), plan(first_frame(config), config, prompted=True, covered=True, last=False))
    assert not plan(clock, config, prompted=True, covered=True, last=False).segment
    assert plan(clock, config, prompted=True, covered=False, last=False).segment


def test_synchronised_deep_updates_take_the_place_of_sensory_updates() -> None:
    made = plans(MemoryConfig(memorise_every=2), frames=6)
    assert [done.deep_update for done in made] == [True, False, True, False, True, False]
    assert [done.sensory_update for done in made] == [False, True, False, True, False, False]


def test_a_deep_update_that_falls_due_between_insertions_waits_for_the_next() -> None:
    made = plans(MemoryConfig(memorise_every=6, deep_update_every=4), frames=15)
    assert memorised(made) == [0, 6, 12]
    assert [t for t, done in enumerate(made) if done.deep_update] == [0, 6, 12]
    often = plans(MemoryConfig(memorise_every=2, deep_update_every=3), frames=12)
    assert [t for t, done in enumerate(often) if done.deep_update] == [0, 4, 8]


def test_unsynchronised_sensory_updates_happen_on_every_frame_but_the_last() -> None:
    made = plans(MemoryConfig(memorise_every=2, deep_update_every=2), frames=5)
    assert [done.sensory_update for done in made] == [True, True, True, True, False]


@given(
    r=st.integers(1, 6), d=st.none() | st.integers(1, 6), frames=st.integers(1, 25), late=st.sets(st.integers(0, 24))
)
def test_deep_updates_only_ever_happen_with_insertions(r: int, d: int | None, frames: int, late: set[int]) -> None:
    config = MemoryConfig(memorise_every=r, deep_update_every=d)
    for done in plans(config, frames=frames, prompts=frozenset({0, *late})):
        assert done.memorise or not done.deep_update
