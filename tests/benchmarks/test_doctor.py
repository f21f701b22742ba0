import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks.acquisition.checksums import Checksum, checksum_of_file, record_checksum
from benchmarks.command_line import CONF
from benchmarks.config import CellConfig, to_model_config
from xmem.untrained import draw_state_dict

EntryPoint = Callable[..., tuple[int, str, str]]

COUNTS = ("dataset.counts.sequences=2", "dataset.counts.frames=12", "dataset.counts.objects=4")


def doctor(entry_point: EntryPoint, data: Path, *overrides: str) -> tuple[int, list[str]]:
    """The exit status, and the lines below the tables."""
    status, output, errors = entry_point("doctor", f"paths.data={data}", *overrides)
    assert errors == ""
    return status, [line for line in output.splitlines() if line and not line.startswith("|")]


def options(group: str) -> set[str]:
    return {path.stem for path in (CONF / group).glob("*.yaml")}


def test_without_a_name_all_datasets_and_checkpoints_are_looked_for_and_absence_is_no_fault(
    entry_point: EntryPoint, write_shipped: Callable[..., Path], tmp_path: Path
) -> None:
    package = write_shipped().parent
    status, output, errors = entry_point("doctor", f"paths.data={tmp_path}", f"paths.weights={tmp_path}")
    assert (status, errors) == (0, "")
    rows = [line.split("|")[1].strip() for line in output.splitlines() if line.startswith("| ")]
    assert set(rows) - {"dataset", "variant"} == options("dataset") | options("variant")
    lines = output.splitlines()
    assert (
        f"davis17_val: absent: no folder {tmp_path}/DAVIS/2017/trainval/JPEGImages/480p; "
        f"python -m benchmarks.fetch dataset=davis17_val paths.data={tmp_path}"
    ) in lines
    fetch = f"python -m benchmarks.fetch variant=xmem paths.weights={tmp_path}"
    assert f"xmem: absent: no file {tmp_path}/XMem.pth; {fetch}" in lines
    assert list(tmp_path.iterdir()) == [package]  # it looks, and makes nothing


def test_what_was_named_must_be_there(entry_point: EntryPoint, tmp_path: Path) -> None:
    status, lines = doctor(entry_point, tmp_path, "dataset=youtube19_val")
    assert (status, len(lines)) == (1, 1)
    fetch = f"python -m benchmarks.fetch dataset=youtube19_val paths.data={tmp_path}"
    assert lines[0].endswith(f"{fetch}, which says how to get it by hand")
    status, lines = doctor(entry_point, tmp_path, "variant=xmem", f"paths.weights={tmp_path}")
    assert (status, len(lines)) == (1, 1)


def test_a_sound_dataset_is_a_row_and_status_0(entry_point: EntryPoint, davis_2017: Path) -> None:
    status, output, _ = entry_point("doctor", f"paths.data={davis_2017}", "dataset=davis17_val", *COUNTS)
    assert status == 0
    assert [cell.strip() for cell in output.splitlines()[2].split("|")[1:-1]] == [
        "davis17_val",
        "2 / 2",
        "12 / 12",
        "4 / 4",
        "sound",
    ]


def test_every_defect_of_a_dataset_is_a_line_with_a_remedy(entry_point: EntryPoint, davis_2017: Path) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    (year / "ImageSets/2017/val.txt").write_text("cow\ndog\nhen\n")
    (year / "Annotations/480p/dog/00003.png").unlink()
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(year / "Annotations/480p/cow/00004.png")
    (year / "JPEGImages/480p/cat").mkdir()
    status, lines = doctor(entry_point, davis_2017, "dataset=davis17_val", *COUNTS, "dataset.counts.sequences=3")
    fetch = f"python -m benchmarks.fetch dataset=davis17_val paths.data={davis_2017}"
    restore = f"remove what is wrong; {fetch} brings back what is missing"
    assert status == 1
    assert lines == [
        f"davis17_val: counts unlike those of a complete copy: 2 sequences instead of 3; {restore}",
        f"davis17_val: missing folders of frames: hen; {restore}",
        f"davis17_val: missing folders of masks: hen; {restore}",
        (
            "davis17_val: masks of a wrong mode: cow/00004 (mode RGB); "
            "save them as 8-bit indexed PNG (mode P) whose palette index is the object's label"
        ),
        f"davis17_val: frames without a mask: dog/00003; {restore}",
        "davis17_val: note: folders that are not in its list: cat; they are of other splits",
        "davis17_val: note: no full-resolution frames: Full-Resolution; only sizes other than 480p need them",
        (
            "davis17_val: note: masks without a palette (10): cow/00000, cow/00001, cow/00002 and 7 more; "
            "what is written for them gets that of DAVIS"
        ),
    ]


def test_full_resolution_is_held_against_480p_and_restored_from_its_own_archive(
    entry_point: EntryPoint, davis_2017: Path, write_video: Callable[..., None]
) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    full = [year / part / "Full-Resolution" for part in ("JPEGImages", "Annotations")]
    for name in ("cow", "dog"):
        write_video(*(folder / name for folder in full), labels=(1, 2))
    options = ("dataset=davis17_val", *COUNTS, "thorough=true")
    status, lines = doctor(entry_point, davis_2017, *options)
    assert status == 0
    assert lines[0] == (
        "davis17_val: note: full-resolution frames: Full-Resolution; sizes other than 480p are made from them"
    )
    (full[0] / "dog/00003.jpg").unlink()
    (full[1] / "dog/00000.png").unlink()
    shutil.rmtree(full[0] / "cow")
    status, lines = doctor(entry_point, davis_2017, *options)
    fetch = f"python -m benchmarks.fetch dataset=davis17_val paths.data={davis_2017} full_resolution=true"
    assert status == 1
    assert [
        line.replace(f"remove what is wrong; {fetch} brings back what is missing", "...") for line in lines[:-2]
    ] == [
        "davis17_val: missing folders of frames: Full-Resolution/cow; ...",
        "davis17_val: frames of 480p that are missing: Full-Resolution/dog/00003; ...",
        "davis17_val: first masks that are missing: Full-Resolution/dog/00000; ...",
    ]


@pytest.mark.parametrize(("name", "counted"), [("Full-Resolution", True), ("1080p", False)])
def test_of_two_folders_at_full_resolution_the_one_counts_that_is_run(
    entry_point: EntryPoint, davis_2017: Path, write_video: Callable[..., None], name: str, *, counted: bool
) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    for scale in ("Full-Resolution", "1080p"):
        for video in ("cow", "dog"):
            write_video(*(year / part / scale / video for part in ("JPEGImages", "Annotations")), labels=(1, 2))
    (year / "JPEGImages" / name / "dog/00003.jpg").unlink()
    status, _ = doctor(entry_point, davis_2017, "dataset=davis17_val", *COUNTS)
    assert status == int(counted)


def test_lists_that_cannot_be_used_do_not_keep_it_from_looking_on(entry_point: EntryPoint, davis_2017: Path) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    (year / "ImageSets/2017/val.txt").unlink()
    (year / "JPEGImages/480p/dog/00002.jpg").unlink()
    shutil.copyfile(year / "JPEGImages/480p/cow/00002.jpg", year / "JPEGImages/480p/cow/00002.png")
    status, lines = doctor(entry_point, davis_2017, "dataset=davis17_val", *COUNTS)
    kinds = [line.split(": ")[1].partition(" (")[0] for line in lines if ": note: " not in line]
    assert status == 1
    assert kinds == [
        "counts unlike those of a complete copy",
        "lists that cannot be used",
        "folders of frames that cannot be used",
        "gaps in the numbers of frames",
        "masks without a frame",
    ]


def test_davis_2016_and_test_dev_are_sound_as_their_archives_have_them(
    entry_point: EntryPoint, davis_2016: Path, davis_2017_test_dev: Path
) -> None:
    one_each = (*COUNTS, "dataset.counts.objects=2")
    status, lines = doctor(entry_point, davis_2016, "dataset=davis16_val", "thorough=true", *one_each)
    assert (status, len(lines)) == (0, 2)
    status, lines = doctor(entry_point, davis_2017_test_dev, "dataset=davis17_test_dev", "thorough=true", *COUNTS)
    assert (status, len(lines)) == (0, 1)


@pytest.mark.parametrize("name", ["youtube19_val", "youtube19_val_sparse"])
def test_youtube_vos_is_held_against_its_meta_json(entry_point: EntryPoint, youtube_vos: Path, name: str) -> None:
    options = (f"dataset={name}", "dataset.counts.sequences=2", "thorough=true")
    assert doctor(entry_point, youtube_vos, *options) == (0, [])
    meta = youtube_vos / "YouTube/valid/meta.json"
    content = json.loads(meta.read_text())
    content["videos"]["hen"] = content["videos"]["cow"]
    for listed in content["videos"]["dog"]["objects"].values():
        listed["frames"].append("00099")
    del content["videos"]["cow"]
    meta.write_text(json.dumps(content))
    status, lines = doctor(entry_point, youtube_vos, *options)
    assert status == 1
    assert [line.removeprefix(f"{name}: ").partition(";")[0] for line in lines] == [
        "counts unlike those of a complete copy: 1 sequences instead of 2",
        "missing folders of frames: hen",
        "missing folders of masks: hen",
        "folders that meta.json does not list: cow",
        "frames that meta.json lists and that are missing (4): dog/00099, hen/00000, hen/00005, hen/00010",
    ]
    meta.write_text("{")
    status, lines = doctor(entry_point, youtube_vos, *options)
    assert status == 1
    assert lines[0].startswith(f"{name}: lists that cannot be used: {meta}: expected videos with their objects")


def test_own_videos_and_long_videos_are_looked_through(entry_point: EntryPoint, videos: Path, tmp_path: Path) -> None:
    assert doctor(entry_point, videos, "dataset=folder")[0] == 0
    shutil.copytree(videos, tmp_path / "long/long_video_set/long_video")
    status, _ = doctor(entry_point, tmp_path / "long", "dataset=long_video", "dataset.counts.sequences=2")
    assert status == 0
    (videos / "Annotations/cow/00000.png").unlink()
    assert doctor(entry_point, videos, "dataset=folder")[0] == 0  # an object may appear later
    shutil.rmtree(videos / "Annotations/cow")
    status, lines = doctor(entry_point, videos, "dataset=folder")
    assert (status, lines[0]) == (1, "folder: missing folders of masks: cow; restore or replace them")


def test_checkpoints_are_shown_with_their_hash_or_what_is_wrong(
    entry_point: EntryPoint, cell_config: Callable[..., CellConfig], tmp_path: Path
) -> None:
    path = tmp_path / "XMem.pth"
    torch.save(draw_state_dict(to_model_config(cell_config("dataset=folder").variant.untrained)), path)
    options = ("variant=xmem", f"paths.weights={tmp_path}")
    status, output, errors = entry_point("doctor", *options)
    assert (status, errors) == (0, "")
    assert "| sound" in output.replace("   ", "").replace("|  ", "| ")
    path.write_bytes(path.read_bytes()[:-100])
    status, output, errors = entry_point("doctor", *options)
    assert (status, errors) == (1, "")
    assert output.splitlines()[-1].startswith(f"xmem: unusable checkpoint: {path}: expected a checkpoint, found a dam")
    path.unlink()
    os.mkfifo(path)
    status, output, _ = entry_point("doctor", *options)
    assert (status, "found a named pipe or a device" in output) == (1, True)
    path.unlink()
    path.mkdir()
    assert entry_point("doctor", *options)[0] == 1


def test_a_checkpoint_of_another_kind_is_a_defect(
    entry_point: EntryPoint, cell_config: Callable[..., CellConfig], tmp_path: Path
) -> None:
    path = tmp_path / "XMem-no-sensory.pth"
    torch.save(draw_state_dict(to_model_config(cell_config("dataset=folder").variant.untrained)), path)
    status, output, _ = entry_point("doctor", "variant=xmem_no_sensory", f"paths.weights={tmp_path}")
    assert status == 1
    assert f"xmem_no_sensory: checkpoint of another kind: {path}: expected a network without sensory memory" in output


def test_a_checkpoint_that_is_not_the_one_that_was_fetched_is_a_defect(
    entry_point: EntryPoint, cell_config: Callable[..., CellConfig], compose: Callable[..., Any], tmp_path: Path
) -> None:
    path, lock = tmp_path / "XMem.pth", tmp_path / "lock"
    torch.save(draw_state_dict(to_model_config(cell_config("dataset=folder").variant.untrained)), path)
    source = compose("run", "variant=xmem").variant.source
    options = ("variant=xmem", f"paths.weights={tmp_path}", f"paths.lock={lock}")
    record_checksum(checksum_of_file(path), url=f"{source}/XMem.pth", lock=lock)
    assert entry_point("doctor", *options)[0] == 0
    record_checksum(Checksum(sha256="0" * 64, length=3), url=f"{source}/XMem.pth", lock=lock)
    status, output, _ = entry_point("doctor", *options)
    assert status == 1
    assert f"xmem: not the file that was fetched: {path}: expected SHA-256 {'0' * 64}" in output


def test_what_comes_with_the_code_is_looked_at_there_and_its_absence_is_a_fault(
    entry_point: EntryPoint, write_shipped: Callable[..., Path], tmp_path: Path
) -> None:
    path, elsewhere = write_shipped(), (f"paths.data={tmp_path}/data", f"paths.weights={tmp_path}/weights")
    status, output, _ = entry_point("doctor", "variant=xmem_tiny", *elsewhere)
    assert (status, checksum_of_file(path).sha256 in output) == (0, True)
    path.write_bytes(path.read_bytes()[:-1])
    status, output, _ = entry_point("doctor", "variant=xmem_tiny", *elsewhere)
    assert (status, f"xmem_tiny: unusable checkpoint: {path}: expected a checkpoint, found a dam" in output) == (
        1,
        True,
    )
    assert output.endswith("remove it, then: restore the file with git, or clone the repository again\n")
    path.unlink()
    for named in ((), ("variant=xmem_tiny",)):
        status, output, errors = entry_point("doctor", *named, *elsewhere)
        assert (status, errors) == (1, "")
        assert f"\nxmem_tiny: missing from the checkout: no file {path}; restore the file with git, or clone" in output


def test_a_mistyped_name_is_status_2_and_one_line(entry_point: EntryPoint) -> None:
    status, output, errors = entry_point("doctor", "dataset=davis18_val")
    assert (status, output) == (2, "")
    assert errors.count("\n") == 1
