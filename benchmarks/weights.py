"""The weights of a variant: where their file is, and the network in it."""

import io
from pathlib import Path

import torch

from benchmarks.acquisition import checkpoint_url
from benchmarks.acquisition.checksums import checksum_of_file, record_checksum, verify_locked
from benchmarks.artifacts import make_folder, write_atomically
from benchmarks.config import PathsConfig, VariantConfig, to_model_config
from benchmarks.errors import InputError, MismatchError
from benchmarks.regular_file import require_regular_file
from xmem import CheckpointError, XMem, load_checkpoint, shipped
from xmem.untrained import draw_state_dict

RESTORE_SHIPPED = "restore the file with git, or clone the repository again"


def checkpoint_path(variant: VariantConfig, name: str, paths: PathsConfig) -> Path:
    """Where one of a variant's checkpoints belongs, be it there or not."""
    return (shipped.WEIGHTS if variant.shipped else Path(paths.weights)) / name


def find_network(variant: VariantConfig, name: str, paths: PathsConfig) -> tuple[Path, XMem]:
    """The file of one of a variant's checkpoints, and the network in it, on the CPU.

    Shipped weights are where the code is. Drawn ones are drawn when missing. Released ones that somebody put there are
    trusted the first time, and held to what they were ever after.

    Raises:
        InputError: there is no such file, it is unusable or not the one that was fetched or used first, or it holds
            other weights than those of the variant.
    """
    path = _find_checkpoint(variant, name, paths)
    require_regular_file(path, expected="a checkpoint")
    known = require_fetched(variant, name, paths)
    network = _load_network(path, variant)
    if name in variant.released and not known:
        record_checksum(checksum_of_file(path), url=checkpoint_url(variant, name), lock=Path(paths.lock))
    return path, network


def require_fetched(variant: VariantConfig, name: str, paths: PathsConfig) -> bool:
    """A released checkpoint that was ever fetched or used must be that file still; whether it was.

    Raises:
        InputError: it is another one, or it or the lock file cannot be read.
    """
    if name not in variant.released:
        return False
    return verify_locked(Path(paths.weights) / name, url=checkpoint_url(variant, name), lock=Path(paths.lock))


def require_kind(network: XMem, variant: VariantConfig, checkpoint: Path) -> None:
    """Whether a network is of the variant's architecture, as far as that is known.

    Raises:
        MismatchError: it has sensory memory and the variant has none, or the other way round.
    """
    if (network.config.sensory_dim > 0) != variant.sensory:
        wanted, found = ("with", "without") if variant.sensory else ("without", "with")
        raise MismatchError(
            str(checkpoint),
            expected=f"a network {wanted} sensory memory, as variant {variant.name} is",
            found=f"one {found} it",
            remedy="choose the variant that it is",
        )


def _find_checkpoint(variant: VariantConfig, name: str, paths: PathsConfig) -> Path:
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
        _save(draw_state_dict(to_model_config(variant.untrained)), path)
        return path
    fetch = f"run python -m benchmarks.fetch variant={variant.name}, or download {variant.source}/{name} to this path"
    raise InputError(
        f"{path}: expected the checkpoint of variant {variant.name}, found no such file; "
        f"{fetch if name in variant.released else 'put it there'}, or name its folder with paths.weights="
    )


def _load_network(checkpoint: Path, variant: VariantConfig) -> XMem:
    try:
        network = load_checkpoint(checkpoint)
    except CheckpointError as error:
        raise InputError(str(error)) from error
    require_kind(network, variant, checkpoint)
    if variant.untrained and network.config != (wanted := to_model_config(variant.untrained)):
        raise InputError(
            f"{checkpoint}: expected weights drawn for {wanted}, found those of {network.config}; remove the file, "
            "or choose another name with variant.checkpoints=[...]"
        )
    return network


def _save(state: dict[str, torch.Tensor], path: Path) -> None:
    content = io.BytesIO()
    torch.save(state, content)
    make_folder(path.parent)
    write_atomically(path, content.getvalue())
