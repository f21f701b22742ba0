"""What a sweep does with cells that cannot be run, and a variant with several checkpoints."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from reports.records import Lack, NotRunRecord
from reports.run_folder import RunFolder, find_not_run, find_runs, read_not_run
from xmem import ModelConfig
from xmem.untrained import draw_state_dict

EntryPoint = Callable[..., tuple[int, str, str]]

TINY = ModelConfig(
    key_dim=8,
    value_dim=16,
    sensory_dim=8,
    key_width=4,
    key_blocks=(1, 1, 1),
    value_width=4,
    value_blocks=(1, 1, 1),
    decoder_dims=(16, 8, 8),
    sensory_update_dim=8,
)


@pytest.fixture
def arguments(modest: tuple[str, ...], videos: Path, tmp_path: Path) -> tuple[str, ...]:
    """A tiny XMem.pth, own videos, no other checkpoint."""
    (tmp_path / "weights").mkdir()
    torch.save(draw_state_dict(TINY), tmp_path / "weights/XMem.pth")
    return (*modest, "dataset=folder", f"paths.data={videos}", "sequences=[cow]")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def not_run(root: Path) -> list[NotRunRecord]:
    return [read_not_run(path) for path in find_not_run(root / "runs")]


def run_names(root: Path) -> list[str]:
    return [folder.read_run().name for folder in find_runs(root)]


def test_a_sweep_leaves_out_what_is_missing_says_why_and_runs_the_rest(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, output, errors = entry_point("run", "-m", *arguments, "variant=xmem_s2,xmem", "precision=fp32,amp")
    assert status == 3
    assert run_names(tmp_path / "runs") == ["xmem-fp32-native"]
    reasons = {record.name: record.reason for record in not_run(tmp_path)}
    assert set(reasons) == {"xmem-amp-native", "xmem_s2-amp-native", "xmem_s2-fp32-native"}
    assert reasons["xmem_s2-fp32-native"].startswith(f"{tmp_path}/weights/XMem-s2.pth: expected the checkpoint of")
    assert reasons["xmem-amp-native"].startswith("precision=amp is float16 autocast, which is for CUDA")
    assert "not run: xmem_s2-fp32-native (XMem-s2.pth) on folder: " in output
    assert errors == (
        "incomplete: left out, for the reasons above: xmem_s2-fp32-native (XMem-s2.pth) on folder; "
        "xmem_s2-amp-native (XMem-s2.pth) on folder; xmem-amp-native (XMem.pth) on folder\n"
    )


def test_a_missing_dataset_is_left_out_likewise(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    given = tuple(argument for argument in arguments if not argument.startswith(("dataset=", "sequences=")))
    status, _, _ = entry_point("run", "-m", *given, "variant=xmem", "dataset=davis17_val,folder")
    assert status == 3
    assert run_names(tmp_path / "runs") == ["xmem-fp32-native"]
    (record,) = not_run(tmp_path)
    assert (record.dataset, record.checkpoint) == ("davis17_val", "XMem.pth")
    assert "expected a folder of DAVIS 2017 validation, found none" in record.reason


def test_a_cell_that_fails_on_the_way_is_left_out_likewise(
    entry_point: EntryPoint, arguments: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    frame = videos / "JPEGImages/cow/00003.jpg"
    frame.write_bytes(frame.read_bytes()[:-20])
    status, _, _ = entry_point("run", "-m", *arguments, "variant=xmem", "memory.top_k=20,30")
    assert status == 3
    assert [record.name for record in not_run(tmp_path)] == [
        "xmem-fp32-native",
        "xmem-fp32-native-top_k_20",
    ]


def test_a_cell_that_could_be_run_after_all_is_no_longer_recorded_as_not_run(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    sweep = ("run", "-m", *arguments, "variant=xmem,xmem_s2")
    assert entry_point(*sweep)[0] == 3
    shutil.copy(tmp_path / "weights/XMem.pth", tmp_path / "weights/XMem-s2.pth")
    assert entry_point(*sweep)[::2] == (0, "")
    assert not_run(tmp_path) == []


def test_a_part_that_could_be_run_says_nothing_of_the_rest(
    entry_point: EntryPoint, arguments: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    whole = tuple(argument for argument in arguments if not argument.startswith("sequences="))
    truncate(videos / "JPEGImages/dog/00003.jpg")
    sweep = ("run", "-m", *whole, "variant=xmem")
    assert entry_point(*sweep)[0] == 3
    assert entry_point(*sweep, "sequences=[cow]")[0] == 0
    assert [record.name for record in not_run(tmp_path)] == ["xmem-fp32-native"]


def test_a_run_that_cannot_be_scored_is_tabulated_and_said_to_be_not_scored(
    entry_point: EntryPoint, arguments: tuple[str, ...], davis_2016: Path, tmp_path: Path
) -> None:
    truth = davis_2016 / "DAVIS/2016/Annotations/480p/cow/00003.png"
    truth.write_bytes(truth.read_bytes()[:60])
    given = (*arguments, "dataset=davis16_val", f"paths.data={davis_2016}", "variant=xmem")
    status, output, errors = entry_point("run", "-m", *given)
    assert status == 3
    (record,) = not_run(tmp_path)
    assert record.lack is Lack.SCORES
    assert record.reason.startswith(f"{truth}: expected a mask image, found a damaged one")
    (folder,) = find_runs(tmp_path / "runs")
    assert folder.table_file.read_text() in output
    assert "1 of 20 sequences, 0 scored" in output
    assert "not scored: xmem-fp32-native (XMem.pth) on davis16_val: " in output
    assert errors == "incomplete: left out, for the reasons above: xmem-fp32-native (XMem.pth) on davis16_val\n"
    status, output, errors = entry_point("run", *given)
    assert (status, errors.startswith(f"error: {truth}: expected a mask image")) == (2, True)
    assert folder.table_file.read_text() in output


def test_a_name_that_no_file_system_takes_ends_a_cell_and_not_the_sweep(
    entry_point: EntryPoint, arguments: tuple[str, ...], davis_2016: Path, tmp_path: Path
) -> None:
    (davis_2016 / "DAVIS/2017/trainval/ImageSets/2016/val.txt").write_text("x" * 300)
    given = tuple(argument for argument in arguments if not argument.startswith(("dataset=", "sequences=", "paths.d")))
    own = tmp_path / "data/JPEGImages", tmp_path / "data/Annotations"
    for folder, source in zip(own, ("JPEGImages", "Annotations"), strict=True):
        shutil.copytree(tmp_path / "videos" / source, folder)
    data = f"paths.data={davis_2016}"
    status, _, _ = entry_point("run", "-m", *given, "variant=xmem", "dataset=davis16_val,folder", data)
    assert status == 3
    assert run_names(tmp_path / "runs") == ["xmem-fp32-native"]
    (record,) = not_run(tmp_path)
    assert "File name too long" in record.reason


def test_a_sweep_in_which_all_is_well_ends_with_status_0(entry_point: EntryPoint, arguments: tuple[str, ...]) -> None:
    status, _, errors = entry_point("run", "-m", *arguments, "variant=xmem", "memory.top_k=20,30")
    assert (status, errors) == (0, "")


def test_a_single_cell_that_cannot_be_run_is_an_error_and_leaves_no_record(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, _, errors = entry_point("run", *arguments, "variant=xmem_s2")
    assert status == 2
    assert errors.startswith(f"error: {tmp_path}/weights/XMem-s2.pth: expected the checkpoint of variant xmem_s2")
    assert not_run(tmp_path) == []


def test_a_variant_is_run_with_each_of_its_checkpoints(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    state = draw_state_dict(TINY)
    state["decoder.pred.bias"] += 1
    torch.save(state, tmp_path / "weights/second.pth")
    status, output, errors = entry_point("run", *arguments, "variant=xmem", "variant.checkpoints=[XMem.pth,second.pth]")
    assert (status, errors) == (0, "")
    folders = find_runs(tmp_path / "runs")
    assert run_names(tmp_path / "runs") == ["xmem-fp32-native"] * 2
    assert {Path(folder.read_run().checkpoint.path).name for folder in folders} == {"XMem.pth", "second.pth"}
    assert output.count("1 of 2 sequences, 1 scored") == 2


def test_of_several_checkpoints_a_missing_one_is_left_out(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, _, errors = entry_point("run", *arguments, "variant=xmem", "variant.checkpoints=[second.pth,XMem.pth]")
    assert status == 3
    assert errors == "incomplete: left out, for the reasons above: xmem-fp32-native (second.pth) on folder\n"
    (folder,) = find_runs(tmp_path / "runs")
    assert RunFolder(folder.path).read_sequence("cow") is not None
    (record,) = not_run(tmp_path)
    assert record.checkpoint == "second.pth"


def test_a_sweep_of_an_unknown_choice_fails_before_its_first_cell(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, _, errors = entry_point("run", "-m", *arguments, "variant=xmem,nope")
    assert status == 2
    assert "Could not find 'variant/nope'" in errors
    assert find_runs(tmp_path / "runs") == []


def test_experiments_are_swept_one_at_a_time(entry_point: EntryPoint, arguments: tuple[str, ...]) -> None:
    status, _, errors = entry_point("run", "-m", *arguments, "experiment=davis16,long_video")
    assert status == 2
    assert errors.startswith(
        "error: experiment=davis16: expected -m and one experiment at a time, because it is a sweep"
    )
