"""The weights of a variant: where their file is, and the network in it."""

import io
from pathlib import Path

import torch

from benchmarks.acquisition import checkpoint_url
from benchmarks.acquisition.checksums import verify_locked
from benchmarks.artifacts import make_folder, write_atomically
from benchmarks.config import PathsConfig, VariantConfig, to_model_config
from benchmarks.errors import InputError
from xmem import CheckpointError, XMem, load_checkpoint
from xmem.untrained import draw_state_dict


def find_checkpoint(variant: VariantConfig, paths: PathsConfig) -> Path:
    """The file of a variant that has one checkpoint; drawn weights are drawn when missing.

    Raises:
        InputError: there is no such file, or it is not the one that was fetched first.
    """
    (name,) = variant.checkpoints
    path = Path(paths.weights) / name
    if path.exists():
        require_fetched(variant, name, paths)
        return path
    if variant.untrained:
        _save(draw_state_dict(to_model_config(variant.untrained)), path)
        return path
    fetch = f"run python -m benchmarks.fetch variant={variant.name}, or download {variant.source}/{name} to this path"
    raise InputError(
        f"{path}: expected the checkpoint of variant {variant.name}, found no such file; "
        f"{fetch if variant.source else 'put it there'}, or name its folder with paths.weights="
    )


def require_fetched(variant: VariantConfig, name: str, paths: PathsConfig) -> None:
    """A checkpoint that was ever fetched must be that file still.

    Raises:
        InputError: it is another one, or it or the lock file cannot be read.
    """
    if variant.source is not None:
        verify_locked(Path(paths.weights) / name, url=checkpoint_url(variant, name), lock=Path(paths.lock))


def load_network(checkpoint: Path, variant: VariantConfig) -> XMem:
    """The network of a variant, on the CPU.

    Raises:
        InputError: the file is unusable, or holds other weights than those of the variant.
    """
    try:
        network = load_checkpoint(checkpoint)
    except CheckpointError as error:
        raise InputError(str(error)) from error
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
