"""From a network to one of other modules that compute the same in less time."""

from typing import cast

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from xmem.engine.fusing import SharedDecoder, SharedValueEncoder
from xmem.engine.winograd import WinogradConv2d, compile_transforms, is_suited
from xmem.network.network import XMem

WIDE = 128  # channels from which on tiles pay: with fewer, transforming takes longer than multiplying


def rewrite(
    network: XMem,
    device: torch.device,
    *,
    dtype: torch.dtype = torch.float32,
    tiles: bool = False,
    compiled: bool = True,
) -> XMem:
    """Exchange modules for others that infer the same on a device, with channels last.

    Batch norms are folded into convolutions, and what depends on the image alone is computed once for all objects.
    Weights of narrower formats are rounded now, not in every step.

    Args:
        network: in eval mode, on the CPU. It is used up: weights are not held twice.
        device: that is to compute.
        dtype: that convolutions compute in, under autocast where it is not fp32.
        tiles: whether wide 3x3 convolutions go by tiles.
        compiled: whether torch compiles the transforms of tiles; without they take longer than they spare.

    Raises:
        ValueError: the network is in training mode or on another device.
        CompilerError: transforms are to be compiled, and there is no compiler, or it fails.
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
    if tiles:
        _use_tiles(network, dtype=dtype, compiled=compiled)
        if compiled and any(isinstance(module, WinogradConv2d) for module in network.modules()):
            compile_transforms(device, dtype)
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


def _use_tiles(module: nn.Module, *, dtype: torch.dtype, compiled: bool) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d) and is_suited(child) and min(child.in_channels, child.out_channels) >= WIDE:
            setattr(module, name, WinogradConv2d(child, dtype=dtype, compiled=compiled))
        else:
            _use_tiles(child, dtype=dtype, compiled=compiled)
