import dataclasses
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hydra.errors import HydraException
from omegaconf import DictConfig

from benchmarks import run
from benchmarks.command_line import one_line, run_with_hydra
from benchmarks.config import ENTRY_POINTS

EntryPoint = Callable[..., tuple[int, str, str]]
Start = Callable[..., "subprocess.Popen[str]"]

MISTAKES = [
    ("foo=1", "Key 'foo' not in 'CellConfig'"),
    ("variant.foo=1", "Key 'foo' not in 'VariantConfig'"),
    ("+variant.foo=1", "found variant.foo"),
    ("variant=nope", "Could not find 'variant/nope'"),
    ("dataset=nope", "Available options in 'dataset': davis16_val"),
    ("colour=red", "Key 'colour' not in 'CellConfig'"),
    ("threads=many", "Value 'many' of type 'str' could not be converted to Integer"),
    ("sequences=dog", "str is not a ListConfig"),
    ("paths.data=null", "'paths.data' is not Optional"),
    ("precision.autocast=FLOAT8", "expected one of [FLOAT16, BFLOAT16]"),
    ("dataset.layout=davis", "expected one of [DAVIS_2016, DAVIS_2017, DAVIS_2017_TEST_DEV, YOUTUBE_VOS, "),
    ("threads=0", f"expected threads in 1..{os.cpu_count()}, got 0"),
    ("threads=999999", f"expected threads in 1..{os.cpu_count()}, got 999999"),
    ("resolution.passes=[{size: 480, flip: true}]", "expected resolution.size or resolution.passes, found both"),
    ("resolution={passes: [{size: 9}], size: null}", "expected resolution.size >= 16 pixels, got 9"),
    (
        "variant.checkpoints=[]",
        "expected names of files below paths.weights, each once, in variant.checkpoints, found []",
    ),
    ("variant.checkpoints=[a.pth,a.pth]", "expected names of files below paths.weights, each once"),
    (
        "experiment=davis17",
        "expected -m and one experiment at a time, because it is a sweep over precision and variant",
    ),
    ("experiment=nope", "Available options in 'experiment': davis16"),
    ("precision.autocast=BFLOAT16", "expected a precision that is what its name says, found fp32"),
    ("paths.data=/my (videos) a,b", "needs quotes inside quotes"),
    ("sequences=[]", "expected names in sequences=[...], got none"),
    ("resolution.size=15", "expected resolution.size >= 16 pixels, got 15"),
    ("memory.top_k=0", "expected memory.top_k >= 1, got 0"),
    ("memory.max_working_frames=5", "expected memory.max_working_frames > memory.min_working_frames = 5, got 5"),
    ("device=tpu", "expected auto, cpu or cuda, found 'tpu'"),
    ("+variant.untrained.key_dim=8", "found variant.source and variant.untrained; drawn weights must not pass for"),
    ("variant.shipped=true", "found variant.shipped and variant.source; drawn weights must not pass for trained ones"),
    ("variant=untrained variant.shipped=true", "found variant.shipped and variant.untrained; drawn weights must not"),
    ("variant=xmem_tiny variant.released=[a.pth]", "found variant.shipped and variant.released; drawn weights must"),
    ("memory.top_k=[1", "no viable alternative at input '[1'"),
]


@pytest.mark.parametrize(("override", "reason"), MISTAKES, ids=[override for override, _ in MISTAKES])
def test_a_mistyped_configuration_is_one_line_and_status_2_before_data_is_looked_for(
    entry_point: EntryPoint, tmp_path: Path, override: str, reason: str
) -> None:
    # The data is missing too, and would be the complaint if it were looked for.
    overrides = override.split() if override.startswith("variant=") else [override]
    status, output, errors = entry_point("run", f"paths.data={tmp_path / 'missing'}", *overrides)
    assert (status, output) == (2, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert reason in errors


def test_a_file_in_the_place_of_the_folder_of_a_sweep_is_named(entry_point: EntryPoint, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    status, output, errors = entry_point("run", "-m", f"paths.runs={tmp_path / 'runs'}", "memory.top_k=10,20")
    assert (status, output, errors) == (2, "", f"error: {tmp_path / 'runs/.sweep'}: Not a directory\n")


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("variant=xmem", "Could not override 'variant'"),
        ("dataset=nope", "Could not find 'dataset/nope'"),
        ("+dataset.foo=1 masks=x", "expected keys of ScoreConfig, found dataset.foo"),
        ("dataset=demo", "Missing mandatory value: masks"),
    ],
)
def test_scoring_is_as_strict(entry_point: EntryPoint, override: str, reason: str) -> None:
    assert_refused(entry_point("score", *override.split()), reason)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("objects=[0]", "expected sizes and counts of at least 1"),
        ("objects=[]", "expected sizes and counts of at least 1"),
        ("threads=0", "expected threads in 1.."),
        ("objects=[many]", "Value 'many' of type 'str' could not be converted to Integer"),
        ("objects=[1,1]", "expected lists without repetitions"),
        ("engines=[]", "expected sizes and counts of at least 1"),
        ("engines=[fast]", "Could not find 'engine/fast'"),
        ("variant=xmem", "Could not override 'variant'"),
        ("precisions=[amp] device=cpu", "precision=amp is float16 autocast, which is for CUDA"),
        ("device=tpu", "expected auto, cpu or cuda, found 'tpu'"),
    ],
)
def test_timing_stages_is_as_strict(entry_point: EntryPoint, override: str, reason: str) -> None:
    assert_refused(entry_point("speed", *override.split()), reason)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("columns=3", "Missing mandatory value: run"),
        ("run=/nowhere columns=0", "expected columns and width of at least 1, got 0 and 336"),
        ("run=/nowhere colour=red", "Key 'colour' not in 'SheetConfig'"),
        ("run=/nowhere", "/nowhere: expected a run folder, found no run.json in it; name one with run="),
    ],
)
def test_drawing_is_as_strict(entry_point: EntryPoint, override: str, reason: str) -> None:
    assert_refused(entry_point("sheet", *override.split()), reason)


def assert_refused(result: tuple[int, str, str], reason: str) -> None:
    status, output, errors = result
    assert (status, output) == (2, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    assert reason in errors


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("benchmarks.run", ["variant=nope"]),
        ("benchmarks.run", ["threads=many"]),
        ("benchmarks.run", ["-m", "threads=0,1"]),
        ("benchmarks.score", []),
    ],
)
def test_the_real_entry_points_say_one_line_and_leave_with_status_2(
    finish: EntryPoint, tmp_path: Path, module: str, arguments: list[str]
) -> None:
    status, output, errors = finish(module, *arguments, f"paths.data={tmp_path}", f"paths.runs={tmp_path / 'runs'}")
    assert (status, output) == (2, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1


def test_whoever_asks_for_the_traceback_gets_it(entry_point: EntryPoint) -> None:
    with pytest.raises(HydraException, match="Could not find 'variant/nope'"):
        entry_point("run", "variant=nope", traceback=True)


def test_help_says_what_every_option_means_and_waits_for_no_library(finish: EntryPoint) -> None:
    status, output, errors = finish("benchmarks.run", "--help", options=("-X", "importtime"))
    assert status == 0
    assert output.startswith(run.__doc__ or "nothing")
    text = " ".join(output.split())
    for line in (
        "variant=xmem the weights. One of untrained, xmem, xmem_no_sensory, xmem_s012, xmem_s2, xmem_tiny.",
        "dataset=davis17_val the videos. One of davis16_val, davis17_test_dev, davis17_val, demo, folder, long_video,",
        "precision=fp32 number formats. One of amp, bf16, fp32, tf32.",
        "resolution=paper size at which frames are segmented. One of 480p, 600p, 720p, multi_scale, native, paper.",
        "keep_probabilities=false whether the run folder keeps the probabilities of every written frame,",
        "experiment= what to sweep over, with -m. One of davis16, davis17, davis17_test_dev, davis17_test_dev_600p,",
        "paths.data=data folder of all datasets.",
    ):
        assert line in text
    imported = {line.rsplit("|", 1)[-1].strip() for line in errors.splitlines() if line.startswith("import time:")}
    assert "benchmarks.config" in imported
    assert imported & {"torch", "cv2", "pandas", "numpy.testing", "rich", "tabulate"} == set()


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_entry_point_has_words_for_all_its_options(entry_point: EntryPoint, name: str) -> None:
    status, output, errors = entry_point(name, "--help")
    assert (status, errors) == (0, "")
    options = output.partition("Options:\n")[2].partition("\n\nWith nothing")[0]
    rows = re.findall(r"^  (\S+=\S*)\s+(\S.*)$", options, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^  \S", options, re.MULTILINE)), "an option has no meaning"
    named = {option.split("=")[0].split(".")[0] for option, _ in rows}
    assert named >= {part.name for part in dataclasses.fields(ENTRY_POINTS[name])}


def test_a_mistyped_option_waits_for_no_library_either(finish: EntryPoint) -> None:
    status, _, errors = finish("benchmarks.run", "threads=0", options=("-X", "importtime"))
    assert status == 2
    imported = {line.rsplit("|", 1)[-1].strip() for line in errors.splitlines() if line.startswith("import time:")}
    assert imported & {"torch", "cv2", "pandas", "rich", "tabulate"} == set()


def test_a_run_leaves_nothing_in_the_working_directory_but_its_two_folders(
    finish: EntryPoint, tiny: tuple[str, ...], videos: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    settings = [override for override in tiny if not override.startswith("paths.")]
    status, output, errors = finish(
        "benchmarks.run", *settings, "dataset=folder", f"paths.data={videos}", "sequences=[cow]", folder=here
    )
    assert (status, errors) == (0, "")
    assert output.startswith("runs/folder/untrained-fp32-native-")
    assert {path.name for path in here.iterdir()} == {"weights", "runs"}


def test_a_message_of_several_exceptions_is_one_line_without_repeats() -> None:
    error = HydraException("outer:\n  first\n    full_key: a.b\n    object_type=X")
    error.__cause__ = ValueError("first\nsecond")
    assert one_line(error) == "outer: first: first second"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes started meanwhile obey SIGINT, which those of a shell's background job would inherit as ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_one_line_and_what_is_finished(
    start: Start, tiny: tuple[str, ...], tmp_path: Path, write_video: Callable[..., None]
) -> None:
    data = tmp_path / "videos"
    write_video(data / "JPEGImages/a", data / "Annotations/a", frames=4)
    write_video(data / "JPEGImages/b", data / "Annotations/b", frames=300)
    with start("benchmarks.run", *tiny, "dataset=folder", f"paths.data={data}") as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("runs/folder/*/masks/b/00003.png")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "interrupted; the same command continues with what is not finished\n"
    assert "a: 4 frames" in output
    assert [path.name for path in tmp_path.glob("runs/folder/*/sequences/*")] == ["a.json"]
    assert list(tmp_path.glob("runs/folder/*/masks/*/.*")) == []


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("run", "interrupted; the same command continues with what is not finished\n"),
        ("fetch", "interrupted; the same command resumes the download\n"),
        ("submit", "interrupted\n"),
        ("doctor", "interrupted\n"),
    ],
)
def test_only_of_a_command_that_continues_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str, line: str
) -> None:
    def interrupt(_: DictConfig) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    monkeypatch.setattr("sys.argv", [f"benchmarks.{command}"])
    with pytest.raises(SystemExit, match="130"):
        run_with_hydra(interrupt, config_name=command)
    assert capfd.readouterr().err == line
