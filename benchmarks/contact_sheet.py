"""Frames of a run under their masks, as one picture."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.frames import read_image
from benchmarks.masks import read_mask, read_palette
from benchmarks.recorded import recorded_dataset
from reports.run_folder import RunFolder

GAP = 4  # pixels between frames
OPACITY = 0.5


def draw_run(
    folder: RunFolder, *, columns: int, width: int, data: str | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """One row for each finished sequence, `columns` frames spread evenly over it, each `width` pixels wide.

    The folder that holds all datasets is where it was when the run was made, unless `data` names it.

    Raises:
        InputError: there is no such run, another version ran it, none of its sequences is finished, or its dataset has
            gone.
        RunFolderError: a record of the run is damaged.
    """
    dataset = recorded_dataset(folder, data=data)
    finished = {record.name for record in folder.read_sequences()}
    if not finished:
        raise InputError(f"{folder.path}: expected a finished sequence, found none; run the cell again to continue it")
    rows = [
        _row(sequence, folder.masks / sequence.name, columns=columns, width=width)
        for sequence in dataset.sequences
        if sequence.name in finished
    ]
    widest = max(row.shape[1] for row in rows)
    return np.concatenate([_extend(row, to=widest) for row in rows])


def encode_picture(picture: UInt8[np.ndarray, "height width 3"], *, ending: str) -> bytes:
    """The picture as a file of the format that the ending names.

    Raises:
        InputError: the ending is neither that of PNG nor of JPEG.
    """
    if ending.lower() not in (".png", ".jpg", ".jpeg"):
        raise InputError(f"output: expected a name that ends in .png or .jpg, found {ending or 'no ending'}")
    _, content = cv2.imencode(ending, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return content.tobytes()


def overlay(
    image: UInt8[np.ndarray, "height width 3"], mask: UInt8[np.ndarray, "height width"], *, palette: bytes
) -> UInt8[np.ndarray, "height width 3"]:
    """The image, tinted in its palette's colour wherever the mask has a label."""
    colours = np.frombuffer(palette, dtype=np.uint8).reshape(256, 3)[mask]
    tinted = (1 - OPACITY) * image + OPACITY * colours
    return np.where((mask > 0)[..., None], tinted, image).astype(np.uint8)


def _row(sequence: Sequence, masks: Path, *, columns: int, width: int) -> np.ndarray:
    written = [path for path in sequence.frames if path.stem in set(sequence.written_frames)]
    chosen = np.unique(np.linspace(0, len(written) - 1, columns).round().astype(int))
    cells = []
    for path in (written[index] for index in chosen.tolist()):
        mask_path = masks / f"{path.stem}.png"
        mask, image = read_mask(mask_path), read_image(path)
        height = max(1, round(width * mask.shape[0] / mask.shape[1]))
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
        mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8)
        cell = overlay(image, mask, palette=read_palette(mask_path))
        cells.append(np.pad(cell, ((0, GAP), (0, GAP), (0, 0)), constant_values=255))
    return np.concatenate(cells, axis=1)


def _extend(row: np.ndarray, *, to: int) -> np.ndarray:
    return np.pad(row, ((0, 0), (0, to - row.shape[1]), (0, 0)), constant_values=255)
