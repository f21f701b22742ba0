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
    assert output.endswith("Not reproduced: masks differ in 2 of 2 sequences.\n")
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
    assert f"expected the frames and prompts that {run.path} was run on, found others (the name or length of" in line
    assert reruns(tmp_path) == []


def test_data_that_have_moved_are_named_by_the_option_of_this_command(
    entry_point: EntryPoint, run: RunFolder, videos: Path
) -> None:
    moved = videos.rename(videos.with_name("moved"))
    line = refusal(entry_point("rerun", f"run={run.path}"))
    assert line.startswith(f"error: {videos}/JPEGImages: expected a folder of own videos, found none;")
    assert line.endswith("name the folder that holds your datasets now with data=\n")
    assert entry_point("rerun", f"run={run.path}", f"data={moved}")[0] == 0


def test_it_is_said_what_became_of_the_data(
    entry_point: EntryPoint, run: RunFolder, videos: Path, tmp_path: Path
) -> None:
    for kind, ending in (("JPEGImages", "jpg"), ("Annotations", "png")):
        (videos / kind / "dog" / f"00005.{ending}").unlink()
    assert "found others (10 frames instead of 11);" in refusal(entry_point("rerun", f"run={run.path}"))
    for kind in ("JPEGImages", "Annotations"):
        (videos / kind / "dog").rename(videos / kind / "emu")
    assert "found others (gone: dog; new: emu);" in refusal(entry_point("rerun", f"run={run.path}"))
    assert reruns(tmp_path) == []


def test_a_run_that_was_not_finished_is_not_said_to_differ(entry_point: EntryPoint, run: RunFolder) -> None:
    run.sequence_file("dog").unlink()
    status, output, errors = entry_point("rerun", f"run={run.path}")
    assert (status, errors) == (0, "")
    assert output.endswith(
        "Reproduced as far as the run was finished: masks are identical in 1 of 2 sequences; "
        "the run has none of the others.\n"
    )


def test_a_run_of_several_passes_is_repeated_with_all_of_them(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    passes = ("resolution=multi_scale", "resolution.passes=[{size: 32}, {size: 48, flip: true}]")
    given = (*(one for one in tiny if one != "resolution=native"), "dataset=folder", f"paths.data={videos}", *passes)
    assert entry_point("run", *given)[::2] == (0, "")
    (folder,) = (tmp_path / "runs/folder").iterdir()
    status, output, errors = entry_point("rerun", f"run={folder}")
    assert (status, errors) == (0, "")
    assert output.endswith("Reproduced: all masks are identical.\n")
    (again,) = reruns(tmp_path)
    assert len(RunFolder(again.parent).read_run().dataset.fingerprints) == 2
    frame = videos / "JPEGImages/dog/00002.jpg"
    frame.write_bytes(frame.read_bytes() + b"0")
    assert "a prompt, for pass 1 and 2 of 2);" in refusal(entry_point("rerun", f"run={folder}"))


def test_reruns_lie_below_the_folder_of_runs_wherever_the_command_is_given(
    entry_point: EntryPoint, run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run.path)
    status, _, errors = entry_point("rerun", "run=.")
    assert (status, errors) == (0, "")
    (again,) = reruns(tmp_path)
    assert again.relative_to(tmp_path / "runs/reruns").parts[0].startswith(run.path.name)


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


def test_a_run_of_what_came_with_the_code_is_repeated_with_that_file_wherever_it_is_now(
    entry_point: EntryPoint,
    modest: tuple[str, ...],
    videos: Path,
    write_shipped: Callable[..., Path],
    tmp_path: Path,
) -> None:
    path = write_shipped()
    given = ("variant=xmem_tiny", "dataset=folder", f"paths.data={videos}", "sequences=[cow]")
    assert entry_point("run", *modest, *given)[::2] == (0, "")
    (folder,) = (tmp_path / "runs/folder").iterdir()
    assert entry_point("rerun", f"run={folder}")[0] == 0
    path.rename(tmp_path / path.name)
    write_shipped(key_blocks=(1, 1, 1))
    line = refusal(entry_point("rerun", f"run={folder}"))
    assert line.startswith(f"error: {path}: expected the checkpoint that {folder} ran with")
    assert line.endswith("name the folder that has it with weights=\n")
    status, output, errors = entry_point("rerun", f"run={folder}", f"weights={tmp_path}")
    assert (status, errors) == (0, "")
    assert output.endswith("Reproduced: all masks are identical.\n")
