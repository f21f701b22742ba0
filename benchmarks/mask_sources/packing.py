"""From masks to an archive of them."""

import numpy as np
from jaxtyping import UInt8

from benchmarks.errors import InputError
from benchmarks.mask_sources import MaskSource
from benchmarks.mask_sources.mask_archive import (
    OBJECT,
    SCHEMA,
    Annotation,
    Category,
    Info,
    MaskArchive,
    RunOrigin,
    Segmentation,
    Video,
)
from benchmarks.mask_sources.rle import encode_counts
from evaluators.image_size import size_text
from reports.mask_records import MasksRecord


def pack_masks(source: MaskSource) -> MaskArchive:
    """Every mask of the source.

    Raises:
        InputError: a mask is unusable, or of another size than those before it; or a sequence has none.
    """
    videos: list[Video] = []
    annotations: list[Annotation] = []
    for video_id, name in enumerate(source.readers, 1):
        video, objects = _pack_sequence(source, name, video_id=video_id)
        videos.append(video)
        for label, segmentations in objects.items():
            annotations.append(
                Annotation(
                    id=len(annotations) + 1,
                    video_id=video_id,
                    category_id=OBJECT,
                    label=label,
                    segmentations=segmentations,
                )
            )
    return MaskArchive(
        info=Info(description="index masks of videos, as runs of pixels", schema=SCHEMA, run=_run(source.origin)),
        videos=tuple(videos),
        categories=(Category(id=OBJECT, name="object"),),
        annotations=tuple(annotations),
    )


def _run(origin: MasksRecord) -> RunOrigin | None:
    if origin.run_digest is None or origin.checkpoint_sha256 is None:
        return None
    return RunOrigin(digest=origin.run_digest, checkpoint_sha256=origin.checkpoint_sha256)


def _pack_sequence(
    source: MaskSource, name: str, *, video_id: int
) -> tuple[Video, dict[int, tuple[Segmentation | None, ...]]]:
    """The video, and by ascending label its objects."""
    frames = list(source.readers[name])
    if not frames:
        raise InputError(f"{source.path}: expected masks of sequence {name}, found none; remove its folder")
    height, width = source.read(name, frames[0]).shape
    packed: list[dict[int, Segmentation]] = []
    for frame in frames:
        mask = source.read(name, frame)
        if mask.shape != (height, width):
            raise InputError(
                f"{source.path}: expected masks of {size_text((height, width))} in sequence {name}, as in its first "
                f"frame, found {size_text(mask.shape)} in frame {frame}; write them at the size of the annotations"
            )
        packed.append(_pack_mask(mask))
    video = Video(
        id=video_id, name=name, width=width, height=height, file_names=tuple(f"{name}/{frame}.png" for frame in frames)
    )
    labels = sorted({label for frame in packed for label in frame})
    return video, {label: tuple(frame.get(label) for frame in packed) for label in labels}


def _pack_mask(mask: UInt8[np.ndarray, "height width"]) -> dict[int, Segmentation]:
    height, width = mask.shape
    labels = np.flatnonzero(np.bincount(mask.ravel(), minlength=256)).tolist()
    return {label: Segmentation(size=(height, width), counts=encode_counts(mask == label)) for label in labels if label}
