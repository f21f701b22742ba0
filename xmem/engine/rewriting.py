"""From a network to one of other modules that compute the same in less time."""

from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from xmem.engine.fusing import SharedDecoder, SharedValueEncoder
from xmem.engine.narrow import SingleChannelConv2d, has_single_channel
from xmem.engine.native import NativeConv2d, is_native, select_top_k
from xmem.engine.residual import FusedResidualBlock
from xmem.engine.winograd import WinogradConv2d, compile_transforms, is_suited
from xmem.network.fusion import ResidualBlock
from xmem.network.network import XMem

WIDE = 128  # channels from which on tiles pay in torch, and do not harm more than they spare in bf16


def rewrite(
    network: XMem,
    device: torch.device,
    *,
    dtype: torch.dtype = torch.float32,
    tiles: bool = False,
) -> XMem:
    """Exchange modules for others that infer the same on a device, with channels last.

    Batch norms are folded into convolutions, and what depends on the image alone is computed once for all objects.
    Weights of narrower formats are rounded now, not in every step.

    Args:
        network: in eval mode, on the CPU. It is used up: weights are not held twice.
        device: that is to compute.
        dtype: that convolutions compute in, under autocast where it is not fp32.
        tiles: whether 3x3 convolutions go by tiles where that pays; on a CPU in C++, as the search of memory then is.

    Raises:
        ValueError: the network is in training mode or on another device.
        CompilerError: there is no compiler for them, or it fails.
    """
    if network.training:
        raise ValueError("expected a network in eval mode, got one in training mode; call network.eval()")
    if (found := next(network.parameters()).device.type) != "cpu":
        raise ValueError(f"expected a network on the CPU, got one on {found}")
    network.requires_grad_(requires_grad=False)
    for module in list(network.modules()):
        _fold_batch_norms(module)
    image_dim, at_once = 16 * network.config.key_width, 1 if device.type == "cpu" else None
    network.decoder = SharedDecoder(network.decoder, image_dim=image_dim, at_once=at_once)
    network.value_encoder = SharedValueEncoder(network.value_encoder, image_dim=image_dim, at_once=at_once)
    if device.type == "cpu":
        exchange(network, lambda one: FusedResidualBlock(one) if isinstance(one, ResidualBlock) else None)
        exchange(network, lambda one: SingleChannelConv2d(one) if has_single_channel(one) else None)
    if tiles:
        exchange(network, partial(_by_tiles, device=device, dtype=dtype))
        if device.type == "cpu":
            network.search = select_top_k
        elif any(isinstance(module, WinogradConv2d) for module in network.modules()):
            compile_transforms(device)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(dtype)
    return network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload, no-any-return]


def _fold_batch_norms(module: nn.Module) -> None:
    """Of a module's children: `bn` behind `conv` of the same number, or the second of a shortcut's two."""
    for name, norm in list(module.named_children()):
        if isinstance(norm, nn.BatchNorm2d):
            conv_name = str(int(name) - 1) if name.isdigit() else name.replace("bn", "conv")
            conv = cast("nn.Conv2d", module.get_submodule(conv_name))
            setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
            setattr(module, name, nn.Identity())


def exchange(module: nn.Module, other_for: Callable[[nn.Module], nn.Module | None]) -> None:
    """Of all that is inside, what there is another module for."""
    for name, child in list(module.named_children()):
        other = other_for(child)
        if other is None:
            exchange(child, other_for)
        else:
            setattr(module, name, other)


def _by_tiles(module: nn.Module, *, device: torch.device, dtype: torch.dtype) -> nn.Module | None:
    """What does the same by tiles; None where that does not pay."""
    if not isinstance(module, nn.Conv2d):
        return None
    wide = min(module.in_channels, module.out_channels) >= WIDE
    if device.type == "cpu":
        pays = is_native(module) and (wide or dtype == torch.float32)
        return NativeConv2d(module, dtype=dtype) if pays else None
    return WinogradConv2d(module, compiled=True) if is_suited(module) and wide else None
