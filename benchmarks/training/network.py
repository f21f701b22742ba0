"""A network before its first step."""

from pathlib import Path

import torch
from torch import nn

from benchmarks.errors import InputError
from xmem import CheckpointError, ModelConfig, XMem, load_checkpoint
from xmem.network.backbone import BasicBlock, Bottleneck
from xmem.network.decoder import UpsampleBlock
from xmem.network.fusion import ResidualBlock

BATCH_NORM_MOMENTUM = 0.03  # small batches: statistics are averaged over about 30 of them
FOREGROUND = -2.0  # the first logit of every pixel: objects are a tenth of a frame
QUIET = 0.1  # scale of weights whose output should matter little at first


def initial_network(config: ModelConfig, *, seed: int) -> XMem:
    """A network in training mode whose residual blocks are the identity (Goyal et al., 2017, section 5.1)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = XMem(config)
        network.apply(_initialise)
        _quieten(network)
    return network.train()


def begin_from(path: Path, network: XMem) -> None:
    """Give a network the weights of a checkpoint.

    Raises:
        InputError: the file cannot be read, or holds a network of other sizes.
    """
    try:
        found = load_checkpoint(path)
    except CheckpointError as error:
        raise InputError(str(error)) from error
    if found.config != network.config:
        raise InputError(
            f"{path}: expected weights of the sizes that are to be trained, {network.config}, found {found.config}; "
            "name others with training.begin, or train a model of these sizes"
        )
    network.load_state_dict(found.state_dict())


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        module.momentum = BATCH_NORM_MOMENTUM


@torch.no_grad()
def _quieten_block(module: nn.Module) -> None:
    """Blocks begin as their shortcut. Those without norm would otherwise add up, and drown the first logits."""
    match module:
        case BasicBlock():
            module.bn2.weight.zero_()
        case Bottleneck():
            module.bn3.weight.zero_()
        case ResidualBlock():
            module.conv2.weight.mul_(QUIET)
            if module.downsample is not None:
                nn.init.kaiming_normal_(module.downsample.weight, nonlinearity="linear")
        case UpsampleBlock():
            nn.init.kaiming_normal_(module.skip_conv.weight, nonlinearity="linear")


@torch.no_grad()
def _quieten(network: XMem) -> None:
    network.apply(_quieten_block)
    projection, decoder = network.key_proj, network.decoder
    for conv in (projection.key_proj, projection.d_proj, projection.e_proj, decoder.pred):
        conv.weight.mul_(QUIET)
    if decoder.pred.bias is not None:
        decoder.pred.bias.fill_(FOREGROUND)
    for recurrent in (decoder.hidden_update, network.value_encoder.hidden_reinforce):
        if recurrent is not None:
            nn.init.xavier_normal_(recurrent.transform.weight)
