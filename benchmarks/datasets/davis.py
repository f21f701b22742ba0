"""DAVIS 2016 and 2017 as unpacked by their users: `DAVIS/2016/...` and `DAVIS/2017/trainval/...`."""

from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets.listing import (
    IMAGE_ENDINGS,
    MASK_ENDINGS,
    list_images,
    read_sequence_list,
    require_every_mask,
    require_folder,
    require_matching_names,
)
from benchmarks.datasets.sequence import Sequence
from benchmarks.errors import InputError

STANDARD = "480p"
STANDARD_SIZE = 480
FULL_RESOLUTION = ("Full-Resolution", "1080p")  # as named in the archives of 2017 and of 2016

VOID_2017 = 255

LISTS_2016 = ("2017/trainval/ImageSets/2016/val.txt", "2016/ImageSets/480p/val.txt", "2016/ImageSets/2016/val.txt")
LISTS_2017 = ("2017/trainval/ImageSets/2017/val.txt",)


def davis_2016_sequences(root: Path, config: DatasetConfig, *, size: int | None) -> tuple[Sequence, ...]:
    """The validation split of DAVIS 2016; masks are 0/255, one object each."""
    year = require_folder(root / "2016", title=config.title, source=config.source)
    names = _read_first_list(root, LISTS_2016, config)
    return tuple(_sequence(year, name, config, size=size, single_object=True) for name in names)


def davis_2017_sequences(root: Path, config: DatasetConfig, *, size: int | None) -> tuple[Sequence, ...]:
    """The validation split of DAVIS 2017."""
    year = require_folder(root / "2017" / "trainval", title=config.title, source=config.source)
    names = _read_first_list(root, LISTS_2017, config)
    return tuple(_sequence(year, name, config, size=size, single_object=False) for name in names)


def _sequence(year: Path, name: str, config: DatasetConfig, *, size: int | None, single_object: bool) -> Sequence:
    """Frames to be run at `size`: the 480p ones, or the original ones for any other. Masks are written at 480p."""
    scale = STANDARD if size in (None, STANDARD_SIZE) else _full_resolution(year, size)
    folder = require_folder(year / "JPEGImages" / scale / name, title=config.title, source=config.source)
    frames = list_images(folder, endings=IMAGE_ENDINGS)
    if not frames:
        raise InputError(f"{folder}: expected frames, found none; unpack {config.title} again")
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


def _masks(year: Path, scale: str, name: str, config: DatasetConfig) -> dict[str, Path]:
    folder = require_folder(year / "Annotations" / scale / name, title=config.title, source=config.source)
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
