"""Probabilities on disk, a file a frame, for passes that are computed apart and merged later."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
import zstandard
from jaxtyping import Float32

from benchmarks.ensemble import Prediction
from benchmarks.errors import InputError

LEVEL = 1  # higher ones gain little and cost much


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A frame's file, in MessagePack.

    Args:
        labels: original labels, in the order of their channels.
        shape: channels, height and width.
        planes: zstd of little-endian float32: the lowest byte of every value, then the next of every value, and so on,
            because exponents resemble each other more than they do mantissas.
    """

    labels: tuple[int, ...]
    shape: tuple[int, int, int]
    planes: bytes


def encode_prediction(prediction: Prediction) -> bytes:
    """The prediction as the content of a file; not a bit of it is lost."""
    values = prediction.probabilities.numpy().astype("<f4")
    channels, height, width = values.shape
    planes = np.ascontiguousarray(values.reshape(-1, 1).view(np.uint8).T)
    return msgspec.msgpack.encode(
        _Stored(
            labels=prediction.labels,
            shape=(channels, height, width),
            planes=zstandard.ZstdCompressor(level=LEVEL).compress(planes.tobytes()),
        )
    )


def read_prediction(path: Path) -> Prediction:
    """The prediction that a file holds, on the CPU.

    Raises:
        InputError: the file is missing or damaged.
    """
    try:
        stored = msgspec.msgpack.decode(path.read_bytes(), type=_Stored)
        values = _decompress(stored)
    except OSError as error:
        raise InputError(f"{path}: expected a frame's probabilities, cannot read it: {error.strerror}") from error
    except (msgspec.MsgspecError, zstandard.ZstdError, ValueError) as error:
        raise InputError(
            f"{path}: expected a frame's probabilities, found a damaged file ({error}); run the sequence again"
        ) from error
    return Prediction(labels=stored.labels, probabilities=torch.from_numpy(values))


def _decompress(stored: _Stored) -> Float32[np.ndarray, "channels height width"]:
    """Raises ValueError or ZstdError where the parts do not fit together."""
    channels, height, width = stored.shape
    if channels != 1 + len(stored.labels):
        raise ValueError(f"{channels} channels for {len(stored.labels)} labels")
    size = 4 * channels * height * width
    if (found := zstandard.frame_content_size(stored.planes)) != size:  # before memory is taken for it
        raise ValueError(f"{found} bytes instead of {size}")
    content = zstandard.ZstdDecompressor().decompress(stored.planes)
    values = np.array(np.frombuffer(content, dtype=np.uint8).reshape(4, -1).T, order="C").view("<f4")
    return values.astype(np.float32, copy=False).reshape(stored.shape)
