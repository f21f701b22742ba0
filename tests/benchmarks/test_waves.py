from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.waves import waves


@pytest.fixture
def make(tmp_path: Path, write_video: Callable[..., None]) -> Callable[..., tuple[Sequence, ...]]:
    def make(name: str, *, frames: int, size: tuple[int, int] = (48, 64)) -> tuple[Sequence, ...]:
        write_video(tmp_path / name, tmp_path / f"{name}_masks", frames=frames, size=size)
        return (Sequence(name=name, frames=tuple(sorted((tmp_path / name).iterdir())), prompts={}, truth={}),)

    return make


def test_they_hold_sequences_of_one_size_and_of_about_the_same_length(make: Callable) -> None:
    videos = [
        make("a", frames=2),
        make("b", frames=9, size=(64, 48)),
        make("c", frames=8),
        make("d", frames=7),
        make("e", frames=3),
    ]
    names = [[views[0].name for views in wave] for wave in waves(videos, at_once=2)]
    assert names == [["a"], ["e", "d"], ["c", "b"]]
    assert [len(wave) for wave in waves(videos, at_once=4)] == [2, 3]
    assert [len(wave) for wave in waves(videos, at_once=9)] == [5]
    assert waves([], at_once=4) == []


def test_one_at_a_time_they_keep_their_order_and_no_frame_is_looked_at(make: Callable) -> None:
    videos = [make("b", frames=3), make("a", frames=2)]
    for (sequence,) in videos:
        sequence.frames[0].unlink()
    assert waves(videos, at_once=1) == [[views] for views in videos]


def test_a_first_frame_that_is_no_image_is_told(make: Callable) -> None:
    videos = [make("a", frames=2), make("b", frames=2)]
    broken = videos[1][0].frames[0]
    broken.write_bytes(b"no image")
    with pytest.raises(InputError, match=f"^{broken}: expected an image"):
        waves(videos, at_once=2)
