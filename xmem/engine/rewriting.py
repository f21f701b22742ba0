"""From a network to one of other modules that compute the same."""

import copy

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from xmem.engine.fusing import SharedFusionBlock
from xmem.engine.winograd import WinogradConv2d, is_suited
from xmem.network.network import XMem

WIDE = 128  # channels from which on tiles pay: with fewer, transforming takes longer than multiplying


def rewritten(network: XMem, *, winograd: bool) -> XMem:
    """A copy for inference: batch norms folded into convolutions, what objects share computed once.

    Args:
        network: in eval mode. It stays what it is.
        winograd: whether wide 3x3 convolutions go by tiles: for fp32 on a CPU, whose library does not.

    Raises:
        ValueError: the network is in training mode.
    """
    if network.training:
        raise ValueError("expected a network in eval mode, got one in training mode; call network.eval()")
    copied = copy.deepcopy(network).requires_grad_(requires_grad=False)
    for module in list(copied.modules()):
        _fold_batch_norms(module)
    image_dim = 16 * network.config.key_width
    for owner in (copied.decoder, copied.value_encoder):
        owner.fuser = SharedFusionBlock(owner.fuser, image_dim=image_dim)  # type: ignore[assignment]
    if winograd:
        _use_tiles(copied)
    return copied.eval()


def _fold_batch_norms(module: nn.Module) -> None:
    """Of a module's children: `bn` behind `conv` of the same number, or the second of a shortcut's two."""
    for name, norm in list(module.named_children()):
        conv_name = str(int(name) - 1) if name.isdigit() else name.replace("bn", "conv")
        if isinstance(norm, nn.BatchNorm2d):
            conv = module.get_submodule(conv_name)
            setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
            setattr(module, name, nn.Identity())


def _use_tiles(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Conv2d) and is_suited(child) and min(child.in_channels, child.out_channels) >= WIDE:
            setattr(module, name, WinogradConv2d(child))
        else:
            _use_tiles(child)
