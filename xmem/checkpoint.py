"""From a checkpoint file to a network: sizes are read from the file, old formats are upgraded here only. And back."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from xmem.checkpoint_file import CheckpointError, read_tensors, safetensors_bytes, some_of
from xmem.config import ModelConfig
from xmem.network.encoders import VALUE_INPUT_DIM
from xmem.network.network import XMem


def load_checkpoint(path: str | Path) -> XMem:
    """Load a network in fp32 on the CPU, in eval mode.

    The file holds one `state_dict` under the official names, as the released `.pth` files do; it may be in fp16, and
    one whose name ends in `.safetensors` is read as that. Nothing in it is executed, and nothing is fetched.

    Raises:
        CheckpointError: the file is missing, damaged, not what its name says, holds anything but tensors, or fits no
            XMem; every missing, unexpected, misshapen or mistyped tensor is named.
    """
    path = Path(path)
    state = _upgrade(read_tensors(path))
    config = _read_config(path, state)
    with torch.device("meta"):
        network = XMem(config)
    _check_fit(path, expected=network.state_dict(), found=state)
    floats = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    if broken := _not_finite(floats):
        raise CheckpointError(
            f"{path}: expected finite weights, found infinity or NaN in {some_of(broken)}; get it again"
        )
    network.load_state_dict(floats, assign=True)
    return network.requires_grad_(requires_grad=False)


def half_precision_bytes(state: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """The content of a `.safetensors` file that `load_checkpoint` reads: the same bytes for the same input.

    Args:
        state: a `state_dict` under the official names, on any device. Floats become fp16, integers stay what they are.
        metadata: what is to be known of the weights, as text.

    Raises:
        ValueError: a weight is no number, or beyond the range of fp16; the tensors are named.
    """
    halves = {name: _halve(tensor) for name, tensor in state.items()}
    if broken := _not_finite(halves):
        limit = torch.finfo(torch.float16).max
        raise ValueError(
            f"expected weights that are numbers of fp16 (at most {limit:.0f}), found greater ones, infinity or NaN in "
            f"{some_of(broken)}; train on with smaller weights, or keep them in fp32"
        )
    return safetensors_bytes(halves, metadata)


def _halve(tensor: Tensor) -> Tensor:
    """A copy that shares memory with no other tensor, which safetensors would refuse."""
    dtype = torch.float16 if tensor.is_floating_point() else tensor.dtype
    return tensor.detach().to("cpu", dtype, copy=True).contiguous()


def _not_finite(state: Mapping[str, Tensor]) -> list[str]:
    return [name for name, tensor in state.items() if not bool(tensor.isfinite().all())]


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
    mistyped = [
        f"{name} {found[name].dtype} instead of floats"
        for name, tensor in expected.items()
        if name in found and tensor.is_floating_point() and not found[name].is_floating_point()
    ]
    kinds = {"missing": missing, "unexpected": unexpected, "misshapen": misshapen, "mistyped": mistyped}
    faults = [f"{kind}: {', '.join(names)}" for kind, names in kinds.items() if names]
    if faults:
        raise CheckpointError(
            f"{path}: expected the tensors of an XMem of these sizes; {'; '.join(faults)}; is it another model?"
        )
