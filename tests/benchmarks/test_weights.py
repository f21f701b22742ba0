"""A checkpoint that comes with the code. Of others, `test_cell.py` tells."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.artifacts import sha256_of_file
from benchmarks.checkpoints import checkpoint_path
from benchmarks.config import PathsConfig, VariantConfig
from benchmarks.errors import InputError
from benchmarks.weights import find_network
from reports.run_folder import RunFolder
from xmem import shipped

EntryPoint = Callable[..., tuple[int, str, str]]
WriteShipped = Callable[..., Path]

VARIANT = VariantConfig(name="xmem_tiny", checkpoints=("xmem_tiny.safetensors",), shipped=True)


@pytest.fixture
def arguments(modest: tuple[str, ...], videos: Path) -> tuple[str, ...]:
    """A run of the variant that comes with the code, of one short video of one's own."""
    return (*modest, "variant=xmem_tiny", "dataset=folder", f"paths.data={videos}", "sequences=[cow]")


def runs(root: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in sorted((root / "runs/folder").iterdir())]


def test_it_is_in_the_package_wherever_other_weights_are(write_shipped: WriteShipped, tmp_path: Path) -> None:
    path = write_shipped()
    elsewhere = PathsConfig(weights=str(tmp_path / "elsewhere"))
    assert find_network(VARIANT, "xmem_tiny.safetensors", elsewhere)[0] == path
    assert checkpoint_path(VARIANT, "b.pth", elsewhere) == shipped.WEIGHTS / "b.pth"
    assert not (tmp_path / "elsewhere").exists()


def test_a_run_with_it_records_its_hash_and_makes_no_weights(
    entry_point: EntryPoint, arguments: tuple[str, ...], write_shipped: WriteShipped, tmp_path: Path
) -> None:
    path = write_shipped()
    status, output, errors = entry_point("run", *arguments)
    assert (status, errors) == (0, "")
    assert "1 of 2 sequences, 1 scored" in output
    assert "scores mean nothing" not in output
    (folder,) = runs(tmp_path)
    assert folder.path.name.startswith("xmem_tiny-fp32-native-")
    record = folder.read_run()
    assert (record.checkpoint.path, record.checkpoint.sha256) == (str(path), sha256_of_file(path))
    assert not (tmp_path / "weights").exists()
    assert not (tmp_path / "lock").exists()  # git keeps it, not the lock file


def test_another_file_in_its_place_is_another_run(
    entry_point: EntryPoint, arguments: tuple[str, ...], write_shipped: WriteShipped, tmp_path: Path
) -> None:
    write_shipped()
    assert entry_point("run", *arguments)[0] == 0
    write_shipped(key_blocks=(1, 1, 1))
    assert entry_point("run", *arguments)[0] == 0
    first, second = (folder.read_run() for folder in runs(tmp_path))
    assert first.digest != second.digest
    assert first.recipe == second.recipe  # it is the same cell


@pytest.mark.usefixtures("write_shipped")
def test_a_checkout_without_it_is_incomplete_and_nothing_is_made(
    entry_point: EntryPoint, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    status, output, errors = entry_point("run", *arguments)
    assert (status, output) == (2, "")
    assert errors == (
        f"error: {tmp_path}/package/xmem_tiny.safetensors: expected the checkpoint of variant xmem_tiny that comes "
        "with the code, found no such file: the checkout is incomplete; restore the file with git, or clone the "
        "repository again, or name your own below paths.weights= with variant.shipped=false\n"
    )
    assert not (tmp_path / "runs").exists()


def test_one_that_is_damaged_or_of_another_kind_is_refused(write_shipped: WriteShipped) -> None:
    path = write_shipped()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: expected a checkpoint, found a damaged file"):
        find_network(VARIANT, path.name, PathsConfig())
    write_shipped(sensory_dim=0)
    with pytest.raises(InputError, match="expected a network with sensory memory, as variant xmem_tiny is"):
        find_network(VARIANT, path.name, PathsConfig())


def test_ones_own_file_is_used_where_it_is_said_to_be_that(
    entry_point: EntryPoint, arguments: tuple[str, ...], write_shipped: WriteShipped, tmp_path: Path
) -> None:
    (tmp_path / "weights").mkdir()
    shutil.move(write_shipped(), tmp_path / "weights/mine.safetensors")
    own = (*arguments, "variant.checkpoints=[mine.safetensors]")
    status, _, errors = entry_point("run", *own)
    assert (status, "package/mine.safetensors: expected the checkpoint" in errors) == (2, True)
    assert entry_point("run", *own, "variant.shipped=false")[::2] == (0, "")
    (folder,) = runs(tmp_path)
    assert folder.read_run().checkpoint.path == str(tmp_path / "weights/mine.safetensors")
