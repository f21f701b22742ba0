import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.demo import CLIPS, Clip
from benchmarks.demo.texture import FAMILIES
from benchmarks.masks import read_mask
from evaluators import jaccard

NAMES = [clip.name for clip in CLIPS]
each_clip = pytest.mark.parametrize("clip", CLIPS, ids=NAMES)


def masks_of(demo: Path, name: str) -> np.ndarray:
    return np.stack([read_mask(path) for path in sorted((demo / "Annotations" / name).iterdir())])


def areas_of(masks: np.ndarray) -> dict[int, np.ndarray]:
    return {int(label): np.count_nonzero(masks == label, axis=(1, 2)) for label in np.unique(masks) if label}


def test_there_are_six_clips_with_telling_names_and_one_line_each() -> None:
    assert len(CLIPS) == len(set(NAMES)) == 6
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in NAMES)
    assert all(clip.about.endswith(".") and "\n" not in clip.about for clip in CLIPS)


def test_no_two_clips_share_a_seed() -> None:
    assert len({clip.seed for clip in CLIPS}) == len(CLIPS)


def test_the_texture_families_are_listed_by_name_and_all_are_seen() -> None:
    used = {thing.surface.family for clip in CLIPS for thing in clip.things}
    assert used | {surface.family for clip in CLIPS for surface in clip.backdrop} == set(FAMILIES)


@each_clip
def test_a_clip_has_a_mask_and_a_colour_image_of_the_promised_size_for_every_frame(demo: Path, clip: Clip) -> None:
    names = [f"{index:05d}" for index in range(clip.frames)]
    assert 24 <= clip.frames <= 48
    images = sorted((demo / "JPEGImages" / clip.name).iterdir())
    masks = sorted((demo / "Annotations" / clip.name).iterdir())
    assert [path.name for path in images] == [f"{name}.jpg" for name in names]
    assert [path.name for path in masks] == [f"{name}.png" for name in names]
    for image, mask in zip(images, masks, strict=True):
        with Image.open(image) as opened:
            assert (opened.size, opened.mode) == ((336, 192), "RGB")
        assert read_mask(mask).shape == (192, 336)


@each_clip
def test_labels_count_from_one_to_at_most_four(demo: Path, clip: Clip) -> None:
    labels = list(areas_of(masks_of(demo, clip.name)))
    assert labels == list(range(1, len(labels) + 1))
    assert 1 <= len(labels) <= 4
    assert labels == sorted(thing.label for thing in clip.things if thing.label)


@each_clip
def test_every_label_is_large_enough_to_be_a_prompt_where_it_first_appears(demo: Path, clip: Clip) -> None:
    for area in areas_of(masks_of(demo, clip.name)).values():
        assert area[np.argmax(area > 0)] >= 150


@each_clip
def test_standing_still_scores_low_so_that_tracking_matters(demo: Path, clip: Clip) -> None:
    masks = masks_of(demo, clip.name)
    for label, area in areas_of(masks).items():
        first = int(np.argmax(area > 0))
        truth = masks[first + 1 :] == label
        assert jaccard(np.broadcast_to(masks[first] == label, truth.shape), truth).mean() < 0.5


def test_in_one_clip_a_label_first_appears_in_a_middle_frame(demo: Path) -> None:
    areas = areas_of(masks_of(demo, "late-arrival"))
    first = {label: int(np.argmax(area > 0)) for label, area in areas.items()}
    assert first == {1: 0, 2: 0, 3: 13}


def test_in_one_clip_a_label_leaves_and_comes_back(demo: Path) -> None:
    seen = areas_of(masks_of(demo, "out-and-back"))[1] > 0
    assert seen[0]
    assert seen[-1]
    assert np.count_nonzero(~seen) > 5
    assert np.count_nonzero(np.diff(seen.astype(int))) == 2


@pytest.mark.parametrize("name", ["two-discs-cross", "pick-the-twin"])
def test_in_some_clips_most_of_a_label_is_hidden_for_a_while(demo: Path, name: str) -> None:
    area = areas_of(masks_of(demo, name))[1]
    assert area.min() < 0.35 * min(area[0], area[-1])


@each_clip
def test_labelled_things_touch_or_hide_each_other_wherever_there_are_two(demo: Path, clip: Clip) -> None:
    masks = masks_of(demo, clip.name)
    left, right = masks[:, :, :-1], masks[:, :, 1:]
    assert np.any((left != right) & (left > 0) & (right > 0))
