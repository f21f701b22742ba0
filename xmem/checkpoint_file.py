"""A checkpoint file as named tensors, and back: its name says whether torch wrote it (`.pth`) or safetensors did."""

import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

SAFETENSORS = ".safetensors"
HEADER_LIMIT = 100_000_000  # bytes, of safetensors
LENGTH_BYTES = 8  # before the header, little end first
OF_TORCH = (b"PK", b"\x80")  # a zip, or a pickle as torch wrote them before
NAMES_SHOWN = 8


class CheckpointError(ValueError):
    """A file is not a checkpoint of this architecture; the message says how, and what to do."""


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a file on the CPU, by name, in the types that they are stored in. Nothing in it is executed.

    Raises:
        CheckpointError: the file is missing, damaged, not what its name says, or holds anything but named tensors.
    """
    beginning = _read_beginning(path)
    by_name = path.suffix.lower() == SAFETENSORS
    _require_own_name(path, beginning, by_name=by_name)
    content = _read_safetensors(path) if by_name else _read_pickle(path)
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError(f"{path}: expected a state_dict of named tensors, found {type(content).__name__}")
    strangers = [str(name) for name, value in content.items() if not isinstance(value, Tensor)]
    if strangers:
        raise CheckpointError(
            f"{path}: expected a state_dict of named tensors, found other values under {some_of(strangers)}; "
            "if the weights are nested in there, save that part alone"
        )
    return {str(name): tensor for name, tensor in content.items()}


def safetensors_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """The content of a `.safetensors` file: the same bytes for the same tensors, which lie on the CPU, and metadata."""
    content = safetensors.torch.save(dict(tensors), dict(metadata))
    end = LENGTH_BYTES + _header_length(content)
    header = json.loads(content[LENGTH_BYTES:end])
    # They come in an order that is another each time, and one file has to have one hash.
    header["__metadata__"] = dict(sorted(metadata.items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH_BYTES)  # the tensors behind it stay aligned
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + content[end:]


def some_of(names: list[str]) -> str:
    """The first names, and how many more there are."""
    hidden = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")


def _read_beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            beginning = file.read(LENGTH_BYTES + 1)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file") from error
    except IsADirectoryError as error:
        raise CheckpointError(f"{path}: expected a checkpoint file, found a folder") from error
    except PermissionError as error:
        raise CheckpointError(f"{path}: not permitted to read this checkpoint") from error
    except OSError as error:
        raise _damaged(path, error) from error
    if not beginning:
        raise CheckpointError(f"{path}: expected a checkpoint, found an empty file; get it again")
    return beginning


def _require_own_name(path: Path, beginning: bytes, *, by_name: bool) -> None:
    """A file of the other kind is not damaged: it has the wrong name, and that is all there is to mend."""
    by_content = beginning[LENGTH_BYTES:] == b"{" and _header_length(beginning) <= HEADER_LIMIT
    if by_content and not by_name:
        raise CheckpointError(
            f"{path}: expected a file that torch.save wrote, as its name says, found safetensors; "
            f"rename it to {path.with_suffix(SAFETENSORS).name}"
        )
    if by_name and not by_content and beginning.startswith(OF_TORCH):
        raise CheckpointError(
            f"{path}: expected safetensors, as its name says, found a file that torch.save wrote; "
            f"rename it to {path.with_suffix('.pth').name}"
        )


def _header_length(content: bytes) -> int:
    return int.from_bytes(content[:LENGTH_BYTES], "little")


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(path.read_bytes())
    except (SafetensorError, RuntimeError, ValueError, OSError, KeyError) as error:
        raise _damaged(path, error) from error


def _read_pickle(path: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles that torch did not write; the errors below say it better
            content: object = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: expected a file of tensors only, found pickled Python objects or no checkpoint at all; "
            "nothing in it was executed. Get the official file again, or save `network.state_dict()`"
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError, KeyError) as error:
        raise _damaged(path, error) from error
    return content


def _damaged(path: Path, error: Exception) -> CheckpointError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return CheckpointError(f"{path}: expected a checkpoint, found a damaged file ({reason}); get it again")
