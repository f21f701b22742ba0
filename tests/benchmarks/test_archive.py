import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.mask_sources import open_masks
from benchmarks.mask_sources.mask_archive import read_archive
from reports.mask_records import MasksKind, ScoredRecord
from reports.run_folder import RunFolder

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(cell_config: Callable[..., CellConfig], run_cell: Callable[[CellConfig], Cell], videos: Path) -> RunFolder:
    """A finished run over `cow` (5 frames) and `dog` (6)."""
    return run_cell(cell_config("dataset=folder", f"paths.data={videos}")).folder


def test_a_run_is_packed_with_where_it_came_from(entry_point: EntryPoint, folder: RunFolder, tmp_path: Path) -> None:
    output = tmp_path / "new/masks.json.gz"
    status, printed, errors = entry_point("archive", f"masks={folder.path}", f"output={output}")
    assert (status, errors) == (0, "")
    assert printed == f"11 masks of 2 sequences in {output.stat().st_size} bytes: {output}\n"
    run = folder.read_run()
    origin = read_archive(output).info.run
    assert origin is not None
    assert (origin.digest, origin.checkpoint_sha256) == (run.digest, run.checkpoint.sha256)
    with open_masks(output) as packed, open_masks(folder.path) as masks:
        assert masks.origin.kind is MasksKind.RUN
        assert packed.origin.run_digest == masks.origin.run_digest == run.digest
        for name, frames in masks.readers.items():
            for frame in frames:
                assert np.array_equal(packed.read(name, frame), masks.read(name, frame))


def test_scores_are_the_same_from_every_kind_of_place(
    entry_point: EntryPoint, folder: RunFolder, videos: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "masks.json"
    assert entry_point("archive", f"masks={folder.masks}", f"output={archive}")[0] == 0
    zipped = shutil.make_archive(str(tmp_path / "masks"), "zip", folder.path, "masks")
    scores = []
    for masks in (folder.masks, folder.path, archive, zipped):
        runs = tmp_path / f"scores{len(scores)}"
        status, _, errors = entry_point(
            "score", f"masks={masks}", "dataset=folder", f"paths.data={videos}", f"paths.runs={runs}"
        )
        assert (status, errors) == (0, "")
        (path,) = runs.rglob("*.json")
        scores.append(msgspec.json.decode(path.read_bytes(), type=ScoredRecord))
    assert [record.masks.kind for record in scores] == list(map(MasksKind, ["folder", "run", "archive", "zip"]))
    assert all(record.score == scores[0].score for record in scores)


def test_a_run_that_is_not_finished_or_was_changed_is_not_packed(
    entry_point: EntryPoint, folder: RunFolder, tmp_path: Path
) -> None:
    output = tmp_path / "masks.json"
    mask = folder.masks / "dog/00000.png"
    Image.new("P", (64, 48)).save(mask)
    status, _, errors = entry_point("archive", f"masks={folder.path}", f"output={output}")
    assert (status, errors.startswith(f"error: {folder.masks}: expected the masks that the run wrote")) == (2, True)
    folder.sequence_file("dog").unlink()
    status, _, errors = entry_point("archive", f"masks={folder.path}", f"output={output}")
    unfinished = f"{folder.path}: expected a finished run, found 1 of 2 sequences open (dog)"
    assert (status, errors) == (2, f"error: {unfinished}; run the cell again to continue it\n")
    assert not output.exists()


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        (["output=a.json"], "Missing mandatory value: masks; name it with masks="),
        (["output=a.zip", "masks=x"], "configuration: expected an output that ends in .json or .json.gz, got a.zip"),
        (["output=a.json", "masks=nowhere"], "nowhere: expected masks (a folder"),
    ],
)
def test_what_cannot_be_packed_is_one_line(entry_point: EntryPoint, overrides: list[str], reason: str) -> None:
    status, output, errors = entry_point("archive", *overrides)
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {reason}")
    assert errors.count("\n") == 1


@pytest.mark.data
def test_published_masks_take_half_the_room_and_have_the_same_scores(
    entry_point: EntryPoint, data_root: Path, tmp_path: Path
) -> None:
    masks = data_root / "davis16_results/stm"
    output = tmp_path / "stm.json"
    assert entry_point("archive", f"masks={masks}", f"output={output}")[0] == 0
    assert output.stat().st_size < 0.5 * sum(path.stat().st_size for path in masks.rglob("*.png"))
    scores = []
    for source in (masks, output):
        runs = tmp_path / f"scores{len(scores)}"
        dataset = ("dataset=davis16_val", "sequences=[dog,car-shadow]", f"paths.data={data_root}")
        assert entry_point("score", f"masks={source}", *dataset, f"paths.runs={runs}")[0] == 0
        (path,) = runs.rglob("*.json")
        scores.append(json.loads(path.read_bytes())["score"])
    assert scores[0] == scores[1]
