"""What is the same wherever torch compiles something for us."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

MOST_SHAPES = 2**20  # beyond a limit of its own torch would silently go on with what is not compiled


class CompilerError(RuntimeError):
    """Nothing can be compiled here; the message says what torch, or the compiler, said."""


@contextmanager
def compiling() -> Iterator[None]:
    """Compile inside, for as many shapes as there are, without advice to take other number formats.

    Raises:
        CompilerError: there is no compiler for the device, or it fails.
    """
    import torch._dynamo  # noqa: PLC0415 - takes a second; nothing else sets its limits

    limits = {"recompile_limit": MOST_SHAPES, "accumulated_recompile_limit": MOST_SHAPES}
    try:
        with warnings.catch_warnings(), torch._dynamo.config.patch(limits):  # noqa: SLF001
            warnings.filterwarnings("ignore", message="TensorFloat32 tensor cores")
            yield
    except torch._dynamo.exc.TorchDynamoException as error:  # noqa: SLF001
        raise CompilerError(f"expected a compiler that torch can use, found {type(error).__name__}: {error}") from error
