import pytest

from xmem import MemoryConfig, ModelConfig


def test_the_defaults_are_those_of_the_paper() -> None:
    assert MemoryConfig() == MemoryConfig(
        memorise_every=5,
        deep_update_every=None,
        top_k=30,
        long_term=True,
        min_working_frames=5,
        max_working_frames=10,
        prototypes=128,
        max_long_term=10000,
        count_usage=None,
    )


@pytest.mark.parametrize(
    ("frames", "counted"), [(390, False), (391, True)], ids=["just too short to overflow", "just long enough"]
)
def test_usage_is_counted_when_the_video_can_overflow_long_term_memory(frames: int, counted: bool) -> None:
    # 391 / (10 - 5) * 128 = 10009.6 >= 10000 > 390 / 5 * 128 = 9984, by real division
    assert MemoryConfig().counts_usage(frames) is counted


def test_usage_is_not_counted_when_the_length_is_unknown() -> None:
    assert not MemoryConfig().counts_usage(None)


def test_what_is_said_about_counting_overrides_the_length() -> None:
    assert MemoryConfig(count_usage=True).counts_usage(1)
    assert not MemoryConfig(count_usage=False).counts_usage(10**6)
    assert not MemoryConfig(long_term=False).counts_usage(10**6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"memorise_every": 0},
        {"top_k": 0},
        {"prototypes": 0},
        {"min_working_frames": 0},
        {"deep_update_every": 0},
        {"min_working_frames": 10, "max_working_frames": 10},
        {"prototypes": 128, "max_long_term": 127},
    ],
)
def test_values_out_of_range_are_named(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"expected memory.{'|'.join(wrong)}"):
        MemoryConfig(**wrong)


def test_sizes_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ModelConfig(key_dim=0)
    with pytest.raises(ValueError, match="sensory_dim"):
        ModelConfig(sensory_dim=-1)
