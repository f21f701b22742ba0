import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.errors import InputError
from benchmarks.mask_sources import folder_masks, open_masks
from benchmarks.mask_sources.mask_archive import encode_archive
from benchmarks.mask_sources.packing import pack_masks
from benchmarks.masks import davis_palette, encode_mask
from reports.mask_records import MasksKind
from reports.run_folder import RunFolderError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Masks of `cow` (2 frames) and `dog` (3), all different."""
    root = tmp_path / "masks"
    for name, frames in (("cow", 2), ("dog", 3)):
        (root / name).mkdir(parents=True)
        for index in range(frames):
            mask = np.random.default_rng((frames, index)).integers(0, 4, (6, 8), dtype=np.uint8)
            (root / name / f"{index:05d}.png").write_bytes(encode_mask(mask, palette=davis_palette()))
    return root


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    return path


def archived(folder: Path, ending: str) -> Path:
    path = folder.with_suffix(ending)
    path.write_bytes(encode_archive(pack_masks(folder_masks(folder)), compressed=ending.endswith(".gz")))
    return path


def read_all(path: Path) -> dict[tuple[str, str], list[list[int]]]:
    with open_masks(path) as source:
        frames = [(name, frame) for name, readers in source.readers.items() for frame in readers]
        return {(name, frame): source.read(name, frame).tolist() for name, frame in frames}


def test_the_same_masks_are_read_from_every_kind_of_place(folder: Path) -> None:
    expected = read_all(folder)
    assert list(expected) == [("cow", "00000"), ("cow", "00001"), *(("dog", f"{index:05d}") for index in range(3))]
    for path in (zipped(folder), archived(folder, ".json"), archived(folder, ".json.gz")):
        assert read_all(path) == expected


def test_the_kind_of_place_is_told(folder: Path) -> None:
    kinds = {
        folder: MasksKind.FOLDER,
        zipped(folder): MasksKind.ZIP,
        archived(folder, ".json"): MasksKind.ARCHIVE,
    }
    for path, kind in kinds.items():
        with open_masks(path) as source:
            assert (source.origin.kind, source.path, source.origin.path) == (kind, path, str(path.resolve()))
            assert (source.origin.sha256 is None) == (kind is MasksKind.FOLDER)


def test_a_mask_that_is_not_there_is_named(folder: Path) -> None:
    for path in (folder, zipped(folder), archived(folder, ".json")):
        with open_masks(path) as source:
            assert source.holds("dog", "00002")
            for name, frame in (("dog", "00003"), ("cat", "00000")):
                assert not source.holds(name, frame)
                with pytest.raises(
                    InputError, match=f"^{path}: expected a mask of frame {frame} in sequence {name}, found none"
                ):
                    source.read(name, frame)


def test_hidden_folders_and_files_are_left_aside(folder: Path) -> None:
    before = read_all(folder)
    (folder / ".cache").mkdir()
    (folder / "dog/.00009.png").write_bytes(b"")
    (folder / "notes.txt").write_text("")
    assert read_all(folder) == before


def test_what_holds_no_masks_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "masks.tar"
    other.write_bytes(b"")
    for path, found in ((other, "another file"), (tmp_path / "nowhere", "nothing of this name")):
        with pytest.raises(InputError, match=f"^{path}: expected masks .*, found {found}"), open_masks(path):
            pass


def test_a_run_folder_is_known_by_its_record_even_when_that_is_damaged(folder: Path) -> None:
    (folder / "run.json").write_text("{")
    with pytest.raises(RunFolderError, match=f"^{folder}/run.json"), open_masks(folder):
        pass


@pytest.mark.parametrize("command", ["score", "compare"])
def test_masks_that_a_run_did_not_write_do_not_pass_for_its_own(
    cell_config: Callable[..., CellConfig],
    run_cell: Callable[[CellConfig], Cell],
    entry_point: Callable[..., tuple[int, str, str]],
    videos: Path,
    command: str,
) -> None:
    run = run_cell(cell_config("dataset=folder", f"paths.data={videos}", "sequences=[dog]")).folder
    given = (f"masks={run.path}", "dataset=folder", f"paths.data={videos}", "sequences=[dog]")
    other = () if command == "score" else (f"other={videos / 'Annotations'}",)
    runs = f"paths.runs={videos.parent / 'scores'}"
    assert entry_point(command, *given, *other, runs)[::2] == (0, "")
    shutil.copy(videos / "Annotations/dog/00003.png", run.masks / "dog/00003.png")
    status, output, errors = entry_point(command, *given, *other, runs)
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {run.masks}: expected the masks that the run wrote, found others or none in dog;")


def test_a_run_on_another_dataset_is_not_scored_as_this_one(
    cell_config: Callable[..., CellConfig],
    run_cell: Callable[[CellConfig], Cell],
    entry_point: Callable[..., tuple[int, str, str]],
    videos: Path,
) -> None:
    run = run_cell(cell_config("dataset=folder", f"paths.data={videos}")).folder
    given = ("dataset=folder", "dataset.name=other", f"paths.data={videos}", f"paths.runs={videos.parent / 'scores'}")
    status, _, errors = entry_point("score", f"masks={run.path}", *given)
    assert status == 2
    assert errors.startswith(f"error: {run.path}: expected masks of other, found a run on folder; name its folder of")
    assert entry_point("score", f"masks={run.masks}", *given)[0] == 0
