"""Tiny datasets on disk, a tiny network, and the entry points as they are run."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks.cell import Cell
from benchmarks.command_line import CONF, run_with_hydra
from benchmarks.config import CellConfig, register_schema, to_config
from benchmarks.masks import davis_palette, encode_mask, read_mask
from benchmarks.progress import RunProgress
from xmem import ModelConfig, XMem
from xmem.untrained import draw_state_dict

ROOT = Path(__file__).parents[2]
SIZE = (48, 64)

# A network of a few thousand weights, 5 ms a frame, in one thread: two wait for each other on a busy machine.
TINY = (
    "variant=untrained",
    "variant.untrained.key_dim=8",
    "variant.untrained.value_dim=16",
    "variant.untrained.sensory_dim=8",
    "variant.untrained.key_width=4",
    "variant.untrained.key_blocks=[1,1,1]",
    "variant.untrained.value_width=4",
    "variant.untrained.value_blocks=[1,1,1]",
    "variant.untrained.decoder_dims=[16,8,8]",
    "variant.untrained.sensory_update_dim=8",
)
MODEST = ("resolution=native", "device=cpu", "threads=1")


def draw_mask(index: int, labels: tuple[int, ...], size: tuple[int, int]) -> np.ndarray:
    """A square for each label, one below the other, moving right by two pixels a frame."""
    mask = np.zeros(size, np.uint8)
    height = size[0] // (len(labels) + 1)
    for row, label in enumerate(labels):
        top, left = 2 + row * (height + 2), 3 + 2 * index % (size[1] // 2)
        mask[top : top + height, left : left + size[1] // 3] = label
    return mask


def draw_image(mask: np.ndarray, index: int) -> np.ndarray:
    """Bright objects before a dark noisy ground, of which no two frames have the same."""
    noise = np.random.default_rng(index).integers(0, 60, (*mask.shape, 3), dtype=np.uint8)
    return noise + (mask > 0)[..., None] * np.array([150, 100, 50], np.uint8)


@pytest.fixture(scope="session")
def write_video() -> Callable[..., None]:
    def write(
        images: Path,
        masks: Path,
        *,
        frames: int = 6,
        labels: tuple[int, ...] = (1,),
        size: tuple[int, int] = SIZE,
        ending: str = ".jpg",
    ) -> None:
        images.mkdir(parents=True)
        masks.mkdir(parents=True)
        for index in range(frames):
            mask = draw_mask(index, labels, size)
            Image.fromarray(draw_image(mask, index)).save(images / f"{index:05d}{ending}")
            Image.fromarray(mask).save(masks / f"{index:05d}.png")

    return write


@pytest.fixture
def davis_2016(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A data root with two sequences, masks 0/255, and the list where the archive of 2017 has it."""
    root = tmp_path / "data"
    year = root / "DAVIS" / "2016"
    for name in ("cow", "dog"):
        write_video(year / "JPEGImages/480p" / name, year / "Annotations/480p" / name, labels=(255,))
    _write_list(root / "DAVIS/2017/trainval/ImageSets/2016/val.txt")
    return root


@pytest.fixture
def davis_2017(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A data root with two sequences of two objects each."""
    root = tmp_path / "data"
    year = root / "DAVIS" / "2017" / "trainval"
    for name in ("cow", "dog"):
        write_video(year / "JPEGImages/480p" / name, year / "Annotations/480p" / name, labels=(1, 2))
    _write_list(year / "ImageSets/2017/val.txt")
    return root


@pytest.fixture
def davis_2017_test_dev(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A data root with two sequences of two objects each, of which only the first masks are public."""
    root = tmp_path / "data"
    year = root / "DAVIS" / "2017" / "test-dev"
    for name in ("cow", "dog"):
        masks = year / "Annotations/480p" / name
        write_video(year / "JPEGImages/480p" / name, masks, labels=(1, 2))
        _keep_indexed(masks, ("00000",))
    _write_list(year / "ImageSets/2017/test-dev.txt")
    return root


@pytest.fixture
def youtube_vos(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A data root with YouTubeVOS 2019: every fifth of 11 frames is listed; a second object of `dog` comes later."""
    root = tmp_path / "data"
    every, valid = root / "YouTube/all_frames/valid_all_frames/JPEGImages", root / "YouTube/valid"
    listed = ("00000", "00005", "00010")
    videos = {}
    for name in ("cow", "dog"):
        masks = valid / "Annotations" / name
        write_video(every / name, masks, frames=11, labels=(1, 2) if name == "dog" else (1,))
        (valid / "JPEGImages" / name).mkdir(parents=True)
        for frame in listed:
            shutil.copyfile(every / name / f"{frame}.jpg", valid / "JPEGImages" / name / f"{frame}.jpg")
        _keep_indexed(masks, ("00000", "00005") if name == "dog" else ("00000",))
        videos[name] = {"objects": {"1": {"category": "cow", "frames": list(listed)}}}
    _hide_label(valid / "Annotations/dog/00000.png", 2)
    videos["dog"]["objects"]["2"] = {"category": "dog", "frames": ["00005", "00010"]}
    (valid / "meta.json").write_text(json.dumps({"videos": videos}))
    return root


def _keep_indexed(masks: Path, names: tuple[str, ...]) -> None:
    """Leave only these masks, as indexed PNG under the DAVIS palette."""
    for path in masks.iterdir():
        if path.stem not in names:
            path.unlink()
            continue
        path.write_bytes(encode_mask(read_mask(path), palette=davis_palette()))


def _hide_label(path: Path, label: int) -> None:
    mask = read_mask(path)
    path.write_bytes(encode_mask(np.where(mask == label, 0, mask).astype(np.uint8), palette=davis_palette()))


# Of each YouTube-VOS video: number of frames, and for each object its category and the frames that meta.json lists.
YOUTUBE_VOS: dict[str, tuple[int, dict[int, tuple[str, list[str]]]]] = {
    "0late": (11, {2: ("person", ["00000", "00005", "00010"]), 5: ("unicorn", ["00005", "00010"])}),
    "simple": (8, {1: ("person", ["00000", "00005"])}),
}


@pytest.fixture
def youtube_2018(tmp_path: Path) -> Path:
    """A data root with two videos: in `0late` an object appears in the sixth frame; masks show first appearances."""
    root = tmp_path / "data"
    year = root / "YouTube2018"
    for name, (frames, objects) in YOUTUBE_VOS.items():
        for index in range(frames):
            image = Image.fromarray(draw_image(draw_mask(index, (*objects,), SIZE), index))
            folders = [year / "all_frames/valid_all_frames/JPEGImages" / name]
            if index % 5 == 0:
                folders.append(year / "valid/JPEGImages" / name)
            for folder in folders:
                folder.mkdir(parents=True, exist_ok=True)
                image.save(folder / f"{index:05d}.jpg")
        for frame in {listed[0] for _, listed in objects.values()}:
            _write_annotation(year, name, frame)
    videos = {
        name: {"objects": {str(label): {"category": one[0], "frames": one[1]} for label, one in objects.items()}}
        for name, (_, objects) in YOUTUBE_VOS.items()
    }
    (year / "valid/meta.json").write_text(json.dumps({"videos": videos}))
    return root


@pytest.fixture
def add_truth() -> Callable[[Path], None]:
    """Annotate every listed frame of `youtube_2018`."""

    def add(root: Path) -> None:
        for name, (_, objects) in YOUTUBE_VOS.items():
            for frame in sorted({frame for _, listed in objects.values() for frame in listed}):
                _write_annotation(root / "YouTube2018", name, frame)

    return add


def _write_annotation(year: Path, name: str, frame: str) -> None:
    """The objects that are listed in this frame."""
    labels = {label for label, (_, listed) in YOUTUBE_VOS[name][1].items() if frame in listed}
    mask = draw_mask(int(frame), (*YOUTUBE_VOS[name][1],), SIZE)
    folder = year / "valid/Annotations" / name
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.where(np.isin(mask, list(labels)), mask, 0).astype(np.uint8))
    image.putpalette(davis_palette())
    image.save(folder / f"{frame}.png")


@pytest.fixture
def long_video(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A data root with one video of twelve frames, four of them annotated, with two objects."""
    root = tmp_path / "data"
    folder = root / "long_video_set" / "long_video"
    write_video(folder / "JPEGImages/rat", folder / "Annotations/rat", frames=12, labels=(1, 2))
    for mask in list((folder / "Annotations/rat").iterdir()):
        if mask.stem not in ("00000", "00004", "00008", "00011"):
            mask.unlink()
    return root


def _write_list(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("cow\ndog\n")


@pytest.fixture
def videos(tmp_path: Path, write_video: Callable[..., None]) -> Path:
    """A folder of two own videos: `cow` with one object, `dog` with two."""
    root = tmp_path / "videos"
    write_video(root / "JPEGImages/cow", root / "Annotations/cow", frames=5)
    write_video(root / "JPEGImages/dog", root / "Annotations/dog", frames=6, labels=(1, 2))
    return root


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo dataset, written once for all tests that read it; its parent is a data root."""
    from benchmarks.demo import write_demo

    root = tmp_path_factory.mktemp("demo") / "new" / "demo"
    write_demo(root)
    return root


@pytest.fixture
def modest(tmp_path: Path) -> tuple[str, ...]:
    """Overrides that keep weights and runs below the test's own folder, and the machine free for others."""
    own = (
        f"paths.{name}={tmp_path / file}" for name, file in (("weights", "weights"), ("runs", "runs"), ("lock", "lock"))
    )
    return (*MODEST, *own)


@pytest.fixture
def tiny(modest: tuple[str, ...]) -> tuple[str, ...]:
    """Overrides for a run that takes milliseconds a frame."""
    return TINY + modest


@pytest.fixture(scope="session")
def compose() -> Callable[..., Any]:
    """Compose conf/NAME.yaml with overrides, as an entry point would."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir

    def compose(name: str, *overrides: str, folder: Path = CONF, hydra: bool = False) -> Any:
        register_schema(name)
        with initialize_config_dir(str(folder), version_base="1.3"):
            return hydra_compose(name, list(overrides), return_hydra_config=hydra)

    return compose


@pytest.fixture
def write_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put a tiny network, as large as is said, in the place of the one that comes with the code."""
    from xmem import ModelConfig, shipped
    from xmem.checkpoint import half_precision_bytes
    from xmem.untrained import draw_state_dict

    def write(**sizes: Any) -> Path:
        tiny = {"key_dim": 8, "value_dim": 16, "key_width": 4, "value_width": 4, "decoder_dims": (16, 8, 8)}
        shipped.WEIGHTS.mkdir(exist_ok=True)
        path = shipped.WEIGHTS / shipped.TINY
        path.write_bytes(half_precision_bytes(draw_state_dict(ModelConfig(**(tiny | sizes))), {}))
        return path

    monkeypatch.setattr(shipped, "WEIGHTS", tmp_path / "package")
    return write


@pytest.fixture
def cell_config(compose: Callable[..., Any], tiny: tuple[str, ...]) -> Callable[..., CellConfig]:
    """The tiny cell with more overrides."""
    return lambda *overrides: to_config(compose("run", *tiny, *overrides), CellConfig)


@pytest.fixture(scope="session")
def tiny_network() -> XMem:
    network = XMem(
        ModelConfig(
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
    )
    network.load_state_dict(draw_state_dict(network.config))
    return network


@pytest.fixture
def quiet() -> RunProgress:
    from rich.console import Console

    return RunProgress(Console(file=io.StringIO()), frames=0)


@pytest.fixture(autouse=True)
def _same_threads() -> Iterator[None]:
    """A cell sets torch's threads for its process, which here is everybody's."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def run_cell(quiet: RunProgress) -> Callable[[CellConfig], Cell]:
    """Prepare and run a cell in this process."""
    from benchmarks import cell, cell_run

    def run(config: CellConfig) -> Cell:
        prepared = cell.prepare_cell(config, config.variant.checkpoints[0])
        cell_run.run_cell(prepared, quiet)
        return prepared

    return run


@pytest.fixture
def entry_point(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Call an entry point in this process: its exit status, output and error output."""

    def call(name: str, *overrides: str, traceback: bool = False) -> tuple[int, str, str]:
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        if traceback:
            monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
        monkeypatch.setattr(sys, "argv", [f"benchmarks.{name}", *overrides])
        capfd.readouterr()
        status = 0
        try:
            run_with_hydra(import_module(f"benchmarks.{name}").main, config_name=name)
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        return status, *capfd.readouterr()

    return call


@pytest.fixture(scope="session")
def start() -> Callable[..., "subprocess.Popen[str]"]:
    """Start `python -m MODULE ...` from the root of the checkout, as a user does."""
    environment = {name: value for name, value in os.environ.items() if name != "HYDRA_FULL_ERROR"}
    environment["PYTHONPATH"] = str(ROOT)

    def start(
        module: str, *arguments: str, options: tuple[str, ...] = (), folder: Path = ROOT
    ) -> "subprocess.Popen[str]":
        command = [sys.executable, *options, "-m", module, *arguments]
        return subprocess.Popen(
            command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return start


@pytest.fixture(scope="session")
def finish(
    start: Callable[..., "subprocess.Popen[str]"],
) -> Callable[..., tuple[int, str, str]]:
    """Run `python -m MODULE ...` to its end: exit status, output and error output."""

    def finish(module: str, *arguments: str, **settings: Any) -> tuple[int, str, str]:
        with start(module, *arguments, **settings) as process:
            output, errors = process.communicate(timeout=120)
        return process.returncode, output, errors

    return finish


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Every file below a folder with its content, to be compared with what it is later; locks are left out."""

    def read(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    return read
