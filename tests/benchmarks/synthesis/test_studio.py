import numpy as np
import pytest

from benchmarks.synthesis import Studio, TrainingClip
from benchmarks.synthesis import studio as studio_module
from evaluators import jaccard

BINS = 16  # of each colour channel


@pytest.fixture(scope="module")
def clips() -> list[TrainingClip]:
    studio = Studio(11)
    return [studio.draw(number, size=128, frames=4, objects=1 + number % 3) for number in range(30)]


def test_a_clip_is_decided_by_seed_and_number_alone() -> None:
    first, second = Studio(5), Studio(5)
    second.draw(9, size=64, frames=2, objects=2)
    one, other = (studio.draw(4, size=64, frames=3, objects=1) for studio in (first, second))
    np.testing.assert_array_equal(one.frames, other.frames)
    np.testing.assert_array_equal(one.masks, other.masks)
    assert (Studio(6).draw(4, size=64, frames=3, objects=1).frames != one.frames).any()
    assert (first.draw(5, size=64, frames=3, objects=1).frames != one.frames).any()


def test_a_clip_has_what_was_asked_for(clips: list[TrainingClip]) -> None:
    for number, clip in enumerate(clips):
        assert clip.frames.shape == (4, 128, 128, 3)
        assert clip.masks.shape == (4, 128, 128)
        assert clip.frames.dtype == clip.masks.dtype == np.uint8
        labels = list(range(1, 2 + number % 3))
        assert np.unique(clip.masks[0]).tolist() == [0, *labels]
        assert set(np.unique(clip.masks).tolist()) <= {0, *labels}


def test_every_object_is_well_to_be_seen_at_first(clips: list[TrainingClip]) -> None:
    for clip in clips:
        assert np.bincount(clip.masks[0].ravel())[1:].min() >= studio_module.LEAST_SHARE * 128**2


def test_objects_leave_and_are_hidden_too(clips: list[TrainingClip]) -> None:
    least = [
        np.bincount(mask.ravel(), minlength=5)[1 : clip.masks[0].max() + 1].min()
        for clip in clips
        for mask in clip.masks
    ]
    assert min(least) == 0


def test_no_scene_is_an_error_that_says_what_was_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "LEAST_SHARE", 0.9)
    monkeypatch.setattr(studio_module, "ATTEMPTS", 2)
    with pytest.raises(RuntimeError, match="shows 2 objects at once, found none in 2 trials"):
        Studio(5).draw(1, size=64, frames=2, objects=2)


def test_the_first_mask_does_not_do_for_the_last_frame(clips: list[TrainingClip]) -> None:
    overlaps = [jaccard(clip.masks[0] == 1, clip.masks[-1] == 1) for clip in clips]
    assert 0.1 < np.mean(overlaps) < 0.6


def test_colour_alone_does_not_tell_objects_apart(clips: list[TrainingClip]) -> None:
    overlaps = [jaccard(_by_colour(clip), clip.masks[-1] == 1) for clip in clips]
    assert np.mean(overlaps) < 0.5


def _by_colour(clip: TrainingClip) -> np.ndarray:
    """The last frame's pixels whose colour was likelier on the object than elsewhere in the first frame."""
    cells = (clip.frames[[0, -1]] // (256 // BINS)).astype(int) @ [BINS * BINS, BINS, 1]
    here, elsewhere = (
        np.bincount(cells[0][mask], minlength=BINS**3) + 0.01 for mask in (clip.masks[0] == 1, clip.masks[0] != 1)
    )
    likelier: np.ndarray = (here > elsewhere)[cells[1]]
    return likelier
