import io
import json
import os
import pickle
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks.masks import read_mask
from evaluators import DatasetScore, boundary_f, jaccard
from xmem import ModelConfig
from xmem.untrained import draw_state_dict

EntryPoint = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]
Contents = Callable[[Path], dict[str, bytes]]

SIZES = ModelConfig(
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


def refusal(result: tuple[int, str, str]) -> str:
    """The line of a refusal, once it is known to be one line and status 2."""
    status, _, errors = result
    assert status == 2, errors
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    return errors.removeprefix("error: ").removesuffix("\n")


def test_a_run_ends_with_scores_and_a_table(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    status, output, errors = entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}")
    assert (status, errors) == (0, "")
    (folder,) = (tmp_path / "runs/folder").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        ".lock",
        "run.json",
        "masks",
        "sequences",
        "scores.json",
        "table.md",
    }
    table = (folder / "table.md").read_text()
    assert table in output
    assert table.startswith(f"{folder.name} on folder: 2 of 2 sequences, 2 scored, on ")
    assert "cow: 5 frames in " in output
    assert "These weights are drawn at random, not trained: the scores mean nothing." in output
    score = msgspec.json.decode((folder / "scores.json").read_bytes(), type=DatasetScore)
    assert [(sequence.name, [one.label for one in sequence.objects]) for sequence in score.sequences] == [
        ("cow", [1]),
        ("dog", [1, 2]),
    ]
    second = score.sequences[1].objects[1]
    assert second.frames == ("00001", "00002", "00003", "00004", "00005")  # the first frame was given
    for index, name in enumerate(second.frames):
        pair = (
            read_mask(folder / f"masks/dog/{name}.png") == 2,
            read_mask(videos / f"Annotations/dog/{name}.png") == 2,
        )
        assert second.j[index] == float(jaccard(*pair))
        assert second.f[index] == float(boundary_f(*pair))


@pytest.mark.parametrize(("dataset", "fixture"), [("davis16_val", "davis_2016"), ("davis17_val", "davis_2017")])
def test_davis_is_run_and_scored_from_the_folders_users_have(
    request: pytest.FixtureRequest, entry_point: EntryPoint, tiny: tuple[str, ...], dataset: str, fixture: str
) -> None:
    data = request.getfixturevalue(fixture)
    counts = "dataset.counts={sequences: 2, frames: 12, objects: null}"
    status, output, errors = entry_point(
        "run", *tiny, f"dataset={dataset}", f"paths.data={data}", "sequences=[dog]", counts
    )
    assert (status, errors) == (0, "")
    assert ": 1 of 2 sequences, 1 scored, on " in output
    assert "complete dataset" not in output
    (folder,) = (data.parent / "runs" / dataset).iterdir()
    score = msgspec.json.decode((folder / "scores.json").read_bytes(), type=DatasetScore)
    assert [sequence.name for sequence in score.sequences] == ["dog"]
    assert {one.frames for one in score.sequences[0].objects} == {("00001", "00002", "00003", "00004")}


def test_an_incomplete_copy_of_a_dataset_is_told_from_the_whole(
    davis_2016: Path, entry_point: EntryPoint, tiny: tuple[str, ...]
) -> None:
    given = (*tiny, "dataset=davis16_val", f"paths.data={davis_2016}")
    status, output, _ = entry_point("run", *given)
    assert status == 0
    assert ": 2 of 20 sequences, 2 scored, on " in output
    assert "INVALID for accuracy and performance: the copy has 2 sequences instead of 20." in output
    _, output, _ = entry_point("run", *given, "dataset.counts={sequences: 2, frames: 14, objects: null}")
    assert ": 2 of 2 sequences, 2 scored, on " in output
    assert "INVALID for accuracy and performance: the copy has 12 frames instead of 14." in output


def test_first_masks_alone_are_run_and_the_user_is_told_what_is_not_scored(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    for path in (videos / "Annotations").rglob("*.png"):
        if path.stem != "00000":
            path.unlink()
    status, output, errors = entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}")
    assert (status, errors) == (0, "")
    assert "Not scored, for want of truth in every frame: cow, dog" in output
    (folder,) = (tmp_path / "runs/folder").iterdir()
    assert not (folder / "scores.json").exists()
    assert "| sequence   |   objects |" in (folder / "table.md").read_text()
    assert "J&F" not in output
    assert len(list((folder / "masks").rglob("*.png"))) == 11


def test_sequences_with_truth_are_scored_beside_others_without(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    (videos / "Annotations/cow/00003.png").unlink()
    status, output, errors = entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}")
    assert (status, errors) == (0, "")
    assert "Not scored, for want of truth in every frame: cow" in output
    (folder,) = (tmp_path / "runs/folder").iterdir()
    score = msgspec.json.decode((folder / "scores.json").read_bytes(), type=DatasetScore)
    assert [sequence.name for sequence in score.sequences] == ["dog"]


def test_a_sweep_runs_every_cell(entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path) -> None:
    overrides = (*tiny, "dataset=folder", f"paths.data={videos}", "sequences=[cow]")
    status, _, errors = entry_point("run", "-m", *overrides, "memory=paper,no_long_term")
    assert (status, errors) == (0, "")
    records = [json.loads(path.read_bytes()) for path in (tmp_path / "runs/folder").glob("*/run.json")]
    assert sorted(record["cell"]["memory"]["long_term"] for record in records) == [False, True]
    assert len(list((tmp_path / "runs/folder").glob("*/table.md"))) == 2


def test_a_missing_dataset_is_one_line(entry_point: EntryPoint, tiny: tuple[str, ...], tmp_path: Path) -> None:
    line = refusal(entry_point("run", *tiny, "dataset=davis17_val", f"paths.data={tmp_path / 'data'}"))
    assert line.startswith(f"{tmp_path}/data/DAVIS/2017/trainval: expected a folder of DAVIS 2017 validation")
    assert "https://davischallenge.org/davis2017/code.html" in line
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def official(modest: tuple[str, ...], videos: Path) -> tuple[str, ...]:
    """Overrides of a run with the official checkpoint, wherever that is."""
    return (*modest, "variant=xmem", "dataset=folder", f"paths.data={videos}")


def test_a_missing_checkpoint_is_one_line_that_says_what_to_download_to_where(
    entry_point: EntryPoint, official: tuple[str, ...], tmp_path: Path
) -> None:
    line = refusal(entry_point("run", *official))
    assert line.startswith(f"{tmp_path}/weights/XMem.pth: expected the checkpoint of variant xmem, found no such file")
    assert "download https://github.com/hkchengrex/XMem/releases/download/v1.0/XMem.pth to this path" in line
    assert "paths.weights=" in line
    assert not (tmp_path / "runs").exists()


def saved(content: object) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def misshapen() -> dict[str, torch.Tensor]:
    state = draw_state_dict(SIZES)
    state["decoder.pred.weight"] = torch.zeros(1, 3, 3, 3)
    return state


DAMAGED: dict[str, Callable[[], bytes]] = {
    "truncated": lambda: saved(draw_state_dict(SIZES))[:-5000],
    "empty": lambda: b"",
    "a web page": lambda: b"<!DOCTYPE html><html>Not Found</html>",
    "another model": lambda: saved(torch.nn.Linear(3, 4).state_dict()),
    "a tensor of another shape": lambda: saved(misshapen()),
    "no tensors": lambda: saved({"epoch": 3}),
    "a whole training state": lambda: saved({"network": draw_state_dict(SIZES)}),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_checkpoint_that_is_none_is_one_line(
    entry_point: EntryPoint, official: tuple[str, ...], contents: Contents, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "weights/XMem.pth"
    path.parent.mkdir()
    path.write_bytes(DAMAGED[damage]())
    before = contents(tmp_path)
    line = refusal(entry_point("run", *official))
    assert line.startswith(f"{path}: expected ")
    assert contents(tmp_path) == before


class _Creates:
    """Pickled, a call that creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("save", [saved, pickle.dumps], ids=["torch.save", "pickle"])
def test_code_in_a_checkpoint_is_refused_and_not_executed(
    entry_point: EntryPoint, official: tuple[str, ...], tmp_path: Path, save: Callable[[object], bytes]
) -> None:
    path, trace = tmp_path / "weights/XMem.pth", tmp_path / "executed"
    path.parent.mkdir()
    path.write_bytes(save(draw_state_dict(SIZES) | {"key_proj.key_proj.weight": _Creates(trace)}))
    assert refusal(entry_point("run", *official)).startswith(f"{path}: expected ")
    assert not trace.exists()


def test_the_checkpoint_that_was_there_all_along_runs(
    entry_point: EntryPoint, official: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "weights").mkdir()
    torch.save(draw_state_dict(SIZES), tmp_path / "weights/XMem.pth")
    status, output, errors = entry_point("run", *official, "sequences=[cow]")
    assert (status, errors) == (0, "")
    assert " on folder: 1 of 2 sequences" in output
    assert "scores mean nothing" not in output


def test_runs_that_cannot_be_written_are_one_line_and_what_is_there_is_kept(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, contents: Contents, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("precious")
    arguments = (*tiny, "dataset=folder", f"paths.data={videos}")
    before = contents(tmp_path)
    line = refusal(entry_point("run", *arguments, f"paths.runs={tmp_path / 'file'}"))
    assert line.startswith(f"{tmp_path}/file/folder/untrained-fp32-native-")
    assert ": cannot write there: Not a directory; free space, mend permissions" in line
    after = contents(tmp_path)
    assert after.pop("weights/untrained.pth")
    assert after == before


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        (
            "precision=amp",
            "precision=amp is float16 autocast, which is for CUDA; on the CPU take precision=bf16 or fp32",
        ),
        (
            "precision={name: tf32, tf32: true}",
            "precision=tf32 is a format of CUDA devices; on the CPU take precision=fp32",
        ),
        ("device=cuda", "device: expected a CUDA device, found none that torch can use; take device=cpu"),
    ],
)
def test_what_the_machine_cannot_do_is_refused_not_replaced(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, override: str, reason: str
) -> None:
    if override == "device=cuda" and torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    assert refusal(entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}", override)) == reason
    assert [path.name for path in videos.parent.iterdir()] == ["videos"]


def test_a_damaged_frame_is_one_line_and_finished_sequences_stay(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    path = videos / "JPEGImages/dog/00003.jpg"
    path.write_bytes(path.read_bytes()[:200])
    line = refusal(entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}"))
    assert line.startswith(f"{path}: expected a frame, found a damaged image")
    assert [file.name for file in (tmp_path / "runs").rglob("sequences/*")] == ["cow.json"]
    assert len(list((tmp_path / "runs").rglob("masks/cow/*.png"))) == 5
    assert list((tmp_path / "runs").rglob("table.md")) == []


def test_a_prompt_in_colour_is_one_line_with_a_remedy(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path
) -> None:
    path = videos / "Annotations/cow/00000.png"
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(path)
    line = refusal(entry_point("run", *tiny, "dataset=folder", f"paths.data={videos}"))
    assert line.startswith(
        f"{path}: expected a single-channel mask of labels (mode P or L), found mode RGB; save it as"
    )


def test_a_failure_through_the_real_entry_point_is_one_line_too(
    finish: EntryPoint, official: tuple[str, ...], tmp_path: Path
) -> None:
    status, output, errors = finish("benchmarks.run", *official)
    assert (status, output) == (2, "")
    assert refusal((status, output, errors)).startswith(f"{tmp_path}/weights/XMem.pth: expected the checkpoint")


@pytest.fixture
def long_run(tiny: tuple[str, ...], tmp_path: Path, write_video: Callable[..., None]) -> tuple[str, ...]:
    """Overrides of a run over three videos that take a blink, a second and a blink."""
    root = tmp_path / "long"
    for name, frames in (("a", 4), ("b", 300), ("c", 4)):
        write_video(root / "JPEGImages" / name, root / "Annotations" / name, frames=frames)
    return (*tiny, "dataset=folder", f"paths.data={root}")


@pytest.fixture
def halted(
    request: pytest.FixtureRequest, start: Start, long_run: tuple[str, ...], tmp_path: Path
) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """The long run, perhaps with more overrides, as a process that stands still in the middle of the second video."""
    with start("benchmarks.run", *long_run, *getattr(request, "param", ())) as process:
        try:
            deadline = time.monotonic() + 60
            while not (found := list(tmp_path.glob("runs/folder/*/masks/b/00010.png"))):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.005)
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)  # until every thread of it stands still
            yield process, found[0].parents[2]
        finally:
            process.kill()
            process.communicate()


def test_a_second_run_of_the_same_cell_is_refused_and_disturbs_nothing(
    entry_point: EntryPoint,
    long_run: tuple[str, ...],
    halted: tuple["subprocess.Popen[str]", Path],
    contents: Contents,
) -> None:
    _, folder = halted
    before = contents(folder)
    assert "another process is running this very cell" in refusal(entry_point("run", *long_run))
    assert contents(folder) == before


def test_a_run_that_was_killed_is_continued_to_the_very_same_result(
    finish: EntryPoint,
    entry_point: EntryPoint,
    long_run: tuple[str, ...],
    halted: tuple["subprocess.Popen[str]", Path],
    contents: Contents,
) -> None:
    process, folder = halted
    process.kill()  # SIGKILL
    process.wait()
    assert sorted(path.name for path in folder.glob("sequences/*")) == ["a.json"]
    assert not (folder / "scores.json").exists()
    for path in folder.glob("masks/*/[!.]*"):
        assert read_mask(path).shape == (48, 64)
    finished = (folder / "sequences/a.json").stat().st_mtime_ns

    status, output, errors = finish("benchmarks.run", *long_run)
    assert (status, errors) == (0, "")
    assert "a: finished before" in output
    assert "b: 300 frames in " in output
    assert (folder / "sequences/a.json").stat().st_mtime_ns == finished
    assert list(folder.rglob(".*.partial")) == []

    uninterrupted = folder.parents[2] / "uninterrupted"
    status, _, _ = entry_point("run", *long_run, f"paths.runs={uninterrupted}")
    assert status == 0
    (whole,) = (uninterrupted / "folder").iterdir()
    assert whole.name == folder.name
    assert contents(folder / "masks") == contents(whole / "masks")
    assert len(contents(whole / "masks")) == 308
    assert (folder / "scores.json").read_bytes() == (whole / "scores.json").read_bytes()


@pytest.mark.parametrize("halted", [("videos=3",)], indirect=True)
def test_of_sequences_that_were_segmented_together_when_it_was_killed_none_counts_and_all_are_run_again(
    finish: EntryPoint,
    long_run: tuple[str, ...],
    halted: tuple["subprocess.Popen[str]", Path],
    contents: Contents,
) -> None:
    process, folder = halted
    process.kill()
    process.wait()
    assert list(folder.glob("sequences/*")) == []
    status, output, errors = finish("benchmarks.run", *long_run, "videos=3")
    assert (status, errors) == (0, "")
    assert "a, c, b: 308 frames in " in output
    assert len(contents(folder / "masks")) == 308
    assert list(folder.rglob(".*.partial")) == []


def test_scores_do_not_outlive_their_truth(
    entry_point: EntryPoint, tiny: tuple[str, ...], davis_2016: Path, tmp_path: Path
) -> None:
    command = ("run", *tiny, "dataset=davis16_val", f"paths.data={davis_2016}")
    assert entry_point(*command)[0] == 0
    (folder,) = (tmp_path / "runs/davis16_val").iterdir()
    assert (folder / "scores.json").exists()
    for path in (davis_2016 / "DAVIS/2016/Annotations").rglob("*.png"):
        if path.stem != "00000":
            path.unlink()
    status, output, _ = entry_point(*command)
    assert status == 0
    assert "Not scored" in output
    assert "J&F" not in output
    assert not (folder / "scores.json").exists()


def test_one_cell_of_a_sweep_does_not_decide_the_threads_of_the_next(
    entry_point: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    torch.set_num_threads(2)
    others = [override for override in tiny if not override.startswith("threads=")]
    overrides = (*others, "dataset=folder", f"paths.data={videos}", "sequences=[dog]", "threads=1,null")
    assert entry_point("run", "-m", *overrides)[0] == 0
    assert len(list((tmp_path / "runs/folder").iterdir())) == 2
    assert torch.get_num_threads() == 2
