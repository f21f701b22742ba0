"""What is seen: keys from the image alone, values from the image and the masks."""

import torch
from torch import Tensor, nn

from xmem.config import ModelConfig
from xmem.network.backbone import basic_stage, bottleneck_stage, stem
from xmem.network.fusion import FusionBlock, Owner, of_owner
from xmem.network.recurrent import SensoryReinforcement

VALUE_INPUT_DIM = 5  # RGB, the object's own mask, the sum of all others


class KeyEncoder(nn.Module):
    """Images (images, 3, H, W) to features at strides 16, 8 and 4 (ResNet-50 without its last stage)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, (first, second, third) = config.key_width, config.key_blocks
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.res2 = bottleneck_stage(width, width, blocks=first, stride=1)
        self.layer2 = bottleneck_stage(4 * width, 2 * width, blocks=second, stride=2)
        self.layer3 = bottleneck_stage(8 * width, 4 * width, blocks=third, stride=2)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        f4 = self.res2(stem(self.conv1, self.bn1, image))
        f8 = self.layer2(f4)
        return self.layer3(f8), f8, f4


class KeyProjection(nn.Module):
    """Features at stride 16 to key (images, Ck, h, w), shrinkage (images, 1, h, w) >= 1, selection like key in 0..1."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        in_dim = 16 * config.key_width
        self.key_proj = nn.Conv2d(in_dim, config.key_dim, 3, padding=1)
        self.d_proj = nn.Conv2d(in_dim, 1, 3, padding=1)
        self.e_proj = nn.Conv2d(in_dim, config.key_dim, 3, padding=1)

    def forward(self, f16: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.key_proj(f16), self.d_proj(f16) ** 2 + 1, torch.sigmoid(self.e_proj(f16))


class ValueEncoder(nn.Module):
    """Image and masks to one value per object (ResNet-18 without its last stage, fused with the key features)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, (first, second, third) = config.value_width, config.value_blocks
        self.conv1 = nn.Conv2d(VALUE_INPUT_DIM, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = basic_stage(width, width, blocks=first, stride=1)
        self.layer2 = basic_stage(width, 2 * width, blocks=second, stride=2)
        self.layer3 = basic_stage(2 * width, 4 * width, blocks=third, stride=2)
        self.fuser = FusionBlock(16 * config.key_width, 4 * width, config.value_dim)
        self.hidden_reinforce = (
            SensoryReinforcement(value_dim=config.value_dim, sensory_dim=config.sensory_dim)
            if config.sensory_dim
            else None
        )

    def forward(self, image: Tensor, f16: Tensor, masks: Tensor, owner: Owner) -> Tensor:
        """`image` (images, 3, H, W), `f16` (images, C, h, w), `masks` (objects, 2, H, W) to (objects, Cv, h, w)."""
        value: Tensor = self.fuser(f16, self.features(image, masks, owner), owner)
        return value

    def features(self, image: Tensor, masks: Tensor, owner: Owner) -> Tensor:
        """Of every object, at stride 16, before they are fused with those of its image."""
        objects = torch.cat([of_owner(image, owner).expand(masks.shape[0], -1, -1, -1), masks], dim=1)
        features: Tensor = self.layer3(self.layer2(self.layer1(stem(self.conv1, self.bn1, objects))))
        return features
