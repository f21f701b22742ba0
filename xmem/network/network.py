"""The three stages of XMem: encode the key, segment, encode the value."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import Float
from torch import Tensor, nn

from xmem.config import ModelConfig
from xmem.memory.similarity import Search, top_k_affinity
from xmem.network.decoder import Decoder
from xmem.network.encoders import KeyEncoder, KeyProjection, ValueEncoder
from xmem.network.fusion import Owner

STRIDE = 16  # of keys, values and sensory memory: images must be multiples of it


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedImage:
    """What images give, whatever the objects: the query or memory key and the features the decoder refines with."""

    key: Float[Tensor, "images key_dim h w"]
    shrinkage: Float[Tensor, "images 1 h w"]
    selection: Float[Tensor, "images key_dim h w"]
    f16: Float[Tensor, "images c16 h w"]
    f8: Float[Tensor, "images c8 2*h 2*w"]
    f4: Float[Tensor, "images c4 4*h 4*w"]


class XMem(nn.Module):
    """The network under the official parameter names. Built in eval mode, the only mode inference knows.

    Each stage has a fixed shape for given image size and numbers of images and objects, and no state of its own. It
    takes one image, or several of the same size with their objects side by side, of which `owner` tells whose they are.
    """

    search: Search = staticmethod(top_k_affinity)  # for trackers; an engine may have another way

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.key_encoder = KeyEncoder(config)
        self.value_encoder = ValueEncoder(config)
        self.key_proj = KeyProjection(config)
        self.decoder = Decoder(config)
        self.eval()

    def prepare(self, height: int, width: int, *, objects: int, images: int | None = None) -> None:
        """Have ready what steps of this size will need; for modules as they are written that is nothing.

        Args:
            height: of images, in pixels.
            width: of images.
            objects: that are tracked, in all images.
            images: of several videos, that are segmented together; None where a video is by itself.
        """

    def encode_key(self, image: Float[Tensor, "images 3 height width"]) -> EncodedImage:
        """Encode normalised images whose sides are multiples of 16."""
        f16, f8, f4 = self.key_encoder(image)
        key, shrinkage, selection = self.key_proj(f16)
        return EncodedImage(key=key, shrinkage=shrinkage, selection=selection, f16=f16, f8=f8, f4=f4)

    def encode_value(
        self,
        image: Float[Tensor, "images 3 height width"],
        f16: Float[Tensor, "images c16 h w"],
        masks: Float[Tensor, "objects 2 height width"],
        owner: Owner = None,
    ) -> Float[Tensor, "objects value_dim h w"]:
        """Encode what is to be remembered of each object, given its probability at every pixel and that of all others.

        Both are in 0..1 (`xmem.inference.aggregation.with_others`).
        """
        value: Tensor = self.value_encoder(image, f16, masks, owner)
        return value

    def reinforce(
        self, value: Float[Tensor, "objects value_dim h w"], sensory: Float[Tensor, "objects sensory_dim h w"]
    ) -> Float[Tensor, "objects sensory_dim h w"]:
        """Deep update: the sensory state after it has seen the value. Unchanged where there is no sensory memory."""
        if self.value_encoder.hidden_reinforce is None:
            return sensory
        reinforced: Tensor = self.value_encoder.hidden_reinforce(value, sensory)
        return reinforced

    def segment(
        self,
        encoded: EncodedImage,
        readout: Float[Tensor, "objects value_dim h w"],
        sensory: Float[Tensor, "objects sensory_dim h w"],
        owner: Owner = None,
        *,
        update_sensory: bool,
    ) -> tuple[Float[Tensor, "objects height width"], Float[Tensor, "objects sensory_dim h w"]]:
        """Decode each object on its own: its logits, and the sensory state (advanced if `update_sensory`)."""
        features = (encoded.f16, encoded.f8, encoded.f4)
        logits, sensory = self.decoder(features, readout, sensory, owner, update_sensory=update_sensory)
        return logits, sensory

    def blank_sensory(self, objects: int, *, like: EncodedImage) -> Float[Tensor, "objects sensory_dim h w"]:
        """The state of objects that were not seen before: zeros."""
        height, width = like.key.shape[-2:]
        return torch.zeros(objects, self.config.sensory_dim, height, width, device=like.key.device)


def split_images(encoded: EncodedImage) -> list[EncodedImage]:
    """Each image by itself, as views."""
    parts = {field.name: getattr(encoded, field.name).split(1) for field in fields(EncodedImage)}
    return [
        EncodedImage(**{name: each[image] for name, each in parts.items()}) for image in range(encoded.key.shape[0])
    ]


def join_images(encoded: Sequence[EncodedImage]) -> EncodedImage:
    """The same images side by side; a single one as it is."""
    if len(encoded) == 1:
        return encoded[0]
    return EncodedImage(
        **{field.name: torch.cat([getattr(one, field.name) for one in encoded]) for field in fields(EncodedImage)}
    )
