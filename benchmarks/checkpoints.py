"""The files that hold a variant's weights: where they are, and whether they are what they were."""

from pathlib import Path

from benchmarks.acquisition import checkpoint_url
from benchmarks.acquisition.checksums import (
    checksum_of_file,
    read_lock,
    record_checksum,
    require_locked,
    verify_locked,
)
from benchmarks.config import PathsConfig, VariantConfig
from benchmarks.errors import InputError
from benchmarks.regular_file import require_regular_file
from reports.records import CheckpointRecord
from xmem import shipped

RESTORE_SHIPPED = "restore the file with git, or clone the repository again"


def checkpoint_path(variant: VariantConfig, name: str, paths: PathsConfig) -> Path:
    """Where one of a variant's checkpoints belongs, be it there or not."""
    return (shipped.WEIGHTS if variant.shipped else Path(paths.weights)) / name


def find_checkpoint(variant: VariantConfig, name: str, paths: PathsConfig) -> CheckpointRecord:
    """The file of one of a variant's checkpoints, whatever is in it.

    Shipped weights are where the code is. Drawn ones are drawn when missing. Released ones must be those that were
    fetched or used first, where any ever were.

    Raises:
        InputError: there is no such file, it cannot be read, or it is not the one that was fetched or used first.
    """
    path = _find(variant, name, paths)
    require_regular_file(path, expected="a checkpoint")
    found = checksum_of_file(path)
    if name in variant.released:
        require_locked(path, found, url=checkpoint_url(variant, name), lock=Path(paths.lock))
    return CheckpointRecord(path=str(path), sha256=found.sha256)


def require_fetched(variant: VariantConfig, name: str, paths: PathsConfig) -> bool:
    """A released checkpoint that was ever fetched or used must be that file still; whether it was.

    Raises:
        InputError: it is another one, or it or the lock file cannot be read.
    """
    if name not in variant.released:
        return False
    return verify_locked(Path(paths.weights) / name, url=checkpoint_url(variant, name), lock=Path(paths.lock))


def trust_checkpoint(variant: VariantConfig, name: str, paths: PathsConfig) -> None:
    """Hold a released checkpoint that somebody put there, and that could be used, to what it is from now on.

    Raises:
        InputError: it or the lock file cannot be read.
    """
    lock = Path(paths.lock)
    if name in variant.released and (url := checkpoint_url(variant, name)) not in read_lock(lock):
        record_checksum(checksum_of_file(checkpoint_path(variant, name, paths)), url=url, lock=lock)


def _find(variant: VariantConfig, name: str, paths: PathsConfig) -> Path:
    path = checkpoint_path(variant, name, paths)
    if path.exists():
        return path
    if variant.shipped:
        raise InputError(
            f"{path}: expected the checkpoint of variant {variant.name} that comes with the code, found no such file: "
            f"the checkout is incomplete; {RESTORE_SHIPPED}, or name your own below paths.weights= with "
            "variant.shipped=false"
        )
    if variant.untrained:
        from benchmarks.drawn_weights import draw_weights  # noqa: PLC0415 - needs torch, which what is there does not

        draw_weights(variant, path)
        return path
    fetch = f"run python -m benchmarks.fetch variant={variant.name}, or download {variant.source}/{name} to this path"
    raise InputError(
        f"{path}: expected the checkpoint of variant {variant.name}, found no such file; "
        f"{fetch if name in variant.released else 'put it there'}, or name its folder with paths.weights="
    )
