"""An archive of masks: one JSON, close to COCO's convention for videos (YouTube-VIS).

    info         description, schema of this format, and the run that made the masks, if one did
    videos       id, name, width, height, and file_names: `<name>/<frame>.png`, in the order of the frames
    categories   the one there is: object
    annotations  one for each object of a video: id, video_id, category_id, label (1..255, its index in the masks), and
                 segmentations: one for each of the video's files, {size: [height, width], counts} as
                 `pycocotools.mask` reads and writes them, or null where the object is absent

A video without annotations has masks all the same: they are background. Keys beside these are left to others.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.errors import InputError
from benchmarks.names import is_plain_name
from evaluators.image_size import size_text

SCHEMA = 1  # raised when the meaning of the format changes
ARCHIVE_ENDINGS = (".json", ".json.gz")
GZIP_ENDING = ".gz"
MAX_BYTES = 1 << 31  # of an archive when unpacked
MAX_PIXELS = 10**8  # of a mask

OBJECT = 1  # the one category


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """One object in one frame: height and width of the image, and the runs of its pixels (`rle`)."""

    size: tuple[int, int]
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One object of a video, frame by frame; None where it is absent."""

    id: int
    video_id: int
    category_id: int
    label: int
    segmentations: tuple[Segmentation | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One sequence and the files of its masks."""

    id: int
    name: str
    width: int
    height: int
    file_names: tuple[str, ...]

    @property
    def frames(self) -> tuple[str, ...]:
        """Names of the frames."""
        return tuple(name.removeprefix(f"{self.name}/").removesuffix(".png") for name in self.file_names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What objects are."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrigin:
    """The run that made the masks: its digest, and the SHA-256 of its checkpoint."""

    digest: str
    checkpoint_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What the archive is."""

    description: str
    schema: int
    run: RunOrigin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskArchive:
    """The content of an archive."""

    info: Info
    videos: tuple[Video, ...]
    categories: tuple[Category, ...]
    annotations: tuple[Annotation, ...]


def encode_archive(archive: MaskArchive, *, compressed: bool) -> bytes:
    """The archive as a file; the same archive is the same bytes, whenever it is written."""
    content = msgspec.json.encode(archive) + b"\n"
    return gzip.compress(content, mtime=0) if compressed else content


def read_archive(path: Path) -> MaskArchive:
    """An archive whose parts fit together. Whether each mask can be decoded shows when it is.

    Raises:
        InputError: the file is missing, damaged, of another kind, or contradicts itself.
    """
    try:
        archive = msgspec.json.decode(_read(path), type=MaskArchive)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"{path}: expected masks as benchmarks.archive packs them, found a damaged or foreign file ({error}); "
            "pack them again"
        ) from error
    if defect := next(_defects(archive), None):
        raise InputError(f"{path}: {defect}; pack the masks again")
    return archive


def _read(path: Path) -> bytes:
    """The JSON, unpacked."""
    try:
        with gzip.open(path) if path.name.lower().endswith(GZIP_ENDING) else path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: expected an archive of masks, cannot read it ({error}); pack them again") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: expected an archive of at most {MAX_BYTES} bytes, found more; pack a part at a time")
    return content


def _defects(archive: MaskArchive) -> Iterator[str]:
    """What is wrong with it, one line each."""
    if archive.info.schema != SCHEMA:
        yield f"expected schema {SCHEMA} of the archive, found {archive.info.schema}"
    videos = {video.id: video for video in archive.videos}
    if len(videos) < len(archive.videos) or len({video.name for video in archive.videos}) < len(videos):
        yield "expected videos of different id and name, found one twice"
    for video in archive.videos:
        yield from _defects_of_video(video)
    for annotation in archive.annotations:
        if annotation.video_id in videos:
            yield from _defects_of_annotation(annotation, videos[annotation.video_id])
        else:
            yield f"expected the id of a video in annotation {annotation.id}, found video_id {annotation.video_id}"
    objects = {(annotation.video_id, annotation.label) for annotation in archive.annotations}
    if len(objects) < len(archive.annotations):
        yield "expected one annotation for each label of a video, found one twice"


def _defects_of_video(video: Video) -> Iterator[str]:
    where = f"of video {video.name!a}"
    if not is_plain_name(video.name):
        yield f"expected the name of a plain folder as the name {where}"
    if min(video.height, video.width) < 1 or video.height * video.width > MAX_PIXELS:
        yield f"expected a size of 1..{MAX_PIXELS} pixels {where}, found {size_text((video.height, video.width))}"
    expected = tuple(f"{video.name}/{frame}.png" for frame in video.frames)
    if not video.frames or "" in video.frames or "/" in "".join(video.frames) or video.file_names != expected:
        yield f"expected file_names <name>/<frame>.png {where}, found {', '.join(video.file_names)[:60]!a}"
    if len(set(video.file_names)) < len(video.file_names):
        yield f"expected each of the file_names once {where}, found one twice"


def _defects_of_annotation(annotation: Annotation, video: Video) -> Iterator[str]:
    where = f"in annotation {annotation.id} of video {video.name!a}"
    if not 1 <= annotation.label <= 255:
        yield f"expected a label of 1..255 {where}, found {annotation.label}"
    if len(annotation.segmentations) != len(video.file_names):
        found = len(annotation.segmentations)
        yield f"expected {len(video.file_names)} segmentations {where}, one a frame, found {found}"
    sizes = {segmentation.size for segmentation in annotation.segmentations if segmentation is not None}
    if sizes - {(video.height, video.width)}:
        yield f"expected segmentations of {size_text((video.height, video.width))} {where}, found another size"
