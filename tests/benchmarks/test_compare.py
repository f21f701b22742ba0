from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.masks import read_mask
from reports.mask_records import ComparedRecord

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.fixture
def masks(davis_2017: Path, tmp_path: Path) -> Callable[[str, int], Path]:
    """The truth, all of its objects moved by some pixels."""

    def write(name: str, shift: int) -> Path:
        truth = davis_2017 / "DAVIS/2017/trainval/Annotations/480p"
        for path in sorted(truth.rglob("*.png")):
            target = tmp_path / name / path.relative_to(truth)
            target.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.roll(read_mask(path), shift, axis=1)).save(target)
        return tmp_path / name

    return write


def test_both_are_scored_and_compared(
    entry_point: EntryPoint, masks: Callable[[str, int], Path], davis_2017: Path, tmp_path: Path
) -> None:
    good, poor = masks("good", 0), masks("poor", 3)
    (poor / "cow/00002.png").write_bytes((good / "cow/00002.png").read_bytes())
    status, output, errors = entry_point(
        "compare",
        f"masks={good}",
        f"other={poor}",
        "dataset=davis17_val",
        f"paths.data={davis_2017}",
        f"paths.runs={tmp_path / 'runs'}",
    )
    assert (status, errors) == (0, "")
    assert output.startswith(f"A: {good}\nB: {poor}\non davis17_val\n\n| sequence ")
    (path,) = (tmp_path / "runs/compared/davis17_val").iterdir()
    assert path.name.startswith("good-poor-")
    assert f"per object: {path}" in output
    record = msgspec.json.decode(path.read_bytes(), type=ComparedRecord)
    assert (record.masks.path, record.other.path) == (str(good), str(poor))
    assert (record.dataset.root, record.dataset.sequences) == (str(davis_2017 / "DAVIS"), ("cow", "dog"))
    assert record.comparison is not None
    assert record.comparison.j_and_f.first == 1
    assert record.comparison.j_and_f.difference > 0.1
    assert [(one.sequence, one.label) for one in record.comparison.objects] == [
        ("cow", 1),
        ("cow", 2),
        ("dog", 1),
        ("dog", 2),
    ]
    assert [(one.name, one.frames, one.first_difference) for one in record.agreements] == [
        ("cow", 6, "00000"),
        ("dog", 6, "00000"),
    ]
    assert "A scores better in 2 and B in 0 of 2 sequences. A gains most in dog" in output


def test_without_truth_only_their_agreement_is_told(
    entry_point: EntryPoint, masks: Callable[[str, int], Path], davis_2017: Path, tmp_path: Path
) -> None:
    one, other = masks("one", 0), masks("other", 1)
    for path in davis_2017.rglob("Annotations/480p/*/*.png"):
        if path.stem != "00000":
            path.unlink()
    status, output, errors = entry_point(
        "compare",
        f"masks={one}",
        f"other={other}",
        "dataset=davis17_val",
        f"paths.data={davis_2017}",
        f"paths.runs={tmp_path / 'runs'}",
    )
    assert (status, errors) == (0, "")
    assert output.startswith("Not scored, for want of truth in every frame: cow, dog\nA: ")
    assert "J&F" not in output
    assert "equal pixels" in output
    (path,) = (tmp_path / "runs").rglob("*.json")
    assert msgspec.json.decode(path.read_bytes(), type=ComparedRecord).comparison is None


def test_masks_that_are_not_there_are_one_line(
    entry_point: EntryPoint, masks: Callable[[str, int], Path], davis_2017: Path, tmp_path: Path
) -> None:
    status, output, errors = entry_point(
        "compare", f"masks={masks('one', 0)}", f"other={tmp_path / 'no.zip'}", f"paths.data={davis_2017}"
    )
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {tmp_path / 'no.zip'}: expected masks (a folder, a run folder, a .zip, or an")
    assert errors.count("\n") == 1
