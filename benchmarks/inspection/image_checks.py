"""What may be wrong with the images of one video, each by itself and beside the others."""

from collections.abc import Iterator

from benchmarks.inspection.image_header import ImageHeader
from benchmarks.inspection.image_survey import Survey, is_8_bit, is_index
from evaluators.image_size import size_text

Fault = tuple[str, str]  # its kind, and where


def check_frames(frames: Survey) -> Iterator[Fault]:
    """Frames that are damaged, of a wrong kind, or unlike the first of them."""
    yield from (("damaged frames", where) for where in frames.damaged)
    for name, header in frames.headers.items():
        if not is_8_bit(header):
            yield "frames of more than 8 bits", f"{name} (mode {header.mode})"
        if frames.size is not None and header.size != frames.size:
            yield "frames of another size than the first", _sizes(name, header, frames.size)


def check_masks(frames: Survey, masks: Survey) -> Iterator[Fault]:
    """Masks that are damaged, of a wrong kind, or unlike their frames."""
    yield from (("damaged masks", where) for where in masks.damaged)
    for name, header in masks.headers.items():
        if not is_index(header):
            yield "masks of a wrong mode", f"{name} (mode {header.mode})"
        if frames.size is not None and header.size != frames.size:
            yield "masks of another size than the frames", _sizes(name, header, frames.size)


def _sizes(name: str, header: ImageHeader, expected: tuple[int, int]) -> str:
    return f"{name} ({size_text(header.size)} instead of {size_text(expected)})"
