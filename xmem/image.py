"""From a decoded frame to what the network expects."""

import torch
from jaxtyping import Float32, UInt8

# Statistics of ImageNet, on which the encoders were first trained.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(image: UInt8[torch.Tensor, "height width 3"]) -> Float32[torch.Tensor, "3 height width"]:
    """RGB in 0..255 to zero mean and unit variance per channel, channels first."""
    mean = torch.tensor(MEAN, device=image.device).view(3, 1, 1)
    std = torch.tensor(STD, device=image.device).view(3, 1, 1)
    planar = image.permute(2, 0, 1).to(torch.float32, memory_format=torch.contiguous_format, copy=True)
    return planar.div_(255).sub_(mean).div_(std)
