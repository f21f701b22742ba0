"""What may be wrong with the files of one video."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.inspection.defects import Defect
from benchmarks.inspection.image_header import ImageHeader
from benchmarks.inspection.image_survey import Survey, decode_frame, is_8_bit, is_index, read_labels, survey_images
from benchmarks.inspection.inventory import Annotated, Place, Video
from benchmarks.masks import PALETTE_BYTES, davis_palette

# What to do, where it is not to restore the file.
REMEDIES = {
    "frames whose order by name is not that by number": "rename them, with zeros before shorter numbers",
    "frames of more than 8 bits": "convert them; only you know which values are black and white",
    "masks of a wrong mode": "save them as 8-bit indexed PNG (mode P) whose palette index is the object's label",
    "masks without a palette": "what is written for them gets that of DAVIS",
    "masks under another palette than that of DAVIS": "what is written for them gets the same",
}

Fault = tuple[str, str]  # its kind, and where


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


def check_video(video: Video, place: Place, *, thorough: bool, restore: str) -> Findings:
    """Look for everything that may be wrong.

    Args:
        video: its files.
        place: what its dataset promises.
        thorough: whether every image is decoded; otherwise that is done to masks that introduce objects, and to images
            that do not end as they should.
        restore: what to do about a file that is missing or damaged.
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
        *_check_frames(frames),
        *_check_masks(frames, masks),
        *_check_labels(video, place, masks.labels, introduced),
        *_check_listed(video, masks.labels),
    ]
    labels = frozenset[int]().union(*introduced.values())
    return Findings(
        frames=len(video.frames),
        objects=frozenset({1}) if place.single_object and labels else labels,
        defects=tuple(_to_defect(video, fault, restore) for fault in faults),
        remarks=tuple(_to_defect(video, fault, restore) for fault in _remark_palettes(masks)),
    )


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
        if names != sorted(names, key=int):
            yield "frames whose order by name is not that by number", f"{names[0]} to {names[-1]}"
    if not names or not video.masks:  # said of its folders
        return
    yield from (("masks without a frame", path.name) for name, path in video.masks.items() if name not in video.frames)
    required = {Annotated.EVERY: names, Annotated.FIRST: names[:1]}.get(place.annotated, [])
    yield from (("frames without a mask", name) for name in required if name not in video.masks)


def _check_frames(frames: Survey) -> Iterator[Fault]:
    yield from (("damaged frames", where) for where in frames.damaged)
    size = _first_size(frames)
    for name, header in frames.headers.items():
        if not is_8_bit(header):
            yield "frames of more than 8 bits", f"{name} (mode {header.mode})"
        if header.size != size:
            yield "frames of another size than the first", _sizes(name, header, size)


def _check_masks(frames: Survey, masks: Survey) -> Iterator[Fault]:
    yield from (("damaged masks", where) for where in masks.damaged)
    size = _first_size(frames)
    for name, header in masks.headers.items():
        if not is_index(header):
            yield "masks of a wrong mode", f"{name} (mode {header.mode})"
        if size is not None and header.size != size:
            yield "masks of another size than the frames", _sizes(name, header, size)


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
    for label, listed in video.objects.items():
        yield from (
            ("frames that meta.json lists and that are missing", name)
            for name in listed.frames
            if name not in video.frames
        )
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


def _to_defect(video: Video, fault: Fault, restore: str) -> Defect:
    kind, where = fault
    return Defect(kind=kind, where=f"{video.name}/{where}", remedy=REMEDIES.get(kind, restore))


def _first_size(frames: Survey) -> tuple[int, int] | None:
    return next((header.size for header in frames.headers.values()), None)


def _sizes(name: str, header: ImageHeader, size: tuple[int, int] | None) -> str:
    height, width = size or (0, 0)
    return f"{name} ({header.size[1]}x{header.size[0]} instead of {width}x{height})"
