from collections.abc import Callable
from pathlib import Path

import pytest

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ("", "expected variant=NAME or dataset=NAME to fetch, found neither"),
        ("variant=nope", "Could not find 'variant/nope'"),
        ("variant=xmem variant.foo=1", "Key 'foo' not in 'VariantConfig'"),
        ("dataset=davis17_val +dataset.foo=1", "expected keys of FetchConfig, found dataset.foo"),
        ("variant=xmem full_resolution=true", "expected dataset=NAME with full_resolution=true, found none"),
        ("variant=xmem timeout=0", "expected timeout > 0 and attempts >= 1, got 0.0 and 5"),
        ("variant=xmem attempts=0", "expected timeout > 0 and attempts >= 1, got 30.0 and 0"),
        ("variant=untrained", "variant=untrained: expected a released checkpoint, found"),
        (
            "variant=xmem variant.source=http://a.example",
            "expected an address that begins with https://, found another",
        ),
        ("variant=xmem variant.source=file:///etc", "expected an address that begins with https://, found another"),
        ("dataset=demo", "dataset=demo: expected a dataset that is fetched, found demo clips"),
        ("dataset=folder", "dataset=folder: expected a dataset that is fetched, found own videos"),
        ("dataset=davis16_val full_resolution=true", "found none of DAVIS 2016 validation; leave it out"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    entry_point: EntryPoint, tmp_path: Path, overrides: str, reason: str
) -> None:
    paths = (f"paths.data={tmp_path}/data", f"paths.weights={tmp_path}/weights", f"paths.lock={tmp_path}/lock")
    status, _, errors = entry_point("fetch", *overrides.split(), *paths)
    assert status == 2
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert reason in errors
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_comes_with_the_code_is_looked_at_and_not_fetched(
    entry_point: EntryPoint, write_shipped: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_shipped()
    fetch = ("fetch", "variant=xmem_tiny", f"paths.weights={tmp_path}/weights", f"paths.lock={tmp_path}/lock")
    assert entry_point(*fetch) == (0, f"{path}: comes with the code, and is sound: nothing to fetch\n", "")
    path.write_bytes(path.read_bytes()[:-1])
    status, output, errors = entry_point(*fetch)
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {path}: expected a checkpoint, found a damaged file")
    path.unlink()
    status, output, errors = entry_point(*fetch)
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {path}: expected the checkpoint of variant xmem_tiny that comes with the code,")
    assert list(tmp_path.iterdir()) == [path.parent]


@pytest.mark.parametrize("name", ["youtube18_val", "youtube19_val_sparse", "long_video", "long_video_x3"])
def test_what_sits_behind_forms_is_told_in_steps_with_the_folder_that_is_meant(
    entry_point: EntryPoint, tmp_path: Path, name: str
) -> None:
    status, output, errors = entry_point(
        "fetch", f"dataset={name}", f"paths.data={tmp_path}", f"paths.lock={tmp_path}/lock"
    )
    assert status == 2
    assert errors.startswith(f"error: {tmp_path}/")
    assert errors.endswith("found none; do the steps above; the same command then verifies what was put there\n")
    assert errors.count("\n") == 1
    lines = output.splitlines()
    assert [line.split(".")[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    assert f"below {tmp_path}." in output
    assert "paths.data " not in output
    given = "long_video" if name == "long_video_x3" else name
    assert lines[-1].endswith(f"python -m benchmarks.doctor dataset={given} paths.data={tmp_path}")


def test_3x_is_made_by_the_same_command_once_1x_was_got_by_hand(
    entry_point: EntryPoint, long_video: Path, tmp_path: Path
) -> None:
    once = long_video / "long_video_set/long_video"
    once.rename(tmp_path / "elsewhere")
    fetch = ("fetch", "dataset=long_video_x3", "dataset.counts.sequences=1", f"paths.data={long_video}")
    status, _, errors = entry_point(*fetch, f"paths.lock={tmp_path}/lock")
    assert status == 2
    assert "expected a folder of the 1X videos that Long-Time Video (3X) is made of, found none; do the" in errors
    (tmp_path / "elsewhere").rename(once)
    status, output, errors = entry_point(*fetch, f"paths.lock={tmp_path}/lock")
    assert (status, errors) == (0, "")
    assert output.endswith(
        "Long-Time Video (3X): 1 sequence, 34 frames in " + f"{long_video}/long_video_set: nothing to fetch\n"
    )


def test_what_was_put_there_and_is_not_whole_is_named_and_not_called_absent(
    entry_point: EntryPoint, long_video: Path, tmp_path: Path
) -> None:
    (long_video / "long_video_set/long_video/Annotations/rat/00000.png").unlink()
    status, _, errors = entry_point(
        "fetch", "dataset=long_video", f"paths.data={long_video}", f"paths.lock={tmp_path}/x"
    )
    assert status == 2
    assert "expected a mask of the first frame (00000.png), found none" in errors
    assert "the steps above" not in errors


def test_help_names_the_choices_and_waits_for_no_library(
    finish: EntryPoint,
) -> None:
    status, output, errors = finish("benchmarks.fetch", "--help", options=("-X", "importtime"))
    assert status == 0
    assert "full_resolution=false" in output
    imported = {line.rsplit("|", 1)[-1].strip() for line in errors.splitlines() if line.startswith("import time:")}
    assert imported & {"torch", "cv2", "pandas", "rich", "http.client"} == set()
