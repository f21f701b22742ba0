"""Masks in an archive of `benchmarks.archive`."""

from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from benchmarks.artifacts import sha256_of_file
from benchmarks.errors import InputError
from benchmarks.mask_sources.mask_archive import Annotation, MaskArchive, Video, read_archive
from benchmarks.mask_sources.rle import decode_counts
from benchmarks.mask_sources.source import MaskSource, ReadMask
from reports.mask_records import MasksKind, MasksRecord


def archived_masks(path: Path) -> MaskSource:
    """The masks of an archive.

    Raises:
        InputError: the file is no archive of masks, or damaged.
    """
    archive = read_archive(path)
    run = archive.info.run
    origin = MasksRecord(
        path=str(path.resolve()),
        kind=MasksKind.ARCHIVE,
        sha256=sha256_of_file(path),
        run_digest=None if run is None else run.digest,
        checkpoint_sha256=None if run is None else run.checkpoint_sha256,
    )
    return MaskSource(path=path, origin=origin, readers=_list(archive, path))


def _list(archive: MaskArchive, path: Path) -> dict[str, dict[str, ReadMask]]:
    objects: dict[int, list[Annotation]] = {video.id: [] for video in archive.videos}
    for annotation in archive.annotations:
        objects[annotation.video_id].append(annotation)
    return {
        video.name: {
            frame: partial(_decode, video, objects[video.id], index, place=f"{path}, video {video.name}, frame {frame}")
            for index, frame in enumerate(video.frames)
        }
        for video in archive.videos
    }


def _decode(video: Video, objects: list[Annotation], index: int, *, place: str) -> UInt8[np.ndarray, "height width"]:
    mask = np.zeros((video.height, video.width), dtype=np.uint8)
    for annotation in objects:
        segmentation = annotation.segmentations[index]
        if segmentation is None:
            continue
        try:
            inside = decode_counts(segmentation.counts, height=video.height, width=video.width)
        except ValueError as error:
            raise InputError(f"{place}, label {annotation.label}: {error}; pack the masks again") from error
        if (others := mask[inside]).any():
            raise InputError(
                f"{place}: expected objects apart from each other, found labels {others.max()} and "
                f"{annotation.label} in one pixel; pack the masks again"
            )
        mask[inside] = annotation.label
    return mask
