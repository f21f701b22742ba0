"""Whether masks are what an evaluation server takes: every required one, and as the annotations are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.inspection.defects import Defect
from benchmarks.inspection.image_header import ImageHeader, read_header
from benchmarks.masks import PALETTE_BYTES, read_mask, read_palette
from evaluators.image_size import size_text

REMEDIES = {
    "sequences without a folder": "add their masks",
    "folders of no sequence": "remove them, or name the dataset that they are of",
    "missing masks": "add them: every frame is required, also one without objects",
    "masks of no required frame": "remove them",
    "damaged masks": "write them again",
    "masks that are no PNG": "save them as indexed PNG",
    "masks of a wrong mode": "save them as 8-bit indexed PNG (mode P) whose palette index is the object's label",
    "masks of a wrong size": "write them at the size of the annotation",
    "masks under another palette": "save them under the palette of the sequence's annotation",
    "labels that were not given": "use the labels of the annotations, from the frame on that introduces each",
    "sequences that show no object after its first frame": "no defect, but look whether that is meant",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskLint:
    """What was found of masks.

    Args:
        defects: all that a server would refuse, or that no mask of the dataset can be; none if it can take them.
        remarks: what is worth knowing of them, and no defect.
    """

    defects: tuple[Defect, ...]
    remarks: tuple[Defect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What every mask of a sequence has in common."""

    size: tuple[int, int]
    palette: bytes


def lint_masks(dataset: Dataset, masks: Path, *, on_sequence: Callable[[Sequence], None]) -> MaskLint:
    """Look through a folder that holds a folder of masks for each sequence.

    Args:
        dataset: the sequences, with the masks that they are prompted with.
        masks: the folder.
        on_sequence: told of each sequence once it was looked at.

    Raises:
        InputError: there is no such folder, or the dataset itself is unusable.
    """
    if not masks.is_dir():
        raise InputError(f"{masks}: expected a folder of masks for each sequence, found no such folder")
    known = {sequence.name for sequence in dataset.sequences}
    defects = [_defect("folders of no sequence", name) for name in _visible(masks) if name not in known]
    remarks: list[Defect] = []
    for sequence in dataset.sequences:
        found = _lint_sequence(sequence, masks / sequence.name)
        defects += found.defects
        remarks += found.remarks
        on_sequence(sequence)
    return MaskLint(defects=tuple(defects), remarks=tuple(remarks))


def _lint_sequence(sequence: Sequence, folder: Path) -> MaskLint:
    if not folder.is_dir():
        return MaskLint(defects=(_defect("sequences without a folder", sequence.name),), remarks=())
    found, written = set(_visible(folder)), set(sequence.written_frames)
    defects = list(_lint_names(sequence, found))
    first = next(iter(sequence.prompts.values()))
    expected = Expected(size=read_header(sequence.written_like or first).size, palette=read_palette(first))
    given: set[int] = set()
    followers: list[set[int]] = []  # the labels of each mask that comes after the first object was introduced
    for frame in sequence.frames:
        begun = bool(given)
        if frame.stem in sequence.prompts:
            given |= _introduced(sequence, sequence.prompts[frame.stem])
        if (name := f"{frame.stem}.png") in found and frame.stem in written:
            faults, labels = _lint_mask(folder / name, expected, given=given)
            defects += faults
            followers += [labels] if begun else []
    lost = bool(followers) and not any(labels & given for labels in followers)
    remarks = [_defect("sequences that show no object after its first frame", sequence.name)] if lost else []
    return MaskLint(defects=tuple(defects), remarks=tuple(remarks))


def _lint_names(sequence: Sequence, found: set[str]) -> Iterator[Defect]:
    required = [f"{name}.png" for name in sequence.written_frames]
    yield from (_defect("missing masks", f"{sequence.name}/{name}") for name in required if name not in found)
    yield from (
        _defect("masks of no required frame", f"{sequence.name}/{name}") for name in sorted(found - set(required))
    )


def _lint_mask(path: Path, expected: Expected, *, given: set[int]) -> tuple[list[Defect], set[int]]:
    """Its defects, and the labels in it but the background's; none where it cannot be read."""
    where = f"{path.parent.name}/{path.name}"
    try:
        header = read_header(path)
        faults = [_defect(kind, f"{where} ({found})") for kind, found in _lint_header(header, expected)]
        if header.mode not in ("P", "L", "1"):
            return faults, set()
        labels = _labels(read_mask(path))
    except InputError:
        return [_defect("damaged masks", where)], set()
    if strangers := sorted(labels - given):
        faults.append(_defect("labels that were not given", f"{where} ({', '.join(map(str, strangers))})"))
    return faults, labels


def _lint_header(header: ImageHeader, expected: Expected) -> Iterator[tuple[str, str]]:
    """Kinds of defects, and what was found."""
    if header.format != "PNG":
        yield "masks that are no PNG", header.format
    if (header.mode, header.bits) != ("P", 8):
        yield "masks of a wrong mode", f"{header.mode}, {header.bits} bits"
    elif header.palette is None or header.palette.ljust(PALETTE_BYTES, b"\0")[:PALETTE_BYTES] != expected.palette:
        yield "masks under another palette", "none" if header.palette is None else f"{len(header.palette) // 3} colours"
    if header.size != expected.size:
        yield "masks of a wrong size", f"{size_text(header.size)} instead of {size_text(expected.size)}"


def _introduced(sequence: Sequence, prompt: Path) -> set[int]:
    labels = _labels(read_mask(prompt)) - {sequence.void}
    return {1} if sequence.single_object and labels else labels


def _labels(mask: UInt8[np.ndarray, "height width"]) -> set[int]:
    """All but the background's 0."""
    return set(np.flatnonzero(np.bincount(mask.ravel(), minlength=256)).tolist()) - {0}


def _visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def _defect(kind: str, where: str) -> Defect:
    return Defect(kind=kind, where=where, remedy=REMEDIES[kind])
