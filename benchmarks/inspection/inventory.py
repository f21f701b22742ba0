"""What there is of a dataset on disk, found without stopping at what is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.config import DatasetConfig
from benchmarks.datasets.listing import IMAGE_ENDINGS, MASK_ENDINGS, list_images, read_sequence_list
from benchmarks.datasets.youtube_vos import read_meta
from benchmarks.errors import InputError, MismatchError
from benchmarks.inspection.defects import Defect
from benchmarks.inspection.place import Place, Scale
from evaluators import ListedObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """Files of one video by frame name.

    Args:
        name: of its folders.
        frames: its frames.
        masks: its masks.
        objects: those that YouTube-VOS lists, by label.
        full_resolution: the same video at full resolution; None where the dataset is not there at that.
    """

    name: str
    frames: Mapping[str, Path]
    masks: Mapping[str, Path]
    objects: Mapping[int, ListedObject] = field(default_factory=dict)
    full_resolution: "Video | None" = None


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


def take_inventory(config: DatasetConfig, place: Place) -> Inventory:
    """Look up all videos; only folders and lists are read.

    Args:
        config: which dataset.
        place: where it lies; its folder of frames is there.
    """
    listed, defects = _read_list(config, place)
    folders = {folder.name for folder in place.frames.iterdir() if folder.is_dir() and not folder.name.startswith(".")}
    unlisted = [] if listed is None else sorted(folders - listed.keys())
    videos = []
    for name in sorted(folders if listed is None else listed):
        original = None
        video, missing = _list_video(place, name, where=name)
        defects += missing
        if (scale := place.full_resolution) is not None:
            original, missing = _list_video(scale, name, where=f"{scale.name}/{name}")
            defects += missing
        objects = {} if listed is None else listed[name]
        videos.append(replace(video, objects=objects, full_resolution=original))
    if place.meta is not None:
        defects += [
            Defect(kind="folders that meta.json does not list", where=name, remedy="remove them, or restore meta.json")
            for name in unlisted
        ]
        unlisted = []
    return Inventory(videos=tuple(videos), defects=tuple(defects), remarks=tuple(_remarks(place, unlisted)))


def _read_list(
    config: DatasetConfig, place: Place
) -> tuple[Mapping[str, Mapping[int, ListedObject]] | None, list[Defect]]:
    """The names of all videos, with the objects that are listed of each; None where only folders say it."""
    try:
        if place.meta is not None:
            return {name: video.objects for name, video in read_meta(place.meta, config).videos.items()}, []
        if place.lists:
            path = next((one for one in place.lists if one.is_file()), place.lists[0])
            return {name: {} for name in read_sequence_list(path)}, []
    except InputError as error:
        return None, [Defect(kind="lists that cannot be used", where=str(error), remedy=place.restore)]
    return None, []


def _list_video(place: Place | Scale, name: str, *, where: str) -> tuple[Video, list[Defect]]:
    """The files of a video, and what keeps them from being listed."""
    frames, no_frames = _list(place.frames / name, IMAGE_ENDINGS, "folders of frames", where, place.restore)
    masks, no_masks = _list(place.masks / name, MASK_ENDINGS, "folders of masks", where, place.restore)
    return Video(name=name, frames=frames, masks=masks), no_frames + no_masks


def _list(
    folder: Path, endings: tuple[str, ...], kind: str, where: str, restore: str
) -> tuple[Mapping[str, Path], list[Defect]]:
    if not folder.is_dir():
        return {}, [Defect(kind=f"missing {kind}", where=where, remedy=restore)]
    try:
        files = list_images(folder, endings=endings)
    except MismatchError as error:
        what = f"{error.place} ({error.found} instead of {error.expected})"
        return {}, [Defect(kind=f"{kind} that cannot be used", where=what, remedy=error.remedy)]
    return files, [] if files else [Defect(kind=f"empty {kind}", where=where, remedy=restore)]


def _remarks(place: Place, unlisted: list[str]) -> Iterator[Defect]:
    for name in unlisted:
        yield Defect(kind="folders that are not in its list", where=name, remedy="they are of other splits")
    if (scale := place.full_resolution) is not None:
        yield Defect(kind="full-resolution frames", where=scale.name, remedy="sizes other than 480p are made from them")
    elif place.scales:
        yield Defect(
            kind="no full-resolution frames",
            where=place.scales[0].name,
            remedy="only sizes other than 480p need them",
        )
