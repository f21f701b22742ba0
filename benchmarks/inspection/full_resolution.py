"""What may be wrong with a video at full resolution, from which DAVIS makes all sizes but 480p."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Bool, UInt8

from benchmarks.frames import resize_prompt
from benchmarks.inspection.image_checks import Fault, check_frames, check_masks
from benchmarks.inspection.image_survey import Survey, decode_frame, is_8_bit, is_index, read_labels, survey_images
from benchmarks.inspection.inventory import Video
from benchmarks.inspection.place import Place
from benchmarks.masks import read_mask
from evaluators import jaccard
from evaluators.image_size import size_text

# Widths at 480p are rounded (854 of 853.3); the aspects of films, such as 16:9 and 17:9, are six times as far apart.
ASPECT_TOLERANCE = 0.01

# J of the objects of one frame at two sizes is close to 1; that of frames of two sequences seldom more than this.
ALIKE = 0.5


def check_full_resolution(
    video: Video, place: Place, *, frames: Survey, masks: Survey, thorough: bool
) -> Iterator[Fault]:
    """Hold a video at full resolution against the same at 480p; nothing where it is not there at all.

    Args:
        video: its files.
        place: what its dataset promises.
        frames: those at 480p.
        masks: those at 480p.
        thorough: whether every frame is decoded.
    """
    original = video.full_resolution
    if original is None or not original.frames or not video.frames:  # the inventory has said it
        return
    large_frames = survey_images(
        original.frames, decoded=original.frames if thorough else (), decode=decode_frame, readable=is_8_bit
    )
    first = next(iter(video.frames))
    first_mask = {name: path for name, path in original.masks.items() if name == first}  # no other is ever opened
    large_masks = survey_images(first_mask, decoded=first_mask, decode=read_labels, readable=is_index)
    yield from _check_names(video, original)
    yield from check_frames(large_frames)
    yield from check_masks(large_frames, large_masks)
    yield from _check_aspect(frames, large_frames)
    if first in masks.labels and first in large_masks.labels:
        labels, found = (one.labels[first] - {place.void} for one in (masks, large_masks))
        if labels != found and not place.single_object:
            yield "first masks of other labels than at 480p", f"{first} ({_text(found)} instead of {_text(labels)})"
        elif not _alike(read_mask(video.masks[first]), read_mask(first_mask[first]), void=place.void):
            yield "first masks that show objects elsewhere than at 480p", first


def _check_names(video: Video, original: Video) -> Iterator[Fault]:
    yield from (("frames of 480p that are missing", name) for name in video.frames if name not in original.frames)
    yield from (("frames that are not at 480p", name) for name in original.frames if name not in video.frames)
    first = next(iter(video.frames))
    if original.masks and first not in original.masks:
        yield "first masks that are missing", first


def _check_aspect(small: Survey, large: Survey) -> Iterator[Fault]:
    if small.size is None or large.size is None:
        return
    (height, width), (full_height, full_width) = small.size, large.size
    aspect, full_aspect = width / height, full_width / full_height
    if abs(full_aspect - aspect) > ASPECT_TOLERANCE * aspect:
        where = next(iter(large.headers))
        yield "frames of another aspect than at 480p", f"{where} ({size_text(large.size)}, but {size_text(small.size)})"


def _text(labels: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(labels))) or "none"


def _alike(
    small: UInt8[np.ndarray, "height width"], large: UInt8[np.ndarray, "full_height full_width"], *, void: int | None
) -> bool:
    """Whether objects are in the same places."""
    height, width = small.shape
    shrunk = resize_prompt(torch.from_numpy(large), (height, width)).numpy()
    return bool(jaccard(_objects(shrunk, void=void), _objects(small, void=void)) >= ALIKE)


def _objects(mask: UInt8[np.ndarray, "height width"], *, void: int | None) -> Bool[np.ndarray, "height width"]:
    return (mask > 0) if void is None else (mask > 0) & (mask != void)
