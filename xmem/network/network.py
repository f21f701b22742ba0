"""The three stages of XMem: encode the key, segment, encode the value."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from xmem.config import ModelConfig
from xmem.memory.similarity import Search, top_k_affinity
from xmem.network.decoder import Decoder
from xmem.network.encoders import KeyEncoder, KeyProjection, ValueEncoder

STRIDE = 16  # of keys, values and sensory memory: images must be multiples of it


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedImage:
    """What one image gives, whatever the objects: the query or memory key and the features the decoder refines with."""

    key: Float[Tensor, "1 key_dim h w"]
    shrinkage: Float[Tensor, "1 1 h w"]
    selection: Float[Tensor, "1 key_dim h w"]
    f16: Float[Tensor, "1 c16 h w"]
    f8: Float[Tensor, "1 c8 2*h 2*w"]
    f4: Float[Tensor, "1 c4 4*h 4*w"]


class XMem(nn.Module):
    """The network under the official parameter names. Built in eval mode, the only mode inference knows.

    Each stage has a fixed shape for given image size and number of objects, and no state of its own.
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

    def prepare(self, height: int, width: int, *, objects: int) -> None:
        """Have ready what steps of this size will need; for modules as they are written that is nothing.

        Args:
            height: of images, in pixels.
            width: of images.
            objects: that are tracked.
        """

    def encode_key(self, image: Float[Tensor, "1 3 height width"]) -> EncodedImage:
        """Encode a normalised image whose sides are multiples of 16."""
        f16, f8, f4 = self.key_encoder(image)
        key, shrinkage, selection = self.key_proj(f16)
        return EncodedImage(key=key, shrinkage=shrinkage, selection=selection, f16=f16, f8=f8, f4=f4)

    def encode_value(
        self,
        image: Float[Tensor, "1 3 height width"],
        f16: Float[Tensor, "1 c16 h w"],
        masks: Float[Tensor, "objects height width"],
    ) -> Float[Tensor, "objects value_dim h w"]:
        """Encode what is to be remembered of each object, given its probability in 0..1 at every pixel."""
        value: Tensor = self.value_encoder(image, f16, masks)
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
        *,
        update_sensory: bool,
    ) -> tuple[Float[Tensor, "objects height width"], Float[Tensor, "objects sensory_dim h w"]]:
        """Decode each object on its own: its logits, and the sensory state (advanced if `update_sensory`)."""
        features = (encoded.f16, encoded.f8, encoded.f4)
        logits, sensory = self.decoder(features, readout, sensory, update_sensory=update_sensory)
        return logits, sensory

    def blank_sensory(self, objects: int, *, like: EncodedImage) -> Float[Tensor, "objects sensory_dim h w"]:
        """The state of objects that were not seen before: zeros."""
        height, width = like.key.shape[-2:]
        return torch.zeros(objects, self.config.sensory_dim, height, width, device=like.key.device)
