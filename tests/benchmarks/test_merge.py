import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.masks import encode_mask, read_mask, read_palette
from reports.run_folder import RunFolder

EntryPoint = Callable[..., tuple[int, str, str]]
Part = Callable[..., RunFolder]

PASSES = ("{size: null, flip: false}", "{size: 36, flip: true}")
RESOLUTION = f"resolution.passes=[{','.join(PASSES)}]"


@pytest.fixture
def part(cell_config: Callable[..., CellConfig], run_cell: Callable[[CellConfig], Cell], videos: Path) -> Part:
    """Run some of the passes and keep their probabilities."""

    def run(*passes: str, keep: bool = True, more: tuple[str, ...] = ()) -> RunFolder:
        config = cell_config(
            "dataset=folder",
            f"paths.data={videos}",
            "resolution.size=null",
            f"resolution.passes=[{','.join(passes)}]",
            f"keep_probabilities={keep}",
            *more,
        )
        return run_cell(config).folder

    return run


@pytest.fixture
def merge(entry_point: EntryPoint, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    def call(*folders: RunFolder, more: tuple[str, ...] = (RESOLUTION,)) -> tuple[int, str, str]:
        runs = ",".join(str(folder.path) for folder in folders)
        return entry_point("merge", f"runs=[{runs}]", f"paths.runs={tmp_path / 'merged'}", *more)

    return call


def only_run(root: Path) -> RunFolder:
    (path,) = root.glob("*/*/run.json")
    return RunFolder(path.parent)


def test_merged_passes_give_the_very_masks_of_one_multi_scale_run(
    part: Part, merge: EntryPoint, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    whole = part(*PASSES, keep=False)
    parts = [part(one) for one in PASSES]
    status, output, errors = merge(*parts)
    assert (status, errors) == (0, "")
    merged = only_run(tmp_path / "merged")
    assert contents(merged.masks) == contents(whole.masks)
    assert "2 of 2 sequences, 2 scored" in output
    record = merged.read_run()
    assert record.name == "untrained-fp32-native+36p_flip"
    assert [part.digest for part in record.merged_from] == [folder.read_run().digest for folder in parts]
    assert [part.environment for part in record.merged_from] == [folder.read_run().environment for folder in parts]
    assert record.dataset.fingerprints == whole.read_run().dataset.fingerprints
    for name in ("cow", "dog"):
        one, other = merged.read_sequence(name), whole.read_sequence(name)
        assert one is not None
        assert other is not None
        assert (one.frames, one.labels, one.masks_sha256) == (other.frames, other.labels, other.masks_sha256)
        assert (one.milliseconds, one.wall_seconds) == ((), None)


def test_merged_masks_have_the_palette_of_the_first_annotation(
    part: Part, merge: EntryPoint, videos: Path, tmp_path: Path
) -> None:
    palette = bytes(range(256)) * 3
    first = videos / "Annotations/cow/00000.png"
    first.write_bytes(encode_mask(read_mask(first), palette=palette))
    status, _, errors = merge(*(part(one, more=("sequences=[cow]",)) for one in PASSES))
    assert (status, errors) == (0, "")
    masks = only_run(tmp_path / "merged").masks / "cow"
    assert {read_palette(path) for path in masks.iterdir()} == {palette}


def test_a_part_of_several_passes_counts_as_often_as_it_has_passes(
    part: Part, merge: EntryPoint, tmp_path: Path, contents: Callable[[Path], dict[str, bytes]]
) -> None:
    three = (*PASSES, "{size: 24, flip: false}")
    whole = part(*three, keep=False)
    status, _, errors = merge(part(*PASSES), part(three[2]), more=(f"resolution.passes=[{','.join(three)}]",))
    assert (status, errors) == (0, "")
    merged = contents(only_run(tmp_path / "merged").masks)
    same = [name for name, content in contents(whole.masks).items() if merged[name] == content]
    assert len(same) >= len(merged) - 1  # a mean of a mean is rounded twice


def test_a_missing_pass_is_named(part: Part, merge: EntryPoint) -> None:
    first = part(PASSES[0])
    status, _, errors = merge(first, first)
    assert status == 2
    assert errors.startswith("error: runs: expected the passes native, 36p_flip, each once, found native, native in ")


def test_a_single_run_is_nothing_to_merge(part: Part, merge: EntryPoint) -> None:
    status, _, errors = merge(part(PASSES[0]))
    assert status == 2
    assert "expected two run folders or more in runs=[...]" in errors


def test_a_run_that_kept_no_probabilities_is_named(part: Part, merge: EntryPoint, tmp_path: Path) -> None:
    first, second = part(PASSES[0]), part(PASSES[1], keep=False)
    status, _, errors = merge(first, second)
    assert status == 2
    assert errors.startswith(f"error: {second.probabilities}/cow: expected the probabilities of every frame")
    assert "found others or not all; run the same cell again with keep_probabilities=true" in errors
    assert not (tmp_path / "merged").exists()


def test_keeping_probabilities_later_runs_the_same_cell_again_into_the_same_folder(part: Part) -> None:
    before = part(PASSES[0], keep=False)
    masks = [path.read_bytes() for path in sorted(before.masks.rglob("*.png"))]
    after = part(PASSES[0], keep=True)
    assert after == before
    assert [path.read_bytes() for path in sorted(after.masks.rglob("*.png"))] == masks
    assert len(list(after.probabilities.rglob("*.zst"))) == len(masks)


def spoil_a_byte(folder: RunFolder) -> None:
    path = folder.probabilities / "dog/00003.zst"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose_a_frame(folder: RunFolder) -> None:
    (folder.probabilities / "dog/00003.zst").unlink()


def lose_a_sequence(folder: RunFolder) -> None:
    folder.sequence_file("dog").unlink()


def lose_all(folder: RunFolder) -> None:
    shutil.rmtree(folder.probabilities)


@pytest.mark.parametrize("lose", [spoil_a_byte, lose_a_frame, lose_a_sequence, lose_all])
def test_an_incomplete_set_is_refused_before_anything_is_written(
    part: Part, merge: EntryPoint, tmp_path: Path, lose: Callable[[RunFolder], None]
) -> None:
    first, second = part(PASSES[0]), part(PASSES[1])
    lose(second)
    status, _, errors = merge(first, second)
    assert status == 2
    assert "expected the probabilities of every frame as they were written, found others or not all" in errors
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("override", "what"),
    [
        ("memory.top_k=3", "memory"),
        ("precision=bf16", "precision"),
        ("sequences=[dog]", "sequences"),
        ("variant.name=other", "variant"),
    ],
)
def test_runs_that_differ_in_more_than_their_passes_are_not_merged(
    part: Part, merge: EntryPoint, override: str, what: str
) -> None:
    first, second = part(PASSES[0]), part(PASSES[1], more=(override,))
    status, _, errors = merge(first, second)
    assert status == 2
    assert errors == (
        f"error: {second.run_file}: expected the {what} of {first.path}, found another; "
        "merge runs that differ in their passes only\n"
    )


def test_runs_of_other_weights_are_not_merged(part: Part, merge: EntryPoint, tmp_path: Path) -> None:
    first = part(PASSES[0])
    state = torch.load(tmp_path / "weights/untrained.pth", weights_only=True)
    torch.save(state | {"decoder.pred.bias": state["decoder.pred.bias"] + 1}, tmp_path / "weights/untrained.pth")
    status, _, errors = merge(first, part(PASSES[1]))
    assert status == 2
    assert f"expected the checkpoint of {first.path}, found another" in errors


@pytest.mark.parametrize("changed", ["frame", "prompt"])
def test_passes_over_other_files_are_not_merged(part: Part, merge: EntryPoint, videos: Path, changed: str) -> None:
    first = part(PASSES[0])
    if changed == "frame":
        Image.new("RGB", (64, 48)).save(videos / "JPEGImages/dog/00003.jpg")
    else:
        Image.new("L", (64, 48), 1).save(videos / "Annotations/dog/00000.png")
    second = part("{size: null, flip: true}")
    passes = f"resolution.passes=[{PASSES[0]},{{size: null, flip: true}}]"
    status, _, errors = merge(first, second, more=(passes,))
    assert status == 2
    assert errors.startswith(
        f"error: {second.run_file}: expected the frames and prompts of {first.path}, found others;"
    )


def test_the_dataset_of_today_must_be_that_of_the_runs(part: Part, merge: EntryPoint, videos: Path) -> None:
    parts = [part(one) for one in PASSES]
    Image.new("RGB", (64, 48)).save(videos / "JPEGImages/dog/00003.jpg")
    status, _, errors = merge(*parts)
    assert status == 2
    assert errors.startswith(f"error: folder: expected the frames and prompts that {parts[0].path} was run on, found")


def test_runs_of_other_code_are_not_merged(part: Part, merge: EntryPoint) -> None:
    first, second = part(PASSES[0]), part(PASSES[1])
    record: dict[str, Any] = json.loads(second.run_file.read_bytes())
    record["environment"]["code_sha256"] = "0" * 64
    second.run_file.write_text(json.dumps(record))
    status, _, errors = merge(first, second)
    assert status == 2
    assert f"expected the code of {first.path}, found another" in errors


def test_a_folder_that_is_no_run_is_named(part: Part, merge: EntryPoint, tmp_path: Path) -> None:
    status, _, errors = merge(part(PASSES[0]), RunFolder(tmp_path / "nothing"))
    assert status == 2
    assert errors.startswith(f"error: {tmp_path}/nothing: expected a run folder, found no run.json in it")
