from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from benchmarks.demo import CLIPS, Clip, render, scene
from benchmarks.demo.texture import Surface, Tile

BY_NAME = {clip.name: clip for clip in CLIPS}
TOLERANCE = np.ones((3, 3), dtype=np.uint8)  # one pixel each way


@pytest.fixture(autouse=True)
def _small_backdrops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "BACKDROP_SIDE", 128)  # quickly made, and what stands before it does not change


@pytest.fixture
def one_thread() -> Iterator[None]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(threads)


def bare(clip: Clip) -> Clip:
    """The clip without what reaches beyond an object: its shadow, the lens's blur and the sensor's grain."""
    return replace(clip, shadow=0.0, camera=replace(clip.camera, grain=0.0, blur=((0, 0),)))


@cache
def tile_of(surface: Surface, *, seed: int) -> Tile:
    return scene.tile(surface, seed=seed, side=scene.THING_SIDE)


@cache
def backdrop_of(name: str) -> Tile:
    return scene._backdrop_tile(BY_NAME[name])


def frame_of(clip: Clip, index: int) -> tuple[np.ndarray, np.ndarray]:
    """One frame alone, as `render` would draw it."""
    textures = [tile_of(thing.surface, seed=clip.seed) for thing in clip.things]
    return scene._render_frame(clip, backdrop_of(clip.name), textures, frame=index)


@pytest.mark.parametrize("name", ["ring-over-swimmer", "out-and-back"])
def test_a_clip_is_drawn_the_same_each_time(name: str) -> None:
    short = replace(BY_NAME[name], frames=3)
    for (image, truth), (again, truth_again) in zip(render(short), render(short), strict=True):
        assert np.array_equal(image, again)
        assert np.array_equal(truth, truth_again)


@pytest.mark.usefixtures("one_thread")
def test_a_clip_is_drawn_the_same_on_one_thread() -> None:
    clip = replace(BY_NAME["four-in-a-crowd"], frames=2)
    alone = list(render(clip))
    cv2.setNumThreads(2)
    for (image, truth), (again, truth_again) in zip(alone, render(clip), strict=True):
        assert np.array_equal(image, again)
        assert np.array_equal(truth, truth_again)


def test_drawing_leaves_the_global_generator_alone() -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002 - that nobody touches it is the point
    frame_of(BY_NAME["pick-the-twin"], 0)
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    assert np.array_equal(before["state"]["key"], after["state"]["key"])
    assert before["state"]["pos"] == after["state"]["pos"]


def test_another_seed_makes_other_textures_and_the_same_truth() -> None:
    clip = BY_NAME["late-arrival"]
    (image, truth), (other, other_truth) = next(render(clip)), next(render(replace(clip, seed=1)))
    assert not np.array_equal(image, other)
    assert np.array_equal(truth, other_truth)


@pytest.mark.parametrize(
    ("name", "index", "label"),
    [
        ("two-discs-cross", 12, 1),
        ("two-discs-cross", 12, 2),
        ("ring-over-swimmer", 16, 1),
        ("ring-over-swimmer", 16, 2),
        ("late-arrival", 15, 3),
        ("four-in-a-crowd", 14, 3),
    ],
)
def test_removing_a_thing_changes_its_mask_and_nothing_else(name: str, index: int, label: int) -> None:
    clip = bare(BY_NAME[name])
    without = replace(clip, things=tuple(thing for thing in clip.things if thing.label != label))
    image, truth = frame_of(clip, index)
    image_without, truth_without = frame_of(without, index)
    mask = (truth == label).astype(np.uint8)
    changed = np.any(image != image_without, axis=-1)
    assert not np.any(changed & (cv2.dilate(mask, TOLERANCE) == 0))
    assert changed[cv2.erode(mask, TOLERANCE) == 1].mean() > 0.97
    assert np.array_equal(truth[mask == 0], truth_without[mask == 0])


def test_a_distractor_is_drawn_and_hides_what_lies_behind_but_has_no_label() -> None:
    clip = bare(BY_NAME["pick-the-twin"])
    without = replace(clip, things=clip.things[:-1])
    image, truth = frame_of(clip, 13)
    image_without, truth_without = frame_of(without, 13)
    hidden = truth != truth_without
    assert np.count_nonzero(hidden) > 500
    assert not truth[hidden].any()
    assert np.any(image != image_without, axis=-1)[hidden].mean() > 0.97


def test_a_frame_depends_on_no_other_frame() -> None:
    clip = BY_NAME["two-discs-cross"]
    for index, (image, truth) in enumerate(render(replace(clip, frames=3))):
        alone, truth_alone = frame_of(clip, index)
        assert np.array_equal(image, alone)
        assert np.array_equal(truth, truth_alone)
