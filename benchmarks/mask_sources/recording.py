"""Where the record of what masks were found to be worth belongs."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from reports.mask_records import MasksRecord
from reports.records import DatasetRecord
from reports.run_folder import DIGEST_SHOWN


def record_file(root: Path, masks: Sequence[MasksRecord], dataset: DatasetRecord, *options: object) -> Path:
    """The same question always has the same file, and another question another.

    Args:
        root: folder of all records of this kind.
        masks: that were looked at.
        dataset: what they are of.
        options: what else decides the figures.
    """
    question = [*(one.path for one in masks), dataset.root, *map(repr, options)]
    digest = sha256("\n".join(question).encode()).hexdigest()[:DIGEST_SHOWN]
    return root / dataset.name / f"{'-'.join([*(Path(one.path).name for one in masks), digest])}.json"
