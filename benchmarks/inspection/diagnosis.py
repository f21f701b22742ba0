"""Whether a dataset is complete and sound, and whether a checkpoint fits."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.artifacts import sha256_of_file
from benchmarks.checkpoints import checkpoint_path, require_fetched
from benchmarks.config import CountsConfig, DatasetConfig, PathsConfig, VariantConfig
from benchmarks.errors import MismatchError
from benchmarks.inspection.defects import Defect
from benchmarks.inspection.inventory import take_inventory
from benchmarks.inspection.place import find_place
from benchmarks.inspection.remedies import acquisition, checkpoint_acquisition
from benchmarks.inspection.video_checks import Findings, check_video
from benchmarks.regular_file import require_regular_file
from benchmarks.weights import require_kind
from xmem import CheckpointError, load_checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found out of a dataset.

    Args:
        name: of the dataset.
        found: how much of it there is; None where it is absent.
        expected: how much a complete copy holds.
        defects: all that is wrong; of an absent dataset, that it is absent.
        remarks: what is worth knowing, and no defect.
    """

    name: str
    found: CountsConfig | None
    expected: CountsConfig
    defects: tuple[Defect, ...]
    remarks: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointDiagnosis:
    """What was found out of a checkpoint.

    Args:
        variant: whose it is.
        path: of the file.
        sha256: of the file; None where it is absent or cannot be read.
        absent: whether there is no such file, and need not be, as it does not come with the code.
        defects: what is wrong; of an absent file, that it is absent.
    """

    variant: str
    path: Path
    sha256: str | None
    absent: bool = False
    defects: tuple[Defect, ...] = ()


def diagnose_dataset(
    config: DatasetConfig, data: Path, *, thorough: bool, on_video: Callable[[str], None]
) -> Diagnosis:
    """Go through all of a dataset; nothing stops it.

    Args:
        config: which dataset.
        data: the folder that holds all datasets.
        thorough: whether every image is decoded.
        on_video: told of each video, once it was looked at, in words.
    """
    place = find_place(config, data)
    if not place.frames.is_dir():
        absent = Defect(kind="absent", where=f"no folder {place.frames}", remedy=acquisition(config, data))
        return Diagnosis(name=config.name, found=None, expected=config.counts, defects=(absent,))
    inventory = take_inventory(config, place)
    check = partial(check_video, place=place, thorough=thorough)
    findings: list[Findings] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # decoding waits for no other
        for video, found in zip(inventory.videos, pool.map(check, inventory.videos), strict=True):
            findings.append(found)
            on_video(f"{config.name}: {video.name}")
    counts = CountsConfig(
        sequences=sum(bool(video.frames) for video in inventory.videos),
        frames=sum(one.frames for one in findings),
        objects=sum(len(one.objects) for one in findings),
    )
    return Diagnosis(
        name=config.name,
        found=counts,
        expected=config.counts,
        defects=(
            *_compare_counts(counts, config.counts, place.restore),
            *inventory.defects,
            *(defect for one in findings for defect in one.defects),
        ),
        remarks=(*inventory.remarks, *(remark for one in findings for remark in one.remarks)),
    )


def diagnose_checkpoints(config: VariantConfig, paths: PathsConfig) -> Sequence[CheckpointDiagnosis]:
    """Whether each checkpoint of a variant is there, of a schema that this model has, and the one that was fetched."""
    return [_diagnose_checkpoint(config, name, paths) for name in config.checkpoints]


def _compare_counts(found: CountsConfig, expected: CountsConfig, restore: str) -> list[Defect]:
    return [
        Defect(kind="counts unlike those of a complete copy", where=f"{have} {what} instead of {want}", remedy=restore)
        for what, have, want in (
            ("sequences", found.sequences, expected.sequences),
            ("frames", found.frames, expected.frames),
            ("objects", found.objects, expected.objects),
        )
        if want is not None and have != want
    ]


def _diagnose_checkpoint(config: VariantConfig, name: str, paths: PathsConfig) -> CheckpointDiagnosis:
    path = checkpoint_path(config, name, paths)
    if not path.exists():
        kind = "missing from the checkout" if config.shipped else "absent"
        defects = (Defect(kind=kind, where=f"no file {path}", remedy=checkpoint_acquisition(config, paths)),)
        return CheckpointDiagnosis(
            variant=config.name, path=path, sha256=None, absent=not config.shipped, defects=defects
        )
    try:
        require_regular_file(path, expected="a checkpoint")
    except MismatchError as error:
        defect = _as_defect("unusable checkpoint", error)
        return CheckpointDiagnosis(variant=config.name, path=path, sha256=None, defects=(defect,))
    readable = os.access(path, os.R_OK)
    return CheckpointDiagnosis(
        variant=config.name,
        path=path,
        sha256=sha256_of_file(path) if readable else None,
        defects=tuple(_checkpoint_defects(config, name, path, paths)),
    )


def _checkpoint_defects(config: VariantConfig, name: str, path: Path, paths: PathsConfig) -> Iterator[Defect]:
    """What is wrong with a checkpoint that is a file."""
    made = checkpoint_acquisition(config, paths)
    try:
        require_kind(load_checkpoint(path), config, path)
    except CheckpointError as error:
        yield Defect(kind="unusable checkpoint", where=str(error), remedy=f"remove it, then: {made}")
    except MismatchError as error:
        yield _as_defect("checkpoint of another kind", error)
    try:
        require_fetched(config, name, paths)
    except MismatchError as error:
        yield _as_defect("not the file that was fetched", error)


def _as_defect(kind: str, error: MismatchError) -> Defect:
    where = f"{error.place}: expected {error.expected}, found {error.found}"
    return Defect(kind=kind, where=where, remedy=error.remedy)
