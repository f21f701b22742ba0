"""From what memory answers to a logit for every pixel of every object."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from xmem.config import ModelConfig
from xmem.network.fusion import FusionBlock, Owner, ResidualBlock, of_owner
from xmem.network.recurrent import SensoryUpdate


class UpsampleBlock(nn.Module):
    """Doubles the resolution and adds what `skip_conv` makes of the image's own features at that scale."""

    def __init__(self, skip_dim: int, in_dim: int, out_dim: int) -> None:
        super().__init__()
        self.skip_conv = nn.Conv2d(skip_dim, in_dim, 3, padding=1)
        self.out_conv = ResidualBlock(in_dim, out_dim)

    def forward(self, skip: Tensor, g: Tensor) -> Tensor:
        finer = F.interpolate(g, scale_factor=2, mode="bilinear", align_corners=False)
        finer += skip
        out: Tensor = self.out_conv(finer)
        return out


class Decoder(nn.Module):
    """Readout and sensory memory to logits at full size, and optionally the next sensory state."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, dims = config.key_width, config.decoder_dims
        self.fuser = FusionBlock(16 * width, config.value_dim + config.sensory_dim, dims[0])
        self.hidden_update = (
            SensoryUpdate(dims=dims, update_dim=config.sensory_update_dim, sensory_dim=config.sensory_dim)
            if config.sensory_dim
            else None
        )
        self.up_16_8 = UpsampleBlock(8 * width, dims[0], dims[1])
        self.up_8_4 = UpsampleBlock(4 * width, dims[1], dims[2])
        self.pred = nn.Conv2d(dims[2], 1, 3, padding=1)

    def forward(
        self,
        features: tuple[Tensor, Tensor, Tensor],
        readout: Tensor,
        sensory: Tensor,
        owner: Owner,
        *,
        update_sensory: bool,
    ) -> tuple[Tensor, Tensor]:
        """Decode every object.

        Args:
            features: of the images, at strides 16, 8 and 4, each (images, C, ., .).
            readout: (objects, Cv, h, w).
            sensory: (objects, Ch, h, w).
            owner: which image each object is in.
            update_sensory: whether the sensory state advances; otherwise it is returned as it came.

        Returns:
            Logits (objects, 16h, 16w) and the sensory state (objects, Ch, h, w).
        """
        f16, f8, f4 = features
        g16 = self.fuser(f16, torch.cat([readout, sensory], dim=1), owner)
        skip8, skip4 = of_owner(self.up_16_8.skip_conv(f8), owner), of_owner(self.up_8_4.skip_conv(f4), owner)
        return self.refine(g16, skip8, skip4, sensory, update_sensory=update_sensory)

    def refine(
        self, g16: Tensor, skip8: Tensor, skip4: Tensor, sensory: Tensor, *, update_sensory: bool
    ) -> tuple[Tensor, Tensor]:
        """From what is known of each object at stride 16, and what its image gives at strides 8 and 4, as `forward`."""
        g8 = self.up_16_8(skip8, g16)
        g4 = self.up_8_4(skip4, g8)
        logit = self.pred(F.relu(g4))
        if update_sensory and self.hidden_update is not None:
            sensory = self.hidden_update(g16, g8, g4, logit, sensory)
        logits = F.interpolate(logit, scale_factor=4, mode="bilinear", align_corners=False)
        return logits[:, 0], sensory
