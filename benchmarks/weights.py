"""The network in a checkpoint: read, and held to its variant."""

from pathlib import Path

from benchmarks.checkpoints import find_checkpoint, trust_checkpoint
from benchmarks.config import PathsConfig, VariantConfig, to_model_config
from benchmarks.errors import InputError, MismatchError
from xmem import CheckpointError, XMem, load_checkpoint


def find_network(variant: VariantConfig, name: str, paths: PathsConfig) -> tuple[Path, XMem]:
    """The file of one of a variant's checkpoints, and the network in it, on the CPU.

    Released weights that somebody put there are trusted the first time, and held to what they were ever after.

    Raises:
        InputError: there is no such file, it is unusable or not the one that was fetched or used first, or it holds
            other weights than those of the variant.
    """
    path = Path(find_checkpoint(variant, name, paths).path)
    network = load_network(path, variant)
    trust_checkpoint(variant, name, paths)
    return path, network


def load_network(checkpoint: Path, variant: VariantConfig) -> XMem:
    """The network in a file, on the CPU.

    Raises:
        InputError: the file is no checkpoint, or holds other weights than those of the variant.
    """
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
