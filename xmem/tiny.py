"""The network that comes with the package: small, and trained on drawn video alone."""

from xmem import shipped
from xmem.checkpoint import load_checkpoint
from xmem.checkpoint_file import CheckpointError
from xmem.network.network import XMem


def load_tiny() -> XMem:
    """The small network, in fp32 on the CPU, in eval mode. It is not one of the published models.

    Raises:
        CheckpointError: its file is not there, or damaged: the package is not whole.
    """
    path = shipped.WEIGHTS / shipped.TINY
    if not path.exists():
        raise CheckpointError(
            f"{path}: expected the weights that come with this package, found no such file; install it again"
        )
    return load_checkpoint(path)
