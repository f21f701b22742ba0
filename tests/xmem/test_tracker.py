from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from xmem import MemoryConfig, ModelConfig, Tracker, XMem

HEIGHT, WIDTH = 40, 52


def image(seed: int = 0, *, height: int = HEIGHT, width: int = WIDTH) -> torch.Tensor:
    return torch.randn(3, height, width, generator=torch.Generator().manual_seed(seed))


def mask(*labels: int, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Vertical stripes of equal width, one per label."""
    stripe = np.repeat(np.array(labels), -(-width // len(labels)))[:width]
    return np.tile(stripe, (height, 1)).astype(np.uint8)


def test_every_step_answers_with_a_distribution_at_the_size_of_the_image(small_network: XMem) -> None:
    tracker = Tracker(small_network, MemoryConfig(memorise_every=2), video_length=5)
    for t in range(5):
        probabilities = tracker.step(image(t), mask(0, 1, 2) if t == 0 else None)
        assert probabilities.shape == (3, HEIGHT, WIDTH)
        assert probabilities.dtype == torch.float32
        torch.testing.assert_close(probabilities.sum(dim=0), torch.ones(HEIGHT, WIDTH))


@given(labels=st.lists(st.integers(1, 255), min_size=1, max_size=4, unique=True), data=st.data())
def test_any_labels_come_back_as_they_were_given(small_network: XMem, labels: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(labels)))
    tracker = Tracker(small_network, MemoryConfig())
    probabilities = tracker.step(image(), mask(0, *labels[:first]))
    assert sorted(tracker.labels) == sorted(labels[:first])
    written = np.array([0, *tracker.labels])[probabilities.argmax(dim=0).numpy()]
    np.testing.assert_array_equal(written, mask(0, *labels[:first]))
    before = tracker.labels
    if labels[first:]:
        tracker.step(image(1), mask(0, *labels[first:]))
        assert tracker.labels[: len(before)] == before, "channels never move"
        assert sorted(tracker.labels) == sorted(labels)


def test_index_masks_may_be_arrays_or_tensors_of_any_integer_type(small_network: XMem) -> None:
    read_only = mask(0, 200)
    read_only.setflags(write=False)
    same = (
        mask(0, 200),
        torch.from_numpy(mask(0, 200)),
        torch.from_numpy(mask(0, 200)).long(),
        mask(0, 200).astype(np.int32),
        mask(0, 200).astype(np.uint16),
        np.ascontiguousarray(mask(0, 200)[:, ::-1])[:, ::-1],
        read_only,
    )
    answers = [Tracker(small_network, MemoryConfig()).step(image(), prompt) for prompt in same]
    for answer in answers[1:]:
        assert torch.equal(answer, answers[0])


def test_an_object_that_comes_later_leaves_the_others_where_the_prompt_is_silent(small_network: XMem) -> None:
    tracker = Tracker(small_network, MemoryConfig())
    tracker.step(image(0), mask(0, 1))
    late = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    late[:10, :10] = 9
    probabilities = tracker.step(image(1), late)
    assert tracker.labels == [1, 9]
    assert (probabilities.argmax(dim=0)[:10, :10] == 2).all()
    silent = np.ones((HEIGHT, WIDTH), dtype=bool)
    silent[:10, :10] = False
    assert (probabilities[1].numpy()[silent] > 1e-6).any(), "0 means unknown, not background"


def test_a_known_label_given_again_replaces_its_prediction(small_network: XMem) -> None:
    tracker = Tracker(small_network, MemoryConfig())
    tracker.step(image(0), mask(1, 2))
    moved = mask(0, 0, 0, 1)
    probabilities = tracker.step(image(1), moved)
    assert (probabilities.argmax(dim=0)[:, -10:] == 1).all()
    assert (probabilities[1][:, :36] < 1e-5).all(), "what was predicted of it elsewhere is gone"


def test_memory_is_empty_before_the_first_step_and_counts_elements_after(small_network: XMem) -> None:
    tracker = Tracker(small_network, MemoryConfig(memorise_every=2))
    assert tracker.memory_size == (0, 0)
    assert tracker.labels == []
    per_frame = 3 * 4  # 40 x 52 padded to 48 x 64, at stride 16
    sizes = []
    for t in range(5):
        tracker.step(image(t), mask(0, 1) if t == 0 else None)
        sizes.append(tracker.memory_size)
    assert sizes == [(n * per_frame, 0) for n in (1, 1, 2, 2, 3)]


def test_the_last_frame_is_not_memorised_whether_said_or_counted(small_network: XMem) -> None:
    said = Tracker(small_network, MemoryConfig(memorise_every=1))
    counted = Tracker(small_network, MemoryConfig(memorise_every=1), video_length=2)
    for tracker, last in ((said, True), (counted, False)):
        tracker.step(image(0), mask(0, 1))
        before = tracker.memory_size
        tracker.step(image(1), last=last)
        assert tracker.memory_size == before
        with pytest.raises(ValueError, match="no frame after the last"):
            tracker.step(image(2))


def test_a_step_does_not_touch_what_it_was_given(small_network: XMem) -> None:
    frame, prompt = image(), mask(0, 1)
    frame_before, prompt_before = frame.clone(), prompt.copy()
    Tracker(small_network, MemoryConfig()).step(frame, prompt)
    assert torch.equal(frame, frame_before)
    np.testing.assert_array_equal(prompt, prompt_before)


def test_two_trackers_on_one_network_do_not_disturb_each_other(small_network: XMem) -> None:
    def track(*, with_another: bool) -> torch.Tensor:
        tracker = Tracker(small_network, MemoryConfig(memorise_every=1))
        other = Tracker(small_network, MemoryConfig(memorise_every=1))
        for t in range(4):
            answer = tracker.step(image(t), mask(0, 1) if t == 0 else None)
            if with_another:
                other.step(image(50 + t), mask(3, 4) if t == 0 else None)
        return answer

    assert torch.equal(track(with_another=False), track(with_another=True))


def test_a_network_without_sensory_memory_is_the_same_code(drawn_network: Callable[..., XMem]) -> None:
    network = drawn_network(ModelConfig(key_width=4, value_width=4, value_dim=16, sensory_dim=0, key_dim=8))
    tracker = Tracker(network, MemoryConfig(memorise_every=1))
    for t in range(3):
        assert tracker.step(image(t), mask(0, 5) if t == 0 else None).shape == (2, HEIGHT, WIDTH)


def test_bfloat16_autocast_stays_near_fp32_and_answers_in_fp32(small_network: XMem) -> None:
    def track() -> list[torch.Tensor]:
        tracker = Tracker(small_network, MemoryConfig(memorise_every=1, max_working_frames=4, min_working_frames=2))
        return [tracker.step(image(t), mask(0, 1, 2) if t == 0 else None) for t in range(7)]

    exact = track()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rounded = track()
    for one, other in zip(exact, rounded, strict=True):
        assert other.dtype == torch.float32
        assert (one - other).abs().mean() < 0.05
        assert not torch.equal(one, other) or one is exact[0]


class TestRefusals:
    """A step that cannot be taken says why and leaves the tracker as it was."""

    @pytest.mark.parametrize(
        ("frame", "prompt", "reason"),
        [
            (image()[:2], mask(0, 1), "float image"),
            (image()[None], mask(0, 1), "float image"),
            ((image() * 0).to(torch.uint8), mask(0, 1), "float image"),
            (image(), mask(0, 1, height=HEIGHT + 1), "index mask"),
            (image(), mask(0, 1).astype(np.float32), "index mask"),
            (image(), np.full((HEIGHT, WIDTH), 256), r"0\.\.255"),
            (image(), np.full((HEIGHT, WIDTH), -1), r"0\.\.255"),
            (image(), None, "a prompt that shows an object"),
            (image(), mask(0, 0), "a prompt that shows an object"),
        ],
    )
    @pytest.mark.usefixtures("without_shape_checks")
    def test_unusable_input_is_refused_before_anything_changes(
        self, small_network: XMem, frame: torch.Tensor, prompt: np.ndarray | None, reason: str
    ) -> None:
        tracker = Tracker(small_network, MemoryConfig())
        with pytest.raises(ValueError, match=reason):
            tracker.step(frame, prompt)
        assert tracker.memory_size == (0, 0)
        assert tracker.labels == []
        fresh = Tracker(small_network, MemoryConfig())
        assert torch.equal(tracker.step(image(), mask(0, 1)), fresh.step(image(), mask(0, 1)))

    def test_a_video_keeps_its_size(self, small_network: XMem) -> None:
        tracker = Tracker(small_network, MemoryConfig())
        tracker.step(image(), mask(0, 1))
        with pytest.raises(ValueError, match="like those before"):
            tracker.step(image(height=HEIGHT + 16))

    def test_a_network_in_training_mode_is_refused(self) -> None:
        network = XMem(ModelConfig(key_width=4, value_width=4, value_dim=16, sensory_dim=4, key_dim=8)).train()
        with pytest.raises(ValueError, match="eval mode"):
            Tracker(network, MemoryConfig())

    def test_a_video_has_at_least_one_frame(self, small_network: XMem) -> None:
        with pytest.raises(ValueError, match="video_length >= 1"):
            Tracker(small_network, MemoryConfig(), video_length=0)
