"""What the doctor found, as text: a table, and below it a line for each kind of defect."""

from collections.abc import Sequence

from benchmarks.inspection.defects import Defect, defect_lines
from benchmarks.inspection.diagnosis import CheckpointDiagnosis, Diagnosis
from reports.table import markdown_table

REMARKS_SHOWN = 3  # of a kind


def dataset_table(diagnoses: Sequence[Diagnosis]) -> str:
    """A row for each dataset: what was found of what a complete copy holds."""
    rows = [
        [
            one.name,
            *(
                _count(getattr(one.found, what, None), getattr(one.expected, what))
                for what in ("sequences", "frames", "objects")
            ),
            _status(one.defects, absent=one.found is None),
        ]
        for one in diagnoses
    ]
    return markdown_table(["dataset", "sequences", "frames", "objects", "status"], rows)


def checkpoint_table(diagnoses: Sequence[CheckpointDiagnosis]) -> str:
    """A row for each checkpoint."""
    rows = [
        [one.variant, one.path.name, one.sha256 or "-", _status(one.defects, absent=one.absent)] for one in diagnoses
    ]
    return markdown_table(["variant", "checkpoint", "SHA-256", "status"], rows)


def advice(diagnoses: Sequence[Diagnosis], checkpoints: Sequence[CheckpointDiagnosis]) -> list[str]:
    """One remedy a line, and after all of them what is worth knowing."""
    return [
        *(f"{one.name}: {line}" for one in diagnoses for line in defect_lines(one.defects)),
        *(f"{one.variant}: {line}" for one in checkpoints for line in defect_lines(one.defects)),
        *(f"{one.name}: note: {line}" for one in diagnoses for line in defect_lines(one.remarks, shown=REMARKS_SHOWN)),
    ]


def _count(found: int | None, expected: int | None) -> str:
    have = "-" if found is None else str(found)
    return have if expected is None else f"{have} / {expected}"


def _status(defects: Sequence[Defect], *, absent: bool) -> str:
    if absent:
        return "absent"
    return f"{len(defects)} defect{'s' * (len(defects) > 1)}" if defects else "sound"
