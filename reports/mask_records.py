"""What is written down of masks that already existed: where they came from, and what they were found to be worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evaluators import DatasetScore
from reports.comparison import Agreement, Comparison
from reports.records import DatasetRecord


class MasksKind(StrEnum):
    """What kind of place masks lie in."""

    FOLDER = "folder"
    RUN = "run"
    ZIP = "zip"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasksRecord:
    """Masks that already existed.

    Args:
        path: where they lay.
        kind: of that place.
        sha256: of the zip or archive; None for a folder.
        run_digest: of the run that made them; None where it is not known.
        dataset: that the run was on; None where it is not known.
        checkpoint_sha256: of that run's checkpoint.
    """

    path: str
    kind: MasksKind
    sha256: str | None = None
    run_digest: str | None = None
    dataset: str | None = None
    checkpoint_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRecord:
    """Scores of masks that already existed.

    Args:
        command: as it was typed.
        scored: date and time with time zone (ISO 8601).
        masks: where they came from.
        dataset: what they are masks of.
        unscored: why sequences could not be scored, by their names.
        score: of those that could.
    """

    command: str
    scored: str
    masks: MasksRecord
    dataset: DatasetRecord
    unscored: Mapping[str, str]
    score: DatasetScore


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRecord:
    """Two sets of masks that already existed, compared.

    Args:
        command: as it was typed.
        compared: date and time with time zone (ISO 8601).
        masks: where the first came from (A in tables).
        other: where the second came from (B).
        dataset: what they are masks of.
        unscored: why sequences could not be scored, by their names.
        agreements: of all sequences.
        comparison: of those that could be scored; None where there are none.
    """

    command: str
    compared: str
    masks: MasksRecord
    other: MasksRecord
    dataset: DatasetRecord
    unscored: Mapping[str, str]
    agreements: tuple[Agreement, ...]
    comparison: Comparison | None
