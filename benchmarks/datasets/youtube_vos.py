"""YouTube-VOS as unpacked by its users: `YouTube2018/...` or `YouTube/...`, listed in `valid/meta.json`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import msgspec

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.listing import (
    IMAGE_ENDINGS,
    MASK_ENDINGS,
    list_images,
    require_folder,
    require_matching_names,
    require_plain_name,
)
from benchmarks.datasets.sequence import Lookups, Sequence
from benchmarks.errors import InputError
from benchmarks.regular_file import require_regular_file
from evaluators import ListedObject

VALID, TRAIN = "valid", "train"
FRAMES: Mapping[Layout, str] = {
    Layout.YOUTUBE_VOS: "all_frames/valid_all_frames/JPEGImages",
    Layout.YOUTUBE_VOS_SPARSE: "valid/JPEGImages",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video of meta.json: its objects, by the label that they have in masks."""

    objects: Mapping[int, ListedObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The content of meta.json."""

    videos: Mapping[str, Video]


def youtube_vos_sequences(root: Path, config: DatasetConfig) -> Lookups:
    """Every video of valid/meta.json, by name. The layout says which frames are run; the listed ones are written."""
    valid = require_folder(root / VALID, config)
    images = require_folder(root / FRAMES[config.layout], config, holds="frames")
    annotations = require_folder(valid / "Annotations", config, holds="masks")
    meta = read_meta(valid / "meta.json", config)
    return {
        name: partial(_sequence, images / name, annotations / name, meta.videos[name], config)
        for name in sorted(meta.videos)
    }


def read_meta(path: Path, config: DatasetConfig) -> Meta:
    """The content of a meta.json.

    Raises:
        InputError: the file is missing or damaged, or a name in it is not that of a plain folder.
    """
    require_regular_file(path, expected="a list of videos")
    try:
        meta = msgspec.json.decode(path.read_bytes(), type=Meta, strict=False)  # labels are keys, and so text
    except OSError as error:
        raise InputError(
            f"{path}: expected the list of videos of {config.title}, cannot read it: {error.strerror}; "
            f"it comes with the archive from {config.source}"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{path}: expected videos with their objects and frames, found another or damaged file ({error}); "
            f"get it again from {config.source}"
        ) from error
    if not meta.videos:
        raise InputError(f"{path}: expected videos with their objects and frames, found none")
    for name, video in meta.videos.items():
        require_plain_name(name, path)
        if not video.objects or not all(one.frames for one in video.objects.values()):
            raise InputError(f"{path}: expected objects with frames in video {name}, found none; get the file again")
        if strange := [label for label in video.objects if not 1 <= label <= 255]:
            raise InputError(f"{path}: expected objects 1..255 in video {name}, found {strange[0]}; get the file again")
    return meta


def seen_categories(root: Path, config: DatasetConfig) -> frozenset[str]:
    """Categories of the training split: those that are configured, or else those of its meta.json.

    Raises:
        InputError: there is no such file, or it is damaged; or a category is configured that no object has, which would
            make all objects of the one that was meant unseen.
    """
    if config.seen_categories is not None:
        known = _categories(read_meta(root / VALID / "meta.json", config))
        if strange := sorted(set(config.seen_categories) - known):
            raise InputError(
                f"{root / VALID / 'meta.json'}: expected objects of every one of dataset.seen_categories, found none "
                f"of {', '.join(strange)}; it has {', '.join(sorted(known))}"
            )
        return frozenset(config.seen_categories)
    path = root / TRAIN / "meta.json"
    if not path.is_file():
        raise InputError(
            f"{path}: expected the list of the training split, whose categories are the seen ones, found no such file; "
            "unpack train.zip there, or name them with dataset.seen_categories=[...]"
        )
    return _categories(read_meta(path, config))


def are_sparse(frames: Collection[str], listed: Collection[str]) -> bool:
    """Whether frames that lie between the listed ones are missing, all of them: the other protocol's frames.

    Args:
        frames: names of those that there are.
        listed: names of those that meta.json lists.
    """
    numbers = sorted(int(name) for name in listed if name.isdecimal())
    gaps = any(after - before > 1 for before, after in pairwise(numbers))
    return gaps and not any(name for name in frames if min(listed) < name < max(listed) and name not in listed)


def _categories(meta: Meta) -> frozenset[str]:
    return frozenset(one.category for video in meta.videos.values() for one in video.objects.values())


def _sequence(video: Path, annotations: Path, listed: Video, config: DatasetConfig) -> Sequence:
    """A video whose objects are prompted where their annotation first appears.

    Where every listed frame is annotated, annotations are truth as well. Then only those are prompts at whose frames
    meta.json has an object begin: truth must not be opened before scoring.
    """
    frames = list_images(require_folder(video, config, holds="frames"), endings=IMAGE_ENDINGS)
    masks = list_images(require_folder(annotations, config, holds="masks"), endings=MASK_ENDINGS)
    require_matching_names(frames, masks, folder=video)
    written = frozenset(name for one in listed.objects.values() for name in one.frames)
    if lost := sorted(written - frames.keys()):
        raise InputError(
            f"{video}: expected every frame that meta.json lists, found none for {', '.join(lost[:5])}; "
            f"unpack {config.title} again"
        )
    if config.layout is Layout.YOUTUBE_VOS and are_sparse(list(frames), written):
        raise InputError(
            f"{video}: expected every frame of the video, found only those that meta.json lists; unpack "
            f"valid_all_frames of {config.title} again, or choose the dataset of sparse frames"
        )
    if not masks:
        raise InputError(f"{annotations}: expected a mask where each object first appears, found none")
    complete = written <= masks.keys()
    begins = {min(one.frames) for one in listed.objects.values()}
    return Sequence(
        name=video.name,
        frames=tuple(frames.values()),
        prompts={name: path for name, path in masks.items() if name in begins} if complete else masks,
        truth={name: path for name, path in masks.items() if name in written} if complete else {},
        written=written,
        objects=listed.objects,
    )
