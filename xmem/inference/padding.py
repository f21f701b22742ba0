"""Making the sides of an image multiples of the network's stride, and taking that back."""

from dataclasses import dataclass

import torch.nn.functional as F
from jaxtyping import Shaped
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """Zeros around an image, in pixels per side; an odd remainder goes right and below."""

    left: int
    right: int
    top: int
    bottom: int

    def pad(self, image: Shaped[Tensor, "*channels height width"]) -> Shaped[Tensor, "*channels padded_h padded_w"]:
        """Add the padding to the last two axes."""
        return F.pad(image, (self.left, self.right, self.top, self.bottom))

    def unpad(self, image: Shaped[Tensor, "*channels padded_h padded_w"]) -> Shaped[Tensor, "*channels height width"]:
        """Take the padding off the last two axes, as a view."""
        height, width = image.shape[-2:]
        return image[..., self.top : height - self.bottom, self.left : width - self.right]


def padding_to_multiple(height: int, width: int, *, of: int) -> Padding:
    """The smallest padding, as symmetric as can be, that makes both sides multiples of `of`."""
    rows, columns = -height % of, -width % of
    return Padding(left=columns // 2, right=columns - columns // 2, top=rows // 2, bottom=rows - rows // 2)
