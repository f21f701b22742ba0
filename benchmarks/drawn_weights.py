"""Weights that nobody trained, made when they are missing."""

import io
from pathlib import Path

import torch

from benchmarks.artifacts import make_folder, write_atomically
from benchmarks.config import VariantConfig, to_model_config
from xmem.untrained import draw_state_dict


def draw_weights(variant: VariantConfig, path: Path) -> None:
    """Draw the weights of an untrained variant, and write them.

    Raises:
        InputError: its sizes are none of a network, or the file cannot be written.
    """
    content = io.BytesIO()
    torch.save(draw_state_dict(to_model_config(variant.untrained)), content)
    make_folder(path.parent)
    write_atomically(path, content.getvalue())
