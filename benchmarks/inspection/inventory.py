"""What there is of a dataset on disk, found without stopping at what is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.davis import FULL_RESOLUTION, SPLITS, STANDARD, VOID_2017
from benchmarks.datasets.listing import IMAGE_ENDINGS, MASK_ENDINGS, list_images, read_sequence_list
from benchmarks.datasets.long_video import ONCE, THRICE
from benchmarks.datasets.youtube_vos import FRAMES, VALID, read_meta
from benchmarks.errors import InputError
from benchmarks.inspection.defects import Defect
from evaluators import ListedObject


class Annotated(Enum):
    """Frames of a video that need a mask."""

    EVERY = auto()
    FIRST = auto()
    LISTED = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dataset lies, and what its layout promises.

    Args:
        frames: folder with a folder of frames for each video.
        masks: the same of masks.
        annotated: which frames need a mask.
        lists: files that may name the videos, of which the first that exists counts.
        meta: the list of YouTube-VOS.
        full_resolution: folders that may hold the frames at their original size.
        single_object: whether masks are 0/255, one object each.
        void: a label that is no object.
    """

    frames: Path
    masks: Path
    annotated: Annotated
    lists: tuple[Path, ...] = ()
    meta: Path | None = None
    full_resolution: tuple[Path, ...] = ()
    single_object: bool = False
    void: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """Files of one video by frame name; `objects` are those that YouTube-VOS lists, by label."""

    name: str
    frames: Mapping[str, Path]
    masks: Mapping[str, Path]
    objects: Mapping[int, ListedObject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The videos that should be there.

    Args:
        videos: with what there is of each.
        defects: what is wrong with lists and folders.
        remarks: what is worth knowing of them, and no defect.
    """

    videos: tuple[Video, ...]
    defects: tuple[Defect, ...]
    remarks: tuple[Defect, ...]


def find_place(config: DatasetConfig, data: Path) -> Place:
    """Where a dataset lies below the folder that holds all datasets."""
    root = data / config.root
    match config.layout:
        case Layout.DAVIS_2016 | Layout.DAVIS_2017 | Layout.DAVIS_2017_TEST_DEV:
            split = SPLITS[config.layout]
            year = root / split.folder
            return Place(
                frames=year / "JPEGImages" / STANDARD,
                masks=year / "Annotations" / STANDARD,
                annotated=Annotated.FIRST if config.layout is Layout.DAVIS_2017_TEST_DEV else Annotated.EVERY,
                lists=tuple(root / one for one in split.lists),
                full_resolution=tuple(year / "JPEGImages" / name for name in FULL_RESOLUTION),
                single_object=split.single_object,
                void=None if split.single_object else VOID_2017,
            )
        case Layout.YOUTUBE_VOS | Layout.YOUTUBE_VOS_SPARSE:
            return Place(
                frames=root / FRAMES[config.layout],
                masks=root / VALID / "Annotations",
                annotated=Annotated.LISTED,
                meta=root / VALID / "meta.json",
            )
        case Layout.LONG_VIDEO | Layout.LONG_VIDEO_X3:
            root /= ONCE if config.layout is Layout.LONG_VIDEO else THRICE
            return Place(frames=root / "JPEGImages", masks=root / "Annotations", annotated=Annotated.FIRST)
        case Layout.FOLDER | Layout.DEMO:
            return Place(frames=root / "JPEGImages", masks=root / "Annotations", annotated=Annotated.ANY)


def take_inventory(config: DatasetConfig, place: Place, *, restore: str) -> Inventory:
    """Look up all videos; only folders and lists are read.

    Args:
        config: which dataset.
        place: where it lies; its folder of frames is there.
        restore: what to do about something that is missing.
    """
    listed, defects = _read_list(config, place, restore)
    folders = {folder.name for folder in place.frames.iterdir() if folder.is_dir() and not folder.name.startswith(".")}
    unlisted = [] if listed is None else sorted(folders - listed.keys())
    videos = []
    for name in sorted(folders if listed is None else listed):
        frames, no_frames = _list(place.frames / name, IMAGE_ENDINGS, kind="folders of frames", restore=restore)
        masks, no_masks = _list(place.masks / name, MASK_ENDINGS, kind="folders of masks", restore=restore)
        videos.append(Video(name=name, frames=frames, masks=masks, objects={} if listed is None else listed[name]))
        defects += no_frames + no_masks
    if place.meta is not None:
        defects += [
            Defect(kind="folders that meta.json does not list", where=name, remedy="remove them, or restore meta.json")
            for name in unlisted
        ]
        unlisted = []
    return Inventory(videos=tuple(videos), defects=tuple(defects), remarks=tuple(_remarks(place, unlisted)))


def _read_list(
    config: DatasetConfig, place: Place, restore: str
) -> tuple[Mapping[str, Mapping[int, ListedObject]] | None, list[Defect]]:
    """The names of all videos, with the objects that are listed of each; None where only folders say it."""
    try:
        if place.meta is not None:
            return {name: video.objects for name, video in read_meta(place.meta, config).videos.items()}, []
        if place.lists:
            path = next((one for one in place.lists if one.is_file()), place.lists[0])
            return {name: {} for name in read_sequence_list(path)}, []
    except InputError as error:
        return None, [Defect(kind="lists that cannot be used", where=_in_brief(error), remedy=restore)]
    return None, []


def _list(
    folder: Path, endings: tuple[str, ...], *, kind: str, restore: str
) -> tuple[Mapping[str, Path], list[Defect]]:
    if not folder.is_dir():
        return {}, [Defect(kind=f"missing {kind}", where=folder.name, remedy=restore)]
    try:
        files = list_images(folder, endings=endings)
    except InputError as error:
        return {}, [Defect(kind=f"{kind} that cannot be used", where=_in_brief(error), remedy=restore)]
    return files, [] if files else [Defect(kind=f"empty {kind}", where=folder.name, remedy=restore)]


def _remarks(place: Place, unlisted: list[str]) -> Iterator[Defect]:
    for name in unlisted:
        yield Defect(kind="folders that are not in its list", where=name, remedy="they are of other splits")
    found = [folder.name for folder in place.full_resolution if folder.is_dir()]
    for name in found:
        yield Defect(kind="full-resolution frames", where=name, remedy="sizes other than 480p are made from them")
    if place.full_resolution and not found:
        yield Defect(
            kind="no full-resolution frames",
            where=place.full_resolution[0].name,
            remedy="only sizes other than 480p need them",
        )


def _in_brief(error: InputError) -> str:
    """A message without its own remedy."""
    return str(error).partition(";")[0]
