"""Masks and truth in the layout that the official package reads, with the labels that it understands."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from benchmarks.artifacts import make_folder, write_atomically
from benchmarks.datasets import Dataset, Sequence
from benchmarks.mask_sources import MaskSource
from benchmarks.masks import davis_palette, encode_mask, read_mask


def lay_out(dataset: Dataset, masks: MaskSource, root: Path) -> Path:
    """Write truth and masks below `root`.

    Returns:
        The folder of masks.

    Raises:
        InputError: a mask is missing or unusable, or cannot be written.
    """
    write_atomically(
        _folder(root / "ImageSets/2017") / "val.txt",
        "".join(f"{sequence.name}\n" for sequence in dataset.sequences).encode(),
    )
    for sequence in dataset.sequences:
        images = _folder(root / "JPEGImages/480p" / sequence.name)
        for frame in sequence.truth:
            (images / f"{frame}.jpg").touch()  # the package counts them, and opens none
        truth = {frame: read_mask(path) for frame, path in sequence.truth.items()}
        scored = list(sequence.truth)[1:-1]  # it reads no others
        predicted = {frame: masks.read(sequence.name, frame) for frame in scored}
        _write(root / "Annotations/480p" / sequence.name, truth, sequence)
        _write(root / "masks" / sequence.name, predicted, sequence)
    return root / "masks"


def _write(folder: Path, masks: Mapping[str, UInt8[np.ndarray, "height width"]], sequence: Sequence) -> None:
    for frame, mask in masks.items():
        # Of a single object any label is the object, which the package would know by label 1 alone.
        labels = (mask > 0).astype(np.uint8) if sequence.single_object else mask
        write_atomically(_folder(folder) / f"{frame}.png", encode_mask(labels, palette=davis_palette()))


def _folder(path: Path) -> Path:
    make_folder(path)
    return path
