import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.artifacts import sha256_of_file
from benchmarks.config import Submission
from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.submission.server_zip import hash_masks, write_zip


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    for name in ("b", "a"):
        (tmp_path / "masks" / name).mkdir(parents=True)
        for frame in ("00001", "00000", "00002"):
            (tmp_path / "masks" / name / f"{frame}.png").write_bytes(f"{name} {frame}".encode())
    return tmp_path / "masks"


@pytest.fixture
def dataset() -> Dataset:
    """Two sequences of three frames, of which the last is not written."""
    frames = tuple(Path(f"{index:05d}.jpg") for index in range(3))
    sequences = tuple(
        Sequence(name=name, frames=frames, prompts={}, truth={}, written=frozenset({"00000", "00001"}))
        for name in ("b", "a")
    )
    return Dataset(name="some", sequences=sequences, available=2)


@pytest.mark.parametrize(("form", "prefix"), [(Submission.DAVIS, ""), (Submission.YOUTUBE_VOS, "Annotations/")])
def test_a_zip_holds_the_written_masks_sorted_and_without_a_trace_of_when_and_where(
    dataset: Dataset, masks: Path, tmp_path: Path, form: Submission, prefix: str
) -> None:
    output = tmp_path / "new/one.zip"
    record = write_zip(dataset, masks, output, form=form)
    with zipfile.ZipFile(output) as archive:
        assert archive.namelist() == [f"{prefix}{name}/{frame}.png" for name in "ab" for frame in ("00000", "00001")]
        assert archive.read(f"{prefix}b/00001.png") == b"b 00001"
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert (record.masks, record.format, record.dataset, record.zip) == (4, form, "some", str(output))
    assert record.zip_sha256 == sha256_of_file(output)
    for path in masks.rglob("*.png"):
        os.utime(path, (0, 0))
        path.chmod(0o600)
    again = write_zip(dataset, masks, tmp_path / "two.zip", form=form)
    assert (tmp_path / "two.zip").read_bytes() == output.read_bytes()
    assert (again.zip_sha256, again.masks_sha256) == (record.zip_sha256, record.masks_sha256)


def test_the_hash_of_masks_depends_on_every_written_one_and_its_sequence(dataset: Dataset, masks: Path) -> None:
    before = hash_masks(dataset, masks)
    (masks / "a/00002.png").write_bytes(b"not written")
    assert hash_masks(dataset, masks) == before
    (masks / "a/00001.png").write_bytes(b"other")
    changed = hash_masks(dataset, masks)
    (masks / "a").rename(masks / "c")
    (masks / "b").rename(masks / "a")
    (masks / "c").rename(masks / "b")
    assert len({before, changed, hash_masks(dataset, masks)}) == 3


def test_an_output_that_cannot_be_written_is_one_line_and_leaves_nothing(
    dataset: Dataset, masks: Path, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    (tmp_path / "taken.zip").mkdir()
    before = contents(tmp_path)
    with pytest.raises(InputError, match=f"^{tmp_path}/taken.zip: cannot write there"):
        write_zip(dataset, masks, tmp_path / "taken.zip", form=Submission.DAVIS)
    assert contents(tmp_path) == before


def test_masks_that_change_meanwhile_are_noticed(dataset: Dataset, masks: Path, tmp_path: Path) -> None:
    path = masks / "a/00000.png"
    path.unlink()
    path.symlink_to("/proc/sys/kernel/random/uuid")  # something else each time it is read
    with pytest.raises(InputError, match=r"one\.zip: expected the masks of .*, found others; they changed meanwhile"):
        write_zip(dataset, masks, tmp_path / "one.zip", form=Submission.DAVIS)
