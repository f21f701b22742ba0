"""The network's stages for many clips at once: the same arithmetic, but what an image decides alone done once for it.

A convolution over [image, object] is the sum of one over each part, so the image's part need not be repeated for
every object. `tests/benchmarks/training/test_parts.py` holds these against the stages of `xmem.XMem`.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmem import XMem
from xmem.network.backbone import stem
from xmem.network.fusion import FusionBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageParts:
    """What images give, whatever the objects. Frames first; `later` are all frames but the first.

    Args:
        key: (frames x clips, Ck, h, w); `shrinkage` and `selection` likewise.
        value_fusion: their part in the fusion of values, of all frames but the last.
        decoder_fusion: their part in the decoder's, of later frames.
        skip8: what the decoder adds at stride 8, of later frames; `skip4` likewise.
    """

    key: Tensor
    shrinkage: Tensor
    selection: Tensor
    value_fusion: Tensor
    decoder_fusion: Tensor
    skip8: Tensor
    skip4: Tensor


class ImagePart(nn.Module):
    """Images (frames x clips, 3, H, W), frames first, to `ImageParts`."""

    def __init__(self, network: XMem) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor, clips: int) -> ImageParts:
        network = self.network
        f16, f8, f4 = network.key_encoder(images)
        decoder = network.decoder
        key, shrinkage, selection = network.key_proj(f16)
        return ImageParts(
            key=key,
            shrinkage=shrinkage,
            selection=selection,
            value_fusion=image_fusion(network.value_encoder.fuser, f16[:-clips]),
            decoder_fusion=image_fusion(decoder.fuser, f16[clips:]),
            skip8=decoder.up_16_8.skip_conv(f8[clips:]),
            skip4=decoder.up_8_4.skip_conv(f4[clips:]),
        )


class ValuePart(nn.Module):
    """Images (clips, 3, H, W), masks and the other objects' masks (objects, H, W) to values (objects, Cv, h, w)."""

    def __init__(self, network: XMem) -> None:
        super().__init__()
        self.encoder = network.value_encoder

    def forward(self, images: Tensor, fusion: Tensor, owner: Tensor, masks: Tensor, others: Tensor) -> Tensor:
        encoder = self.encoder
        shown = torch.cat([images.index_select(0, owner), torch.stack([masks, others], dim=1)], dim=1)
        features = stem(encoder.conv1, encoder.bn1, shown)
        return fuse(
            encoder.fuser, fusion.index_select(0, owner), encoder.layer3(encoder.layer2(encoder.layer1(features)))
        )


class DecoderPart(nn.Module):
    """One frame of image parts, each object's readout and sensory state to logits (objects, H, W) and its state."""

    def __init__(self, network: XMem) -> None:
        super().__init__()
        self.decoder = network.decoder

    def forward(  # noqa: PLR0917 - all are tensors of one call
        self,
        fusion: Tensor,
        skip8: Tensor,
        skip4: Tensor,
        owner: Tensor,
        readout: Tensor,
        sensory: Tensor,
        update_sensory: bool,  # noqa: FBT001 - compiled code is specialised by it
    ) -> tuple[Tensor, Tensor]:
        decoder = self.decoder
        g16 = fuse(decoder.fuser, fusion.index_select(0, owner), torch.cat([readout, sensory], dim=1))
        g8 = decoder.up_16_8.out_conv(_double(g16) + skip8.index_select(0, owner))
        g4 = decoder.up_8_4.out_conv(_double(g8) + skip4.index_select(0, owner))
        logit = decoder.pred(F.relu(g4))
        if update_sensory and decoder.hidden_update is not None:
            sensory = decoder.hidden_update(g16, g8, g4, logit, sensory)
        return F.interpolate(logit.float(), scale_factor=4, mode="bilinear", align_corners=False)[:, 0], sensory


def image_fusion(block: FusionBlock, f16: Tensor) -> Tensor:
    """The image's part in the block's first two convolutions, (images, 2 x out, h, w): of `conv1`, of `downsample`.

    Features at stride 16 leave a ReLU, so that the one before `conv1` does nothing to them, and both are one.
    """
    first, shortcut = _entries(block)
    width = f16.shape[1]
    weight = torch.cat([first.weight[:, :width], shortcut.weight[:, :width]])
    bias = torch.cat([_bias(first), _bias(shortcut)])
    return F.conv2d(f16, weight, bias, padding=1)


def fuse(block: FusionBlock, image_part: Tensor, objects: Tensor) -> Tensor:
    """`FusionBlock.forward`, the image's part (objects, 2 x out, h, w) given."""
    first, shortcut = _entries(block)
    width = first.in_channels - objects.shape[1]
    part, shortcut_part = image_part.chunk(2, dim=1)
    hidden = F.conv2d(F.relu(objects), first.weight[:, width:], padding=1) + part
    straight = F.conv2d(objects, shortcut.weight[:, width:], padding=1) + shortcut_part
    g = block.block1.conv2(F.relu(hidden)) + straight
    fused: Tensor = block.block2(g + block.attention(g))
    return fused


def _entries(block: FusionBlock) -> tuple[nn.Conv2d, nn.Conv2d]:
    shortcut = block.block1.downsample
    if shortcut is None:
        raise ValueError("expected a fusion block that changes width, got one whose shortcut is the identity")
    return block.block1.conv1, shortcut


def _bias(conv: nn.Conv2d) -> Tensor:
    if conv.bias is None:
        raise ValueError("expected a convolution with bias")
    return conv.bias


def _double(g: Tensor) -> Tensor:
    return F.interpolate(g, scale_factor=2, mode="bilinear", align_corners=False)
