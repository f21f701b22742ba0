"""A run on its way to an evaluation server: that it is whole, and what the server answered."""

import hashlib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.artifacts import write_record
from benchmarks.config import Submission
from benchmarks.datasets import Dataset
from benchmarks.errors import InputError
from benchmarks.recorded import require_finished
from benchmarks.regular_file import require_regular_file
from benchmarks.submission.server_answer import read_figures
from benchmarks.submission.server_zip import hash_masks
from reports.run_folder import RunFolder
from reports.server import DavisFigures, ServerRecord, SubmissionRecord, YouTubeVosFigures


def require_whole(folder: RunFolder) -> None:
    """A server scores all sequences of a dataset, or none.

    Raises:
        InputError: the run is on a part of the dataset, not finished, or its masks have changed since.
        RunFolderError: a record is damaged.
    """
    run = folder.read_run()
    if len(run.dataset.sequences) != run.dataset.available:
        raise InputError(
            f"{folder.path}: expected a run on all {run.dataset.available} sequences of {run.dataset.name}, found one "
            f"on {len(run.dataset.sequences)}; run the cell without sequences=[...]"
        )
    require_finished(folder)


def record_submission(folder: RunFolder, record: SubmissionRecord) -> None:
    """Keep what was submitted; an answer to other masks says nothing of these."""
    earlier = folder.read_submission()
    if earlier is None or earlier.masks_sha256 != record.masks_sha256:
        folder.server_file.unlink(missing_ok=True)
    write_record(folder.submission_file, record)


def record_answer(folder: RunFolder, dataset: Dataset, answer: Path) -> ServerRecord:
    """Keep what the server said of the masks that are in the run folder.

    Args:
        folder: of the run.
        dataset: that it was run on.
        answer: the text that the server gave.

    Raises:
        InputError: the masks are not those that were submitted, or no figures can be read from the answer.
        RunFolderError: a record is damaged.
    """
    submission = folder.read_submission()
    if submission is None:
        raise InputError(
            f"{folder.submission_file}: expected the record of a submission, found none; make the zip with "
            f"python -m benchmarks.submit run={folder.path}"
        )
    if (found := hash_masks(dataset, folder.masks)) != submission.masks_sha256:
        raise InputError(
            f"{folder.masks}: expected the masks that were submitted ({submission.masks_sha256[:8]}), found others "
            f"({found[:8]}); submit these, and record the answer to them"
        )
    content, text = _read_text(answer)
    form = Submission(submission.format)
    fractions = read_figures(text, form=form, source=str(answer))
    figures = {field: float(fraction) for field, fraction in fractions.items()}
    record = ServerRecord(
        recorded=datetime.now().astimezone().isoformat(timespec="seconds"),
        masks_sha256=submission.masks_sha256,
        text=text,
        text_sha256=hashlib.sha256(content).hexdigest(),
        units={field: _unit(fraction) for field, fraction in fractions.items()},
        davis=DavisFigures(**figures) if form is Submission.DAVIS else None,
        youtube_vos=YouTubeVosFigures(**figures) if form is Submission.YOUTUBE_VOS else None,
    )
    write_record(folder.server_file, record)
    return record


def _unit(fraction: Decimal) -> float:
    """What one step of its last digit is worth."""
    return float(Decimal(1).scaleb(int(fraction.as_tuple().exponent)))


def _read_text(answer: Path) -> tuple[bytes, str]:
    require_regular_file(answer, expected="the server's scores")
    try:
        content = answer.read_bytes()
        return content, content.decode()
    except OSError as error:
        raise InputError(f"{answer}: expected the server's scores, cannot read them: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{answer}: expected the server's scores as text, found another file ({error})") from error
