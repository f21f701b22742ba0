"""Long-Time Video: `long_video_set/long_video/...`, few annotated frames a video; and thrice over, `long_video_x3`."""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.artifacts import make_folder, new_folder
from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.listing import (
    IMAGE_ENDINGS,
    MASK_ENDINGS,
    list_images,
    list_videos,
    require_folder,
    require_matching_names,
)
from benchmarks.datasets.sequence import Lookups, Sequence
from benchmarks.errors import InputError

ONCE, THRICE = "long_video", "long_video_x3"


def long_video_sequences(root: Path, config: DatasetConfig) -> Lookups:
    """The videos as they were published (1X), or those of 3X, which are made from them when missing."""
    if config.layout is Layout.LONG_VIDEO:
        return _sequences(root / ONCE, config)
    if not (root / THRICE).exists():
        once = replace(config, name=ONCE, title=f"the 1X videos that {config.title} is made of")
        write_thrice([look_up() for look_up in _sequences(root / ONCE, once).values()], root / THRICE)
    elif (root / ONCE).exists():
        _require_made_of(root / ONCE, root / THRICE)
    return _sequences(root / THRICE, config)


def write_thrice(once: Iterable[Sequence], thrice: Path) -> None:
    """Make the 3X videos of those of 1X: frames are renumbered, and annotations come along.

    Files are linked, not copied, where the file system can.

    Raises:
        InputError: the folder is there already, or the disk refuses.
    """
    with new_folder(thrice) as partial:
        for sequence in once:
            images, annotations = partial / "JPEGImages" / sequence.name, partial / "Annotations" / sequence.name
            make_folder(images)
            make_folder(annotations)
            for position, index in enumerate(forward_backward_forward(len(sequence.frames))):
                frame = sequence.frames[index]
                _link(frame, images / f"{position:05d}{frame.suffix}")
                if frame.stem in sequence.truth:
                    _link(sequence.truth[frame.stem], annotations / f"{position:05d}.png")


def forward_backward_forward(length: int) -> Iterator[int]:
    """Indices of the frames of a 3X video: 0..N-1, N-2..0, 1..N-1. Turning points are shown once."""
    yield from range(length)
    yield from range(length - 2, -1, -1)
    yield from range(1, length)


def _require_made_of(once: Path, thrice: Path) -> None:
    """3X that was made of an incomplete 1X must not outlive it.

    Raises:
        InputError: a video is missing from 3X, or as long as none that is made of its 1X.
    """
    for video in list_videos(once / "JPEGImages"):
        frames = len(list_images(video, endings=IMAGE_ENDINGS))
        again = thrice / "JPEGImages" / video.name
        found = len(list_images(again, endings=IMAGE_ENDINGS)) if again.is_dir() else 0
        if found != (expected := len(list(forward_backward_forward(frames)))):
            raise InputError(
                f"{again}: expected {expected} frames, made of the {frames} in {video}, found {found}; remove {thrice} "
                "to have it made again"
            )


def _sequences(root: Path, config: DatasetConfig) -> Lookups:
    images = require_folder(root / "JPEGImages", config)
    annotations = require_folder(root / "Annotations", config, holds="masks")
    return {video.name: partial(_sequence, video, annotations / video.name, config) for video in list_videos(images)}


def _sequence(video: Path, annotations: Path, config: DatasetConfig) -> Sequence:
    """A video whose annotated frames are written and scored, and whose first annotation is the prompt."""
    frames = list_images(video, endings=IMAGE_ENDINGS)
    if not frames:
        raise InputError(f"{video}: expected frames, found none; unpack {config.title} again")
    require_folder(annotations, config, holds="masks")
    masks = list_images(annotations, endings=MASK_ENDINGS)
    require_matching_names(frames, masks, folder=video)
    first = next(iter(frames))
    if first not in masks:
        raise InputError(f"{annotations}: expected a mask of the first frame ({first}.png), found none")
    return Sequence(
        name=video.name,
        frames=tuple(frames.values()),
        prompts={first: masks[first]},
        truth=masks,
        written=frozenset(masks),
    )


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)  # of a relative symbolic link, a link would lead nowhere
    except OSError:  # another file system, or one without links: a copy holds the same bytes
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise InputError(f"{target}: cannot copy {source} there: {error.strerror}") from error
