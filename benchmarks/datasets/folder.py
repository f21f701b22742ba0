"""Anyone's videos: `JPEGImages/<video>/*.jpg|png` and `Annotations/<video>/*.png`."""

from functools import partial
from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets.listing import (
    IMAGE_ENDINGS,
    MASK_ENDINGS,
    by_number,
    list_images,
    list_videos,
    require_folder,
    require_matching_names,
)
from benchmarks.datasets.sequence import Lookups, Sequence
from benchmarks.errors import InputError


def folder_sequences(root: Path, config: DatasetConfig) -> Lookups:
    """Every video of the folder, by name. An object is prompted where its label first occurs in the annotations.

    Annotations serve as prompts, from which only objects that appear for the first time reach the model. They are truth
    as well where every frame from the first of them on has one: a mask that only introduces objects says nothing of
    those that were there before.
    """
    images = require_folder(root / "JPEGImages", config)
    annotations = require_folder(root / "Annotations", config, holds="masks")
    return {video.name: partial(_sequence, video, annotations / video.name) for video in list_videos(images)}


def _sequence(video: Path, annotations: Path) -> Sequence:
    frames = list_images(video, endings=IMAGE_ENDINGS)
    if not frames:
        raise InputError(f"{video}: expected frames (*.jpg or *.png), found none; remove the folder, or fill it")
    _require_time_order(list(frames), video)
    masks = list_images(annotations, endings=MASK_ENDINGS) if annotations.is_dir() else {}
    if not masks:
        raise InputError(
            f"{annotations}: expected at least the mask of the first frame ({next(iter(frames))}.png), found none"
        )
    require_matching_names(frames, masks, folder=video)
    names = list(frames)
    complete = names[names.index(next(iter(masks))) :] == list(masks)
    return Sequence(name=video.name, frames=tuple(frames.values()), prompts=masks, truth=masks if complete else {})


def _require_time_order(names: list[str], video: Path) -> None:
    """Raises InputError where frames would be run in another order than that of their numbers: as 10 before 2."""
    for name, numbered in zip(names, by_number(names), strict=True):
        if name != numbered:
            raise InputError(
                f"{video}: expected frames whose order by name is that of their numbers, found {name} before "
                f"{numbered}; rename them, with zeros before shorter numbers"
            )
