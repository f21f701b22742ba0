"""What of a run is finished: recorded, and its files the very ones that were written."""

from collections.abc import Iterable

from benchmarks.config import CellConfig
from benchmarks.recorded import masks_untouched, probabilities_untouched
from reports.records import SequenceRecord
from reports.run_folder import RunFolder

# A sequence in a repeat, which is counted from 1.
Part = tuple[int, str]


def find_left(folder: RunFolder, config: CellConfig, names: Iterable[str]) -> frozenset[Part]:
    """What is to be run, of these sequences in all repeats that were asked for.

    Raises:
        RunFolderError: what an earlier run left is damaged.
    """
    parts = [(number, name) for number in range(1, config.repeats + 1) for name in names]
    return frozenset(part for part in parts if not is_finished(folder, config, part))


def is_finished(folder: RunFolder, config: CellConfig, part: Part) -> bool:
    """Whether there is nothing to run, with probabilities where they are to be kept.

    Raises:
        RunFolderError: a record is damaged.
    """
    number, name = part
    if not is_whole(folder, part):
        return False
    record = folder.read_sequence(name) if config.keep_probabilities and number == 1 else None
    return record is None or probabilities_untouched(folder, record)


def is_whole(folder: RunFolder, part: Part) -> bool:
    """Whether the sequence has a record, and the masks it tells of, be they those of the first repeat.

    Raises:
        RunFolderError: a record is damaged.
    """
    number, name = part
    record = folder.repeat(number).read_sequence(name)
    if record is None:
        return False
    if number > 1 and has_masks_of_first(folder, record):
        return True
    return masks_untouched(folder.repeat(number), record)


def has_masks_of_first(folder: RunFolder, record: SequenceRecord) -> bool:
    """Whether a sequence has the same masks as in the first repeat."""
    first = folder.read_sequence(record.name)
    return first is not None and first.masks_sha256 == record.masks_sha256
