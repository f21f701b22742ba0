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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What every mask of a sequence has in common."""

    size: tuple[int, int]
    palette: bytes


def lint_masks(dataset: Dataset, masks: Path, *, on_sequence: Callable[[Sequence], None]) -> list[Defect]:
    """Every defect of a folder that holds a folder of masks for each sequence; none if a server can take them.

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
    for sequence in dataset.sequences:
        defects += _lint_sequence(sequence, masks / sequence.name)
        on_sequence(sequence)
    return defects


def _lint_sequence(sequence: Sequence, folder: Path) -> Iterator[Defect]:
    if not folder.is_dir():
        yield _defect("sequences without a folder", sequence.name)
        return
    found = set(_visible(folder))
    required = [f"{name}.png" for name in sequence.written_frames]
    yield from (_defect("missing masks", f"{sequence.name}/{name}") for name in required if name not in found)
    yield from (
        _defect("masks of no required frame", f"{sequence.name}/{name}") for name in sorted(found - set(required))
    )
    first = next(iter(sequence.prompts.values()))
    expected = Expected(size=read_header(sequence.written_like or first).size, palette=read_palette(first))
    given = {0}
    for frame in sequence.frames:
        if frame.stem in sequence.prompts:
            given |= _introduced(sequence, sequence.prompts[frame.stem])
        if (name := f"{frame.stem}.png") in found and name in required:
            yield from _lint_mask(folder / name, expected, given=given)


def _lint_mask(path: Path, expected: Expected, *, given: set[int]) -> Iterator[Defect]:
    where = f"{path.parent.name}/{path.name}"
    try:
        header = read_header(path)
        yield from (_defect(kind, f"{where} ({found})") for kind, found in _lint_header(header, expected))
        if header.mode not in ("P", "L", "1"):
            return
        labels = sorted(_labels(read_mask(path)) - given)
    except InputError as error:
        yield _defect("damaged masks", f"{where} ({_reason(error)})")
        return
    if labels:
        yield _defect("labels that were not given", f"{where} ({', '.join(map(str, labels))})")


def _lint_header(header: ImageHeader, expected: Expected) -> Iterator[tuple[str, str]]:
    """Kinds of defects, and what was found."""
    if header.format != "PNG":
        yield "masks that are no PNG", header.format
    if (header.mode, header.bits) != ("P", 8):
        yield "masks of a wrong mode", f"{header.mode}, {header.bits} bits"
    elif header.palette is None or header.palette.ljust(PALETTE_BYTES, b"\0")[:PALETTE_BYTES] != expected.palette:
        yield "masks under another palette", "none" if header.palette is None else f"{len(header.palette) // 3} colours"
    if header.size != expected.size:
        yield "masks of a wrong size", f"{_text(header.size)} instead of {_text(expected.size)}"


def _introduced(sequence: Sequence, prompt: Path) -> set[int]:
    labels = _labels(read_mask(prompt)) - {sequence.void}
    return {1} if sequence.single_object and labels > {0} else labels


def _labels(mask: UInt8[np.ndarray, "height width"]) -> set[int]:
    return set(np.flatnonzero(np.bincount(mask.ravel(), minlength=256)).tolist())


def _visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def _defect(kind: str, where: str) -> Defect:
    return Defect(kind=kind, where=where, remedy=REMEDIES[kind])


def _reason(error: InputError) -> str:
    """What was found, out of a message that says: expected a, found b; do c."""
    return str(error).partition("found ")[2].partition(";")[0]


def _text(size: tuple[int, int]) -> str:
    return f"{size[1]}x{size[0]}"
