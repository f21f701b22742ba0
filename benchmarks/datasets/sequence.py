"""What every dataset is made into: sequences of frames on disk, with prompts and truth kept apart."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.errors import InputError
from evaluators import ListedObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """One video. Only paths: nothing is opened before it is needed, and truth not before scoring.

    Args:
        name: of its folder; safe to make a folder of.
        frames: in time order. A frame's name is its file name without ending.
        prompts: by frame name, masks that may introduce objects: an object is given to the model where its label
            first occurs in them, and never again.
        truth: by frame name, masks to score against.
        written: names of the frames whose masks are written; None is all of them.
        objects: by label, what YouTube-VOS lists of its objects; empty elsewhere.
        single_object: whatever label a prompt uses, it means the one object.
        void: a label in prompts that marks what nobody annotated; None where every label is an object.
        written_like: an image of the size at which masks are written; None writes them at the frames' own size.
    """

    name: str
    frames: tuple[Path, ...]
    prompts: Mapping[str, Path]
    truth: Mapping[str, Path]
    single_object: bool = False
    void: int | None = None
    written_like: Path | None = None
    written: frozenset[str] | None = None
    objects: Mapping[int, ListedObject] = field(default_factory=dict)

    @property
    def written_frames(self) -> tuple[str, ...]:
        """Names of the frames whose masks are written, in time order."""
        return tuple(path.stem for path in self.frames if self.written is None or path.stem in self.written)

    def disagreements(self, introduced: Collection[int]) -> Iterator[str]:
        """Where the list of objects and the labels that masks introduced disagree: masks decide, and it is to be said.

        Nothing where there is no such list.
        """
        if self.objects:
            for label in sorted(self.objects.keys() - set(introduced)):
                yield f"object {label} is listed, but no mask introduces it: it was not segmented"
            for label in sorted(set(introduced) - self.objects.keys()):
                yield f"object {label} is not listed, but a mask introduces it: it was segmented"


# The sequences of a split by name, each looked up on disk only when it is asked for.
Lookups = Mapping[str, Callable[[], Sequence]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """All sequences of a split, and those of them that were asked for."""

    name: str
    sequences: tuple[Sequence, ...]
    available: int

    def fingerprint(self) -> str:
        """SHA-256 over what the model is given: names and lengths of all frames, and every byte of the prompts.

        Frames themselves are not read: a frame that was replaced by one of the very same length goes unnoticed.

        Raises:
            InputError: a file cannot be looked at.
        """
        digest = hashlib.sha256()
        for sequence in self.sequences:
            try:
                for line in _lines(sequence):
                    digest.update(line.encode())
            except OSError as error:
                raise InputError(
                    f"{error.filename}: expected a file of sequence {sequence.name}, cannot read it: {error.strerror}"
                ) from error
        return digest.hexdigest()


def _lines(sequence: Sequence) -> Iterator[str]:
    """What the model is given of a sequence, in lines."""
    yield f"sequence {sequence.name} {sequence.single_object} {sequence.void}\n"
    if sequence.written is not None:
        yield f"written {' '.join(sequence.written_frames)}\n"
    for frame in sequence.frames:
        yield f"frame {frame.name} {frame.stat().st_size}\n"
    if sequence.written_like is not None:
        yield f"written like {hashlib.sha256(sequence.written_like.read_bytes()).hexdigest()}\n"
    for name, path in sorted(sequence.prompts.items()):
        yield f"prompt {name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
