"""From a checkpoint file to a network: sizes are read from the file, old formats are upgraded here only."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from xmem.config import ModelConfig
from xmem.network.encoders import VALUE_INPUT_DIM
from xmem.network.network import XMem

NAMES_SHOWN = 8


class CheckpointError(ValueError):
    """A file is not a checkpoint of this architecture; the message says how, and what to do."""


def load_checkpoint(path: str | Path) -> XMem:
    """Load a network in fp32 on the CPU, in eval mode.

    The file holds one `state_dict` under the official names, as the released `.pth` files do. Nothing in it is
    executed, and nothing is fetched.

    Raises:
        CheckpointError: the file is missing, damaged, holds anything but tensors, or fits no XMem; every missing,
            unexpected or misshapen tensor is named.
    """
    path = Path(path)
    state = _upgrade(_read(path))
    config = _read_config(path, state)
    with torch.device("meta"):
        network = XMem(config)
    _check_fit(path, expected=network.state_dict(), found=state)
    broken = [name for name, tensor in state.items() if not bool(tensor.isfinite().all())]
    if broken:
        raise CheckpointError(
            f"{path}: expected finite weights, found infinity or NaN in {_some(broken)}; get it again"
        )
    floats = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    network.load_state_dict(floats, assign=True)
    return network.requires_grad_(requires_grad=False)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles that torch did not write; the errors below say it better
            content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: expected a checkpoint, found no such file") from error
    except IsADirectoryError as error:
        raise CheckpointError(f"{path}: expected a checkpoint file, found a folder") from error
    except PermissionError as error:
        raise CheckpointError(f"{path}: not permitted to read this checkpoint") from error
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: expected a file of tensors only, found pickled Python objects or no checkpoint at all; "
            "nothing in it was executed. Get the official file again, or save `network.state_dict()`"
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            f"{path}: expected a checkpoint, found a damaged file ({reason}); get it again"
        ) from error
    if not isinstance(content, Mapping) or not content:
        raise CheckpointError(f"{path}: expected a state_dict of named tensors, found {type(content).__name__}")
    strangers = [str(name) for name, value in content.items() if not isinstance(value, Tensor)]
    if strangers:
        raise CheckpointError(
            f"{path}: expected a state_dict of named tensors, found other values under {_some(strangers)}; "
            "if the weights are nested in there, save that part alone"
        )
    return {str(name): tensor for name, tensor in content.items()}


def _upgrade(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Single-object files of the reference know no other objects' masks: their channel is added, and weighs nothing."""
    name = "value_encoder.conv1.weight"
    weight = state.get(name)
    if weight is None or weight.ndim != 4 or weight.shape[1] != VALUE_INPUT_DIM - 1:
        return state
    return state | {name: torch.cat([weight, torch.zeros_like(weight[:, :1])], dim=1)}


def _read_config(path: Path, state: Mapping[str, Tensor]) -> ModelConfig:
    def rows(name: str) -> int:
        if name not in state or state[name].ndim == 0:
            raise CheckpointError(f"{path}: expected an XMem state_dict, found no tensor {name}; is it another model?")
        return int(state[name].shape[0])

    def blocks(stage: str) -> int:
        prefix = f"{stage}."
        return len({name.removeprefix(prefix).split(".")[0] for name in state if name.startswith(prefix)})

    sensory = "decoder.hidden_update.transform.weight"
    try:
        return ModelConfig(
            key_dim=rows("key_proj.key_proj.weight"),
            value_dim=rows("value_encoder.fuser.block2.conv2.weight"),
            sensory_dim=rows(sensory) // 3 if sensory in state else 0,
            key_width=rows("key_encoder.conv1.weight"),
            key_blocks=(blocks("key_encoder.res2"), blocks("key_encoder.layer2"), blocks("key_encoder.layer3")),
            value_width=rows("value_encoder.conv1.weight"),
            value_blocks=(
                blocks("value_encoder.layer1"),
                blocks("value_encoder.layer2"),
                blocks("value_encoder.layer3"),
            ),
            decoder_dims=(
                rows("decoder.fuser.block2.conv2.weight"),
                rows("decoder.up_16_8.out_conv.conv2.weight"),
                rows("decoder.up_8_4.out_conv.conv2.weight"),
            ),
            sensory_update_dim=rows("decoder.hidden_update.g16_conv.weight") if sensory in state else 256,
        )
    except CheckpointError:
        raise
    except ValueError as error:
        raise CheckpointError(f"{path}: expected an XMem state_dict: {error}") from error


def _check_fit(path: Path, *, expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    missing = [name for name in expected if name not in found]
    unexpected = [name for name in found if name not in expected]
    misshapen = [
        f"{name} {tuple(found[name].shape)} instead of {tuple(tensor.shape)}"
        for name, tensor in expected.items()
        if name in found and found[name].shape != tensor.shape
    ]
    faults = [
        f"{kind}: {_some(names, limit=None)}"
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("misshapen", misshapen))
        if names
    ]
    if faults:
        raise CheckpointError(
            f"{path}: expected the tensors of an XMem of these sizes; {'; '.join(faults)}; is it another model?"
        )


def _some(names: list[str], *, limit: int | None = NAMES_SHOWN) -> str:
    shown = names if limit is None else names[:limit]
    hidden = len(names) - len(shown)
    return ", ".join(shown) + (f" and {hidden} more" if hidden else "")
