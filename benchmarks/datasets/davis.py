"""DAVIS as unpacked by its users: `DAVIS/2016/...`, `DAVIS/2017/trainval/...` and `DAVIS/2017/test-dev/...`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.listing import (
    IMAGE_ENDINGS,
    MASK_ENDINGS,
    list_images,
    read_sequence_list,
    require_every_mask,
    require_folder,
    require_matching_names,
)
from benchmarks.datasets.sequence import Lookups, Sequence
from benchmarks.errors import InputError

STANDARD = "480p"
STANDARD_SIZE = 480
FULL_RESOLUTION = ("Full-Resolution", "1080p")  # as named in the archives of 2017 and of 2016

VOID_2017 = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where a split lies below the folder `DAVIS`.

    Args:
        folder: of its frames and masks.
        lists: files that may hold the names of its sequences, of which the first that exists counts.
        single_object: whether masks are 0/255, one object each.
    """

    folder: str
    lists: tuple[str, ...]
    single_object: bool = False


SPLITS: Mapping[Layout, Split] = {
    Layout.DAVIS_2016: Split(
        folder="2016",
        lists=(
            "2017/trainval/ImageSets/2016/val.txt",
            "2016/ImageSets/480p/val.txt",
            "2016/ImageSets/2016/val.txt",
            "2016/val.txt",
        ),
        single_object=True,
    ),
    Layout.DAVIS_2017: Split(folder="2017/trainval", lists=("2017/trainval/ImageSets/2017/val.txt",)),
    Layout.DAVIS_2017_TEST_DEV: Split(folder="2017/test-dev", lists=("2017/test-dev/ImageSets/2017/test-dev.txt",)),
}


def davis_sequences(root: Path, config: DatasetConfig, *, size: int | None) -> Lookups:
    """The sequences of the split that the layout names, to be run at `size`; None is 480p, which DAVIS calls native."""
    split = SPLITS[config.layout]
    year = require_folder(root / split.folder, config)
    names = _read_first_list(root, split.lists, config)
    return {
        name: partial(_sequence, year, name, config, size=size, single_object=split.single_object) for name in names
    }


def _sequence(year: Path, name: str, config: DatasetConfig, *, size: int | None, single_object: bool) -> Sequence:
    """Frames to be run at `size`: the 480p ones, or the original ones for any other. Masks are written at 480p."""
    scale = STANDARD if size in (None, STANDARD_SIZE) else _full_resolution(year, size)
    folder = require_folder(year / "JPEGImages" / scale / name, config)
    frames = list_images(folder, endings=IMAGE_ENDINGS)
    if not frames:
        raise InputError(f"{folder}: expected frames, found none; unpack {config.title} again")
    if scale != STANDARD:
        _require_same_frames(frames, year / "JPEGImages" / STANDARD / name, folder, config)
    masks = _masks(year, scale, name, config)
    truth = masks if scale == STANDARD else _masks(year, STANDARD, name, config)
    require_matching_names(frames, truth, folder=folder)
    first = next(iter(frames))
    if first not in masks or first not in truth:
        raise InputError(
            f"{year / 'Annotations' / scale / name}: expected a mask of the first frame ({first}.png), found none"
        )
    require_every_mask(frames, truth, folder=year / "Annotations" / STANDARD / name)
    return Sequence(
        name=name,
        frames=tuple(frames.values()),
        prompts={first: masks[first]},
        truth=truth,
        single_object=single_object,
        void=None if single_object else VOID_2017,
        written_like=truth[first],
    )


def _require_same_frames(frames: Mapping[str, Path], standard: Path, folder: Path, config: DatasetConfig) -> None:
    """Masks are written for the frames at 480p: at another size there must be just the same."""
    expected = list_images(require_folder(standard, config), endings=IMAGE_ENDINGS)
    if odd := sorted(frames.keys() ^ expected.keys()):
        raise InputError(
            f"{folder}: expected the frames of {standard}, found {', '.join(odd[:5])} in one of them only; unpack both "
            f"archives of {config.title} again"
        )


def _masks(year: Path, scale: str, name: str, config: DatasetConfig) -> dict[str, Path]:
    folder = require_folder(year / "Annotations" / scale / name, config)
    return list_images(folder, endings=MASK_ENDINGS)


def _full_resolution(year: Path, size: int | None) -> str:
    for name in FULL_RESOLUTION:
        if (year / "JPEGImages" / name).is_dir():
            return name
    raise InputError(
        f"{year / 'JPEGImages'}: expected a folder {' or '.join(FULL_RESOLUTION)}, which resolution.size={size} is "
        "made from, found none; get the full-resolution archive, or take resolution=480p"
    )


def _read_first_list(root: Path, candidates: tuple[str, ...], config: DatasetConfig) -> tuple[str, ...]:
    for candidate in candidates:
        if (root / candidate).is_file():
            return read_sequence_list(root / candidate)
    raise InputError(
        f"{root / candidates[0]}: expected the list of sequences of {config.title}, found no such file; "
        f"it comes with the archive of {config.source}"
    )
