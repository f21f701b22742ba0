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
    """Name, hash, size, number of parameters, and which weights of a training run a `.safetensors` file has.

    Raises:
        CardError: there is no such file, it is another kind of file, damaged, or says nothing of its training.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CardError(
            f"{path}: expected the weights that the card is of, cannot read them: {error.strerror}; "
            "name them with --weights"
        ) from error
    header = _read_header(path, content)
    iteration, held_out = _read_origin(path, header.get(METADATA))
    return WeightsRecord(
        file=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        parameters=sum(
            prod(tensor["shape"])
            for name, tensor in header.items()
            if name != METADATA and not name.endswith(NOT_TRAINED)
        ),
        iteration=iteration,
        held_out=held_out,
    )


def _read_origin(path: Path, metadata: Any) -> tuple[int, float]:
    """Iteration and held-out J&F, as `benchmarks.training` wrote them beside the weights."""
    try:
        return int(metadata["iteration"]), float(metadata["held_out_j_and_f"])
    except (TypeError, KeyError, ValueError) as error:
        raise CardError(
            f"{path}: expected weights that tell the iteration and the held-out score they were kept for, found none "
            "of that in the file; name the best weights that `make train-tiny` wrote"
        ) from error


def _read_header(path: Path, content: bytes) -> dict[str, Any]:
    end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "little")
    try:
        header: dict[str, Any] = json.loads(content[LENGTH_BYTES:end])
        tensors = {name: tensor for name, tensor in header.items() if name != METADATA}
        last = max((int(tensor["data_offsets"][1]) for tensor in tensors.values()), default=0)
        _ = [prod(tensor["shape"]) for tensor in tensors.values()]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise _damaged(path, "no header") from error
    if end + last != len(content):
        raise _damaged(path, f"{len(content)} bytes instead of {end + last}")
    return header


def _damaged(path: Path, found: str) -> CardError:
    return CardError(
        f"{path}: expected weights as safetensors, found a damaged or foreign file ({found}); restore it with git"
    )
