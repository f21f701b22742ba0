"""Which sequences are segmented together."""

from collections.abc import Iterable

from benchmarks.datasets import Sequence
from benchmarks.frames import image_size


def waves(videos: Iterable[tuple[Sequence, ...]], *, at_once: int) -> list[list[tuple[Sequence, ...]]]:
    """Divide sequences into waves, each of as many as the others or one less.

    Those of a wave begin together and end one by one, so they have about the same length; and those of one image size,
    which are one batch, stand together.

    Args:
        videos: each as all of its passes see it.
        at_once: how many may be segmented together; with 1 they keep their order.

    Raises:
        InputError: a first frame cannot be read.
    """
    if at_once == 1:
        return [[views] for views in videos]
    alike = sorted(videos, key=lambda views: (image_size(views[0].frames[0]), len(views[0].frames)))
    count = -(-len(alike) // at_once)
    return [alike[len(alike) * wave // count : len(alike) * (wave + 1) // count] for wave in range(count)]
