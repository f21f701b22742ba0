"""A run is repeated from its record alone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image

from reports.result import read_results
from reports.run_folder import RunFolder

EntryPoint = Callable[..., tuple[int, str, str]]
Contents = Callable[[Path], dict[str, bytes]]


@pytest.fixture
def run(entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path) -> RunFolder:
    status, _, errors = entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}", "memory.top_k=7")
    assert (status, errors) == (0, "")
    (folder,) = (tmp_path / "runs/folder").iterdir()
    return RunFolder(folder)


def reruns(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "runs/reruns").glob("*/*/*/run.json"))


def refusal(result: tuple[int, str, str]) -> str:
    status, _, errors = result
    assert status == 2, errors
    assert errors.count("\n") == 1
    return errors


def test_a_rerun_leaves_the_run_as_it_is_and_has_its_masks(
    entry_point: EntryPoint, run: RunFolder, contents: Contents, tmp_path: Path
) -> None:
    before = contents(run.path)
    status, output, errors = entry_point("rerun", f"run={run.path}")
    assert (status, errors) == (0, "")
    assert output.endswith("Reproduced: all masks are identical.\n")
    assert "Masks are identical in all 2 sequences that both have." in output
    assert contents(run.path) == before
    (again,) = reruns(tmp_path)
    assert contents(RunFolder(again.parent).masks) == contents(run.masks)
    assert RunFolder(again.parent).read_run().digest == run.read_run().digest
    assert RunFolder(again.parent).read_run().cell["memory"]["top_k"] == 7


def test_every_rerun_really_runs_and_is_no_run_of_the_tables(
    entry_point: EntryPoint, run: RunFolder, tmp_path: Path
) -> None:
    for _ in range(2):
        status, output, _ = entry_point("rerun", f"run={run.path}")
        assert status == 0
        assert "finished before" not in output
    assert len(reruns(tmp_path)) == 2
    assert [one.name for one in read_results(tmp_path / "runs").runs] == [run.path.name]


def test_masks_that_differ_are_said_and_are_no_failure(entry_point: EntryPoint, run: RunFolder) -> None:
    record = json.loads(run.run_file.read_bytes())
    record["cell"]["memory"]["top_k"] = 3  # as if this version computed something else
    run.run_file.write_text(json.dumps(record))
    status, output, _ = entry_point("rerun", f"run={run.path}")
    assert status == 0
    assert output.endswith("Not reproduced: masks differ, see above.\n")
    assert "Masks differ in " in output


def test_another_checkpoint_under_the_name_is_no_rerun(entry_point: EntryPoint, run: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "weights/untrained.pth"
    state = torch.load(path, weights_only=True)
    state["decoder.pred.bias"] += 1
    torch.save(state, path)
    line = refusal(entry_point("rerun", f"run={run.path}"))
    assert f"{path}: expected the checkpoint that {run.path} ran with" in line
    assert reruns(tmp_path) == []


def test_other_frames_under_the_names_are_no_rerun(
    entry_point: EntryPoint, run: RunFolder, videos: Path, tmp_path: Path
) -> None:
    frame = videos / "JPEGImages/dog/00002.jpg"
    Image.open(frame).rotate(180).save(frame, quality=50)
    line = refusal(entry_point("rerun", f"run={run.path}"))
    assert f"expected the frames and prompts that {run.path} was run on, found others" in line
    assert reruns(tmp_path) == []


def test_data_and_weights_that_moved_can_be_named(
    entry_point: EntryPoint, run: RunFolder, videos: Path, tmp_path: Path
) -> None:
    videos.rename(tmp_path / "elsewhere")
    (tmp_path / "weights").rename(tmp_path / "there")
    refusal(entry_point("rerun", f"run={run.path}"))
    moved = (f"data={tmp_path}/elsewhere", f"weights={tmp_path}/there", f"output={tmp_path}/output")
    status, output, _ = entry_point("rerun", f"run={run.path}", *moved)
    assert status == 0
    assert output.endswith("Reproduced: all masks are identical.\n")
    assert len(list((tmp_path / "output").glob("*/*/*/run.json"))) == 1


def test_what_is_no_run_or_was_merged_is_refused(entry_point: EntryPoint, run: RunFolder, tmp_path: Path) -> None:
    assert "found no run.json in it" in refusal(entry_point("rerun", f"run={tmp_path}"))
    record = json.loads(run.run_file.read_bytes())
    record["merged_from"] = [{"digest": "a" * 64, "environment": record["environment"]}]
    run.run_file.write_text(json.dumps(record))
    assert "found one that was merged of several" in refusal(entry_point("rerun", f"run={run.path}"))
