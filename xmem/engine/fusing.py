"""What depends on the image alone is computed once for all objects, and the rest for as many at a time as is best.

The first convolutions of a `FusionBlock`, that of its first block and that of its shortcut, see image and object side
by side. A convolution is linear, so each is the sum of one over the image's channels and one over the object's; the
former is the same for every object. The image's features leave a ReLU, so that another one does nothing to them, and
both convolutions see the same.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from xmem.engine.native import convolve
from xmem.network.decoder import Decoder
from xmem.network.encoders import ValueEncoder
from xmem.network.fusion import FusionBlock, Owner, of_owner


class SharedFusionBlock(nn.Module):
    """A `FusionBlock` to which the image's part is given, as `image_conv` makes it of the image's features.

    Args:
        block: what it does. Its first residual block has a convolution for a shortcut.
        image_dim: channels of the image's features, none of which is negative.
    """

    def __init__(self, block: FusionBlock, *, image_dim: int) -> None:
        super().__init__()
        first = block.block1
        if first.downsample is None:
            raise ValueError("expected a fusion block that changes the number of channels, got one that does not")
        both = [first.conv1, first.downsample]
        self.image_conv = _over(both, slice(image_dim), bias=True)
        self.object_conv, self.object_shortcut = (_over([one], slice(image_dim, None), bias=False) for one in both)
        self.conv2 = first.conv2
        self.attention, self.block2 = block.attention, block.block2

    def forward(self, image_part: Tensor, objects: Tensor) -> Tensor:
        image_inner, image_shortcut = image_part.chunk(2, dim=1)
        inner = convolve(self.object_conv, objects, rectify_input=True, added=image_inner, rectify=True)
        g = convolve(self.conv2, inner, added=image_shortcut)
        g += self.object_shortcut(objects)
        fused: Tensor = self.block2(g + self.attention(g))
        return fused


class SharedDecoder(Decoder):
    """A `Decoder` that sees each image once, and then its objects.

    Args:
        decoder: what it does. Its modules are taken over, not copied.
        image_dim: channels of the image's features at stride 16.
        at_once: how many objects are decoded at a time; None is all of them.
    """

    fuser: SharedFusionBlock  # type: ignore[assignment]

    def __init__(self, decoder: Decoder, *, image_dim: int, at_once: int | None) -> None:
        nn.Module.__init__(self)
        _take_over(self, decoder)
        self.hidden_update = decoder.hidden_update  # which may be None, of which torch tells nobody
        self.fuser = SharedFusionBlock(decoder.fuser, image_dim=image_dim)
        self._at_once = at_once

    def forward(
        self,
        features: tuple[Tensor, Tensor, Tensor],
        readout: Tensor,
        sensory: Tensor,
        owner: Owner,
        *,
        update_sensory: bool,
    ) -> tuple[Tensor, Tensor]:
        f16, f8, f4 = features
        of_images = self.fuser.image_conv(f16), self.up_16_8.skip_conv(f8), self.up_8_4.skip_conv(f4)
        decoded = []
        for some in _portions(readout.shape[0], self._at_once):
            image16, skip8, skip4 = (of_owner(one, None if owner is None else owner[some]) for one in of_images)
            g16 = self.fuser(image16, torch.cat([readout[some], sensory[some]], dim=1))
            decoded.append(self.refine(g16, skip8, skip4, sensory[some], update_sensory=update_sensory))
        return torch.cat([logits for logits, _ in decoded]), torch.cat([advanced for _, advanced in decoded])


class SharedValueEncoder(ValueEncoder):
    """A `ValueEncoder` that sees each image's key features once, and then its objects.

    Args:
        encoder: what it does. Its modules are taken over, not copied.
        image_dim: channels of the image's key features.
        at_once: of how many objects values are encoded at a time; None is all of them.
    """

    fuser: SharedFusionBlock  # type: ignore[assignment]

    def __init__(self, encoder: ValueEncoder, *, image_dim: int, at_once: int | None) -> None:
        nn.Module.__init__(self)
        _take_over(self, encoder)
        self.hidden_reinforce = encoder.hidden_reinforce  # which may be None, of which torch tells nobody
        self.fuser = SharedFusionBlock(encoder.fuser, image_dim=image_dim)
        self._at_once = at_once

    def forward(self, image: Tensor, f16: Tensor, masks: Tensor, owner: Owner) -> Tensor:
        of_images = self.fuser.image_conv(f16)
        values = []
        for some in _portions(masks.shape[0], self._at_once):
            owner_of_some = None if owner is None else owner[some]
            features = self.features(image, masks[some], owner_of_some)
            values.append(self.fuser(of_owner(of_images, owner_of_some), features))
        return torch.cat(values)


def _take_over(module: nn.Module, other: nn.Module) -> None:
    """The parts of another module, under their names."""
    for name, child in other.named_children():
        setattr(module, name, child)


def _portions(objects: int, at_once: int | None) -> Iterator[slice]:
    return (slice(first, first + (at_once or objects)) for first in range(0, objects, at_once or objects))


def _over(convolutions: Sequence[nn.Conv2d], channels: slice, *, bias: bool) -> nn.Conv2d:
    """One convolution over some of the input's channels, with the outputs of all of them side by side."""
    weight = torch.cat([conv.weight[:, channels] for conv in convolutions])
    joined = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1, bias=bias, dtype=weight.dtype)
    with torch.no_grad():
        joined.weight.copy_(weight)
        if joined.bias is not None:
            joined.bias.copy_(torch.cat([conv.bias for conv in convolutions if conv.bias is not None]))
    return joined
