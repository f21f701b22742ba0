"""The zip that an evaluation server takes, and the record of it."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benchmarks.artifacts import make_folder, sha256_of_files, write_atomically
from benchmarks.config import Submission
from benchmarks.datasets import Dataset
from benchmarks.errors import InputError
from reports.server import SubmissionRecord, combine_hashes

PREFIXES = {Submission.DAVIS: "", Submission.YOUTUBE_VOS: "Annotations/"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same masks make the same bytes
READABLE = 0o100644 << 16


def write_zip(dataset: Dataset, masks: Path, output: Path, *, form: Submission) -> SubmissionRecord:
    """Pack the masks that are required, and look at what was written once more.

    Args:
        dataset: its sequences say which masks are required; they are there (`mask_lint`).
        masks: folder with a folder of masks for each sequence.
        output: the zip, replaced as a whole.
        form: how it is laid out.

    Raises:
        InputError: the zip cannot be written, or does not hold what the folder holds.
    """
    make_folder(output.parent)
    content = io.BytesIO()
    # Stored: PNG is compressed as it is, and another zlib would make other bytes.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, path in _entries(dataset, masks, form):
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            entry.create_system, entry.external_attr = 3, READABLE
            archive.writestr(entry, path.read_bytes())
    write_atomically(output, content.getvalue())
    return SubmissionRecord(
        dataset=dataset.name,
        format=form,
        written=datetime.now().astimezone().isoformat(timespec="seconds"),
        zip=str(output),
        zip_sha256=_verify(dataset, masks, output, form=form),
        masks=sum(1 for _ in _entries(dataset, masks, form)),
        masks_sha256=hash_masks(dataset, masks),
    )


def hash_masks(dataset: Dataset, masks: Path) -> str:
    """A hash over all required masks; the one that a run's records give, where they are those of a run."""
    return combine_hashes(
        {
            sequence.name: sha256_of_files(masks / sequence.name / f"{name}.png" for name in sequence.written_frames)
            for sequence in dataset.sequences
        }
    )


def _entries(dataset: Dataset, masks: Path, form: Submission) -> Iterator[tuple[str, Path]]:
    """Names in the zip, sorted, and the files."""
    for sequence in sorted(dataset.sequences, key=lambda one: one.name):
        for frame in sorted(sequence.written_frames):
            file = f"{sequence.name}/{frame}.png"
            yield PREFIXES[form] + file, masks / file


def _verify(dataset: Dataset, masks: Path, output: Path, *, form: Submission) -> str:
    """The SHA-256 of the zip, once every mask was found in it, and nothing else."""
    expected = dict(_entries(dataset, masks, form))
    content = output.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sound = archive.namelist() == list(expected) and all(
                archive.read(name) == path.read_bytes() for name, path in expected.items()
            )
    except zipfile.BadZipFile as error:
        raise InputError(f"{output}: expected the zip that was just written, found a damaged one ({error})") from error
    if not sound:
        raise InputError(
            f"{output}: expected the masks of {masks}, found others; they changed meanwhile, so submit again"
        )
    return hashlib.sha256(content).hexdigest()
