"""What a file of weights tells of itself without a tensor library."""

import hashlib
import json
from math import prod
from pathlib import Path
from typing import Any

from reports.card.record import CardError, WeightsRecord

LENGTH_BYTES = 8  # of a safetensors file: how long its header is, little end first
METADATA = "__metadata__"
NOT_TRAINED = ("running_mean", "running_var", "num_batches_tracked")  # statistics that normalisation keeps


def describe_weights(path: Path) -> WeightsRecord:
    """Name, hash, size and number of parameters of a `.safetensors` file.

    Raises:
        CardError: there is no such file, or it is another kind of file, or damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CardError(
            f"{path}: expected the weights that the card is of, cannot read them: {error.strerror}; "
            "name them with --weights"
        ) from error
    return WeightsRecord(
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        parameters=sum(prod(shape) for shape in _trained_shapes(path, content)),
    )


def _trained_shapes(path: Path, content: bytes) -> list[list[int]]:
    end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "little")
    try:
        header: dict[str, Any] = json.loads(content[LENGTH_BYTES:end])
        tensors = {name: tensor for name, tensor in header.items() if name != METADATA}
        last = max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)
        shapes = [tensor["shape"] for name, tensor in tensors.items() if not name.endswith(NOT_TRAINED)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise _damaged(path, "no header") from error
    if end + last != len(content):
        raise _damaged(path, f"{len(content)} bytes instead of {end + last}")
    return shapes


def _damaged(path: Path, found: str) -> CardError:
    return CardError(
        f"{path}: expected weights as safetensors, found a damaged or foreign file ({found}); restore it with git"
    )
