"""What may be wrong with the files of one video."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.datasets.listing import by_number
from benchmarks.datasets.youtube_vos import are_sparse
from benchmarks.inspection.defects import Defect
from benchmarks.inspection.full_resolution import check_full_resolution
from benchmarks.inspection.image_checks import Fault, check_frames, check_masks
from benchmarks.inspection.image_survey import Survey, decode_frame, is_8_bit, is_index, read_labels, survey_images
from benchmarks.inspection.inventory import Video
from benchmarks.inspection.place import Annotated, Place
from benchmarks.masks import PALETTE_BYTES, davis_palette

# What to do, where it is not to restore the file.
REMEDIES = {
    "frames whose order by name is not that by number": "rename them, with zeros before shorter numbers",
    "frames of more than 8 bits": "convert them; only you know which values are black and white",
    "masks of a wrong mode": "save them as 8-bit indexed PNG (mode P) whose palette index is the object's label",
    "frames that are not at 480p": "restore them at 480p, or remove them here",
    "masks without a palette": "what is written for them gets that of DAVIS",
    "masks under another palette than that of DAVIS": "what is written for them gets the same",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found out of one video.

    Args:
        frames: how many there are.
        objects: labels of the objects that masks introduce.
        defects: all that is wrong.
        remarks: what is unusual, and no defect.
    """

    frames: int
    objects: frozenset[int]
    defects: tuple[Defect, ...]
    remarks: tuple[Defect, ...]


def check_video(video: Video, place: Place, *, thorough: bool) -> Findings:
    """Look for everything that may be wrong.

    Args:
        video: its files.
        place: what its dataset promises.
        thorough: whether every image is decoded; otherwise that is done to masks that introduce objects, and to images
            that do not end as they should.
    """
    introducing = list(video.masks)[:1] if place.annotated in (Annotated.EVERY, Annotated.FIRST) else list(video.masks)
    frames = survey_images(
        video.frames, decoded=video.frames if thorough else (), decode=decode_frame, readable=is_8_bit
    )
    masks = survey_images(
        video.masks, decoded=video.masks if thorough else introducing, decode=read_labels, readable=is_index
    )
    introduced = {name: masks.labels[name] - {place.void} for name in introducing if name in masks.labels}
    faults = [
        *_check_names(video, place),
        *check_frames(frames),
        *check_masks(frames, masks),
        *_check_labels(video, place, masks.labels, introduced),
        *_check_listed(video, masks.labels),
    ]
    labels = frozenset[int]().union(*introduced.values())
    return Findings(
        frames=len(video.frames),
        objects=frozenset({1}) if place.single_object and labels else labels,
        defects=(
            *(_to_defect(fault, video.name, restore=place.restore) for fault in faults),
            *_full_resolution_defects(video, place, frames, masks, thorough=thorough),
        ),
        remarks=tuple(_to_defect(fault, video.name, restore=place.restore) for fault in _remark_palettes(masks)),
    )


def _full_resolution_defects(
    video: Video, place: Place, frames: Survey, masks: Survey, *, thorough: bool
) -> Iterator[Defect]:
    if (scale := place.full_resolution) is None:
        return
    for fault in check_full_resolution(video, place, frames=frames, masks=masks, thorough=thorough):
        yield _to_defect(fault, f"{scale.name}/{video.name}", restore=scale.restore)


def missing_numbers(names: Sequence[str]) -> list[str]:
    """Names that lack between the first and the last number, given the step that most of them keep."""
    numbers = sorted(int(name) for name in names)
    steps = Counter(later - earlier for earlier, later in pairwise(numbers) if later > earlier)
    if not steps:
        return []
    step = max(steps, key=lambda one: (steps[one], -one))
    return [
        f"{number:0{len(names[0])}d}"
        for earlier, later in pairwise(numbers)
        for number in range(earlier + step, later, step)
    ]


def _check_names(video: Video, place: Place) -> Iterator[Fault]:
    names = list(video.frames)
    if names and all(name.isdecimal() for name in names):
        yield from (("gaps in the numbers of frames", name) for name in missing_numbers(names))
    if names != by_number(names):
        yield "frames whose order by name is not that by number", f"{names[0]} to {names[-1]}"
    listed = {name for one in video.objects.values() for name in one.frames}
    if names and place.every_frame and are_sparse(names, listed):
        yield "all frames missing between those that are listed", f"{min(listed)} to {max(listed)}"
    if not names or not video.masks:  # said of its folders
        return
    yield from (("masks without a frame", path.name) for name, path in video.masks.items() if name not in video.frames)
    required = {Annotated.EVERY: names, Annotated.FIRST: names[:1]}.get(place.annotated, [])
    yield from (("frames without a mask", name) for name in required if name not in video.masks)


def _check_labels(
    video: Video, place: Place, labels: Mapping[str, frozenset[int]], introduced: Mapping[str, frozenset[int]]
) -> Iterator[Fault]:
    if introduced and not any(introduced.values()):
        yield "first masks that show no object", next(iter(introduced))
    known = frozenset[int]().union(*introduced.values())
    for name, found in labels.items():
        if place.single_object:
            yield from (("labels other than 0 and 255", f"{name} ({label})") for label in sorted(found - {255}))
        elif introduced and (strangers := sorted(found - known - {place.void})) and not video.objects:
            yield "labels that the first mask does not have", f"{name} ({', '.join(map(str, strangers))})"


def _check_listed(video: Video, labels: Mapping[str, frozenset[int]]) -> Iterator[Fault]:
    """What meta.json of YouTube-VOS says of the video, against its files."""
    listed_frames = {name for listed in video.objects.values() for name in listed.frames}
    for name in sorted(listed_frames - video.frames.keys()):
        yield "frames that meta.json lists and that are missing", name
    for label, listed in video.objects.items():
        first = listed.frames[0]
        if video.masks and first not in video.masks:
            yield "objects without a mask of their first frame", f"{first} (object {label})"
        elif label not in labels.get(first, {label}):
            yield "objects that the mask of their first frame does not show", f"{first} (object {label})"
    for name, found in labels.items() if video.objects else ():
        yield from (
            ("objects that meta.json does not list", f"{name} (object {label})")
            for label in sorted(found - video.objects.keys())
        )


def _remark_palettes(masks: Survey) -> Iterator[Fault]:
    for name, header in masks.headers.items():
        if not is_index(header):
            continue
        if header.palette is None:
            yield "masks without a palette", name
        elif header.palette.ljust(PALETTE_BYTES, b"\0")[:PALETTE_BYTES] != davis_palette():
            yield "masks under another palette than that of DAVIS", name


def _to_defect(fault: Fault, folder: str, *, restore: str) -> Defect:
    kind, where = fault
    return Defect(kind=kind, where=f"{folder}/{where}", remedy=REMEDIES.get(kind, restore))
