"""Checkpoints, from where they can be had to where they belong."""

from pathlib import Path
from urllib.parse import quote

from benchmarks.acquisition.locked_file import Means, acquire_file
from benchmarks.config import VariantConfig
from benchmarks.errors import InputError


def checkpoint_url(variant: VariantConfig, name: str) -> str:
    """Where one of the variant's checkpoints can be had.

    Raises:
        InputError: nowhere.
    """
    if variant.source is None or name not in variant.released:
        raise InputError(
            f"variant={variant.name}: expected a released checkpoint, found {name}; "
            "it is made when missing, or is your own"
        )
    return f"{variant.source.rstrip('/')}/{quote(name)}"


def acquire_variant(variant: VariantConfig, *, weights: Path, means: Means) -> None:
    """Fetch the variant's checkpoints that are missing, and check those that are there.

    Raises:
        InputError: one is not to be had, or is not what it was.
    """
    for name in variant.checkpoints:
        acquire_file(checkpoint_url(variant, name), weights / name, means=means)
