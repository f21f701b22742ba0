import dataclasses
import hashlib
import json
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from benchmarks.acquisition.checksums import Checksum, checksum_of_file, read_lock, record_checksum
from benchmarks.cell import Cell, _identity, prepare_cell
from benchmarks.config import CellConfig, to_config, to_plain
from benchmarks.errors import InputError
from benchmarks.masks import davis_palette, read_mask, read_palette
from benchmarks.recorded import probabilities_untouched
from benchmarks.weights import load_network
from reports.records import RunRecord, SequenceRecord
from reports.run_folder import RunFolder, RunFolderError
from xmem import ModelConfig
from xmem.untrained import draw_state_dict

CellConfigs = Callable[..., CellConfig]
RunCell = Callable[[CellConfig], Cell]
Contents = Callable[[Path], dict[str, bytes]]


def prepare(config: CellConfig) -> Cell:
    """The cell with the first checkpoint of its variant."""
    return prepare_cell(config, config.variant.checkpoints[0])


@pytest.fixture
def config(cell_config: CellConfigs, videos: Path) -> CellConfig:
    """The tiny network on the two own videos."""
    return cell_config("dataset=folder", f"paths.data={videos}")


@pytest.fixture
def same(cell_config: CellConfigs, videos: Path) -> CellConfigs:
    """The same cell with more overrides."""
    return lambda *overrides: cell_config("dataset=folder", f"paths.data={videos}", *overrides)


def test_a_run_leaves_a_mask_for_every_frame_and_a_record_for_every_sequence(
    config: CellConfig, run_cell: RunCell, tmp_path: Path
) -> None:
    cell = run_cell(config)
    folder = cell.folder
    assert folder.path.parent == tmp_path / "runs/folder"
    assert folder.path.name == f"untrained-fp32-native-{cell.record.digest[:8]}"
    for name, frames, labels in (("cow", 5, (1,)), ("dog", 6, (1, 2))):
        record = folder.read_sequence(name)
        assert record is not None
        assert record.frames == tuple(f"{index:05d}" for index in range(frames))
        assert (record.name, record.labels, record.skipped) == (name, labels, 0)
        assert len(record.milliseconds) == len(record.memory) == frames
        assert min(record.milliseconds) > 0
        assert sum(record.milliseconds) < 1000 * record.wall_seconds
        assert record.memory[0] == (12, 0)  # the 3 x 4 elements of one frame
        assert record.peak_memory_bytes > 10**7
        masks = sorted((folder.masks / name).iterdir())
        assert tuple(path.stem for path in masks) == record.frames
        for path in masks:
            assert read_mask(path).shape == (48, 64)
            assert set(np.unique(read_mask(path))) <= {0, *labels}
            assert read_palette(path) == davis_palette()


def test_the_record_of_a_run_says_all_that_is_needed_to_repeat_it(
    config: CellConfig, run_cell: RunCell, videos: Path, tmp_path: Path
) -> None:
    record = run_cell(config).folder.read_run()
    assert msgspec.convert(record.cell, CellConfig) == config
    weights = tmp_path / "weights/untrained.pth"
    assert record.checkpoint.path == str(weights)
    assert record.checkpoint.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (record.dataset.name, record.dataset.root) == ("folder", str(videos))
    assert (record.dataset.sequences, record.dataset.available) == (("cow", "dog"), 2)
    assert [len(record.digest), *map(len, record.dataset.fingerprints)] == [64, 64]
    assert record.name == "untrained-fp32-native"
    assert "T" in record.started
    assert record.command == shlex.join(sys.orig_argv)
    environment = record.environment
    assert (environment.device, environment.gpu, environment.driver, environment.threads) == ("cpu", None, None, 1)
    assert environment.packages["torch"] == torch.__version__
    assert environment.cpu
    assert environment.decoder.startswith("opencv ")
    assert len(environment.code_sha256) == 64


def test_records_are_the_same_once_written_and_read(config: CellConfig, run_cell: RunCell) -> None:
    cell = run_cell(config)
    assert cell.folder.read_run() == cell.record
    for kind, record in ((RunRecord, cell.record), (SequenceRecord, cell.folder.read_sequence("dog"))):
        again = msgspec.json.decode(msgspec.json.encode(record), type=kind)
        assert again == record
        assert type(again) is kind


def test_a_finished_run_is_not_done_again(config: CellConfig, run_cell: RunCell, contents: Contents) -> None:
    folder = run_cell(config).folder
    before = contents(folder.path)
    times = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*.*") if path.name != ".lock"}
    run_cell(config)
    assert contents(folder.path) == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, Path.unlink])
def test_a_damaged_mask_has_just_its_sequence_run_again(
    config: CellConfig, run_cell: RunCell, contents: Contents, damage: Callable[[Path], None]
) -> None:
    folder = run_cell(config).folder
    masks = contents(folder.masks)
    times = {name: folder.sequence_file(name).stat().st_mtime_ns for name in ("cow", "dog")}
    damage(folder.masks / "dog/00002.png")
    assert contents(folder.masks) != masks
    run_cell(config)
    assert contents(folder.masks) == masks
    assert folder.sequence_file("cow").stat().st_mtime_ns == times["cow"]
    assert folder.sequence_file("dog").stat().st_mtime_ns > times["dog"]


def repaint_first_mask(videos: Path) -> None:
    shutil.copy(videos / "Annotations/dog/00001.png", videos / "Annotations/dog/00000.png")


def redraw_checkpoint(weights: Path) -> None:
    path = weights / "untrained.pth"
    state = torch.load(path, weights_only=True)
    state["decoder.pred.bias"] += 1
    torch.save(state, path)


def test_whatever_decides_the_masks_has_its_own_folder(
    config: CellConfig, same: CellConfigs, videos: Path, tmp_path: Path
) -> None:
    overrides = (
        "memory=no_long_term",
        "memory.top_k=20",
        "precision=bf16",
        "resolution=480p",
        "sequences=[dog]",
        "threads=2",
        "dataset.scoring=DAVIS_2017",
        "dataset.layout=DEMO",
        "dataset.name=another",
        "variant.name=another",
    )
    cells = [prepare(choice) for choice in (config, *map(same, overrides))]
    repaint_first_mask(videos)
    cells.append(prepare(config))
    assert len({cell.record.recipe for cell in cells}) == len(cells)
    redraw_checkpoint(tmp_path / "weights")
    cells.append(prepare(config))
    assert cells[-1].record.recipe == cells[-2].record.recipe
    assert len({cell.folder.path for cell in cells}) == len(cells)


def test_another_machine_or_other_code_is_another_run_and_another_driver_or_commit_is_not(config: CellConfig) -> None:
    record = prepare(config).record
    environment = record.environment
    others: dict[str, Any] = {
        "commit": "0" * 40,
        "modified": not environment.modified,
        "code_sha256": "0" * 64,
        "device": "cuda",
        "cpu": "another",
        "gpu": "another",
        "driver": "another",
        "threads": 99,
        "decoder": "another",
        "python": "another",
        "platform": "another",
        "packages": {"torch": "another"},
    }
    assert set(others) == {field.name for field in dataclasses.fields(environment)}
    plain = to_plain(config)
    known = _identity(plain, record.dataset, environment)
    deciding = {
        name
        for name, value in others.items()
        if _identity(plain, record.dataset, dataclasses.replace(environment, **{name: value})) != known
    }
    assert deciding == {"code_sha256", "device", "cpu", "gpu", "threads", "decoder", "packages"}


def test_naming_all_sequences_is_the_same_run(config: CellConfig, same: CellConfigs) -> None:
    assert prepare(same("sequences=[dog,cow]")).folder == prepare(config).folder


def test_where_things_lie_and_how_the_device_was_chosen_decide_nothing(
    config: CellConfig, same: CellConfigs, videos: Path, tmp_path: Path
) -> None:
    digest = prepare(config).record.digest
    moved = tmp_path / "moved"
    shutil.copytree(videos, moved / "videos")
    shutil.copytree(tmp_path / "weights", moved / "weights")
    elsewhere = same(*(f"paths.{name}={moved / folder}" for name, folder in PLACES), "device=auto")
    if not torch.cuda.is_available():
        assert prepare(elsewhere).record.digest == digest


PLACES = (("data", "videos"), ("weights", "weights"), ("runs", "runs"))


def test_a_folder_of_another_run_is_left_alone(config: CellConfig, run_cell: RunCell, contents: Contents) -> None:
    folder = run_cell(config).folder
    record = folder.read_run()
    foreign = dataclasses.replace(record, digest=record.digest[:8] + "0" * 56)
    folder.run_file.write_bytes(msgspec.json.encode(foreign))
    before = contents(folder.path)
    with pytest.raises(
        InputError, match=f"^{folder.run_file}: expected the run {record.digest}, found {foreign.digest}"
    ):
        run_cell(config)
    assert contents(folder.path) == before


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not JSON", b'{"schema": 4, "digest": 3}', b"\xff\xfe", b'{"schema": "\xff"}', b"[" * 9999]
)
def test_a_damaged_record_is_named_in_one_line_and_left_alone(
    config: CellConfig, run_cell: RunCell, contents: Contents, content: bytes
) -> None:
    folder = run_cell(config).folder
    for path in (folder.run_file, folder.sequence_file("cow")):
        intact = path.read_bytes()
        path.write_bytes(content)
        before = contents(folder.path)
        with pytest.raises(RunFolderError, match=f"^{path}: expected a .*Record as this version writes it") as refusal:
            run_cell(config)
        assert "\n" not in str(refusal.value)
        assert contents(folder.path) == before
        path.write_bytes(intact)


def test_a_record_of_another_schema_is_named(config: CellConfig, run_cell: RunCell) -> None:
    folder = run_cell(config).folder
    record = json.loads(folder.run_file.read_bytes())
    folder.run_file.write_text(json.dumps(record | {"schema": 99}))
    with pytest.raises(RunFolderError, match=f"^{folder.run_file}: expected schema 4, found 99; read it with"):
        run_cell(config)


def test_a_frame_that_fails_leaves_what_was_finished(config: CellConfig, run_cell: RunCell, videos: Path) -> None:
    truncate(videos / "JPEGImages/dog/00003.jpg")
    cell = prepare(config)
    with pytest.raises(InputError, match=f"^{videos}/JPEGImages/dog/00003.jpg: expected a frame, found a damaged"):
        run_cell(config)
    assert cell.folder.read_sequence("cow") is not None
    assert cell.folder.read_sequence("dog") is None
    for path in (cell.folder.masks / "dog").iterdir():  # frames before it may be there, and are whole
        assert int(path.stem) < 3
        assert read_mask(path).shape == (48, 64)


def test_weights_are_drawn_once(config: CellConfig, tmp_path: Path) -> None:
    prepare(config)
    path = tmp_path / "weights/untrained.pth"
    before = path.stat().st_mtime_ns
    network = load_network(prepare(config).checkpoint, config.variant)
    assert path.stat().st_mtime_ns == before
    assert [file.name for file in path.parent.iterdir()] == ["untrained.pth"]
    drawn = draw_state_dict(network.config)
    assert all(torch.equal(tensor, drawn[name]) for name, tensor in network.state_dict().items())


def test_drawn_weights_of_other_sizes_are_refused_not_taken(
    config: CellConfig, same: CellConfigs, run_cell: RunCell, tmp_path: Path
) -> None:
    prepare(config)
    with pytest.raises(
        InputError, match=rf"^{tmp_path}/weights/untrained.pth: expected weights drawn for .*key_dim=16"
    ):
        run_cell(same("variant.untrained.key_dim=16"))
    assert not (tmp_path / "runs").exists()


def test_a_mistyped_size_is_refused_whether_the_weights_are_there_or_not(
    config: CellConfig, same: CellConfigs, run_cell: RunCell
) -> None:
    mistyped = same("+variant.untrained.key_dmi=16")
    with pytest.raises(InputError, match="found \\['key_dmi'\\]"):
        run_cell(mistyped)
    prepare(config)
    with pytest.raises(InputError, match="found \\['key_dmi'\\]"):
        run_cell(mistyped)


def test_weights_that_cannot_be_written_are_named(same: CellConfigs, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(InputError, match=f"^{folder}.*: cannot write there"):
            prepare(same(f"paths.weights={folder}"))


def test_another_variant_is_read_from_the_file_of_its_name(
    config: CellConfig, compose: Callable[..., Any], run_cell: RunCell, tmp_path: Path
) -> None:
    variant = to_config(compose("run", "variant=xmem_no_sensory"), CellConfig).variant
    config = dataclasses.replace(config, variant=variant)
    name = "XMem-no-sensory.pth"
    with pytest.raises(
        InputError,
        match=rf"^{tmp_path}/weights/{name}: .*benchmarks.fetch variant=xmem_no_sensory, or download .*/{name} to",
    ):
        prepare(config)
    sizes = ModelConfig(
        key_dim=8,
        value_dim=16,
        sensory_dim=0,
        key_width=4,
        key_blocks=(1, 1, 1),
        value_width=4,
        value_blocks=(1, 1, 1),
        decoder_dims=(16, 8, 8),
    )
    (tmp_path / "weights").mkdir()
    torch.save(draw_state_dict(sizes), tmp_path / "weights" / name)
    cell = run_cell(config)
    assert load_network(cell.checkpoint, variant).config == sizes
    assert cell.folder.path.name.startswith("xmem_no_sensory-fp32-native-")
    assert RunFolder(cell.folder.path).read_sequence("dog") is not None


def test_a_checkpoint_that_is_not_the_one_that_was_fetched_is_refused(
    config: CellConfig, compose: Callable[..., Any], tmp_path: Path
) -> None:
    config = dataclasses.replace(config, variant=to_config(compose("run", "variant=xmem"), CellConfig).variant)
    path = tmp_path / "weights/XMem.pth"
    path.parent.mkdir()
    torch.save(
        draw_state_dict(ModelConfig(key_dim=8, value_dim=16, key_width=4, value_width=4, decoder_dims=(16, 8, 8))), path
    )
    fetched = Checksum(sha256="0" * 64, length=3)
    record_checksum(fetched, url=f"{config.variant.source}/XMem.pth", lock=tmp_path / "lock")
    with pytest.raises(InputError, match=rf"^{path}: expected SHA-256 0{{64}} \(3 bytes\) as {tmp_path}/lock has it"):
        prepare(config)


SIZES = {"key_dim": 8, "value_dim": 16, "key_width": 4, "value_width": 4, "decoder_dims": (16, 8, 8)}


@pytest.fixture
def trained(config: CellConfig, compose: Callable[..., Any], tmp_path: Path) -> CellConfig:
    """The published variant, with a checkpoint that somebody put there."""
    (tmp_path / "weights").mkdir()
    torch.save(draw_state_dict(ModelConfig(**SIZES)), tmp_path / "weights/XMem.pth")
    return dataclasses.replace(config, variant=to_config(compose("run", "variant=xmem"), CellConfig).variant)


def test_a_checkpoint_that_somebody_put_there_is_held_to_what_it_was_at_first_use(
    trained: CellConfig, run_cell: RunCell, tmp_path: Path
) -> None:
    path = tmp_path / "weights/XMem.pth"
    run_cell(trained)
    known = read_lock(tmp_path / "lock")
    assert known == {f"{trained.variant.source}/XMem.pth": checksum_of_file(path)}
    prepare(trained)
    torch.save(draw_state_dict(ModelConfig(**SIZES, key_blocks=(1, 1, 1))), path)
    with pytest.raises(InputError, match=rf"^{path}: expected SHA-256 .* as {tmp_path}/lock has it of"):
        prepare(trained)
    assert read_lock(tmp_path / "lock") == known


def test_a_checkpoint_that_cannot_be_used_is_not_trusted_and_nothing_is_made(
    trained: CellConfig, run_cell: RunCell, tmp_path: Path
) -> None:
    truncate(tmp_path / "weights/XMem.pth")
    with pytest.raises(InputError, match=r"XMem\.pth"):
        run_cell(trained)
    assert not (tmp_path / "lock").exists()
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("sensory", [True, False])
def test_the_network_in_a_file_has_sensory_memory_if_its_variant_has(
    trained: CellConfig, run_cell: RunCell, tmp_path: Path, sensory: bool
) -> None:
    torch.save(draw_state_dict(ModelConfig(**SIZES, sensory_dim=0 if sensory else 8)), tmp_path / "weights/XMem.pth")
    variant = dataclasses.replace(trained.variant, sensory=sensory)
    found, wanted = ("without", "with") if sensory else ("with", "without")
    with pytest.raises(InputError, match=f"expected a network {wanted} sensory memory, .* found one {found} it;"):
        run_cell(dataclasses.replace(trained, variant=variant))


def test_runs_are_training_runs_of_one_variant_where_it_lists_their_checkpoints_together(
    trained: CellConfig, tmp_path: Path
) -> None:
    torch.save(draw_state_dict(ModelConfig(**SIZES, key_blocks=(1, 1, 1))), tmp_path / "weights/b.pth")
    alone = prepare(trained).record
    variant = dataclasses.replace(trained.variant, checkpoints=("XMem.pth", "b.pth"))
    several = dataclasses.replace(trained, variant=variant)
    first, second = (prepare_cell(several, name).record for name in several.variant.checkpoints)
    assert first.recipe == second.recipe != alone.recipe
    assert first.digest == alone.digest != second.digest  # so that it is not run again


def test_a_training_run_that_is_run_again_on_its_own_stays_one_of_several(
    trained: CellConfig, run_cell: RunCell, tmp_path: Path
) -> None:
    torch.save(draw_state_dict(ModelConfig(**SIZES, key_blocks=(1, 1, 1))), tmp_path / "weights/b.pth")
    alone = dataclasses.replace(trained, sequences=("dog",))
    several = dataclasses.replace(
        alone, variant=dataclasses.replace(trained.variant, checkpoints=("XMem.pth", "b.pth"))
    )
    recipes = []
    for config in (alone, several, alone):
        record = run_cell(config).folder.read_run()
        recipes.append(record.recipe)
        assert record.cell["variant"]["checkpoints"] == list(
            config.variant.checkpoints if len(recipes) < 3 else several.variant.checkpoints
        )
    assert recipes[0] != recipes[1] == recipes[2]


def test_a_checkpoint_of_ones_own_may_change(trained: CellConfig, run_cell: RunCell, tmp_path: Path) -> None:
    own = dataclasses.replace(trained, variant=dataclasses.replace(trained.variant, checkpoints=("last.pth",)))
    with pytest.raises(InputError, match=r"last\.pth: expected the checkpoint .*; put it there, or name"):
        prepare(own)
    for blocks in ((1, 1, 1), (2, 1, 1)):
        torch.save(draw_state_dict(ModelConfig(**SIZES, key_blocks=blocks)), tmp_path / "weights/last.pth")
        run_cell(own)
    assert not (tmp_path / "lock").exists()


def test_a_run_that_is_continued_says_what_was_asked_last_and_when_it_began(
    same: CellConfigs, run_cell: RunCell
) -> None:
    folder = run_cell(same("sequences=[dog]")).folder
    first = folder.read_run()
    run_cell(same("sequences=[dog]", "keep_probabilities=true"))
    record = folder.read_run()
    assert (first.cell["keep_probabilities"], record.cell["keep_probabilities"]) == (False, True)
    assert (record.digest, record.started) == (first.digest, first.started)
    assert probabilities_untouched(folder, folder.read_sequences()[0])
    run_cell(same("sequences=[dog]"))
    assert folder.read_run().cell["keep_probabilities"] is True  # they are there still


def test_every_pass_reads_the_files_that_its_own_size_is_made_from(
    cell_config: CellConfigs, davis_2017: Path, write_video: Callable[..., None]
) -> None:
    year = davis_2017 / "DAVIS/2017/trainval"
    for name in ("cow", "dog"):
        folders = [year / part / "Full-Resolution" / name for part in ("JPEGImages", "Annotations")]
        write_video(*folders, labels=(1, 2), size=(96, 128))
    passes = "resolution.passes=[{size: 480}, {size: 72}]"
    cell = prepare(cell_config("dataset=davis17_val", passes, f"paths.data={davis_2017}"))
    read = [{path.parent.parent.name for one in dataset.sequences for path in one.frames} for dataset in cell.passes]
    assert read == [{"480p"}, {"Full-Resolution"}]


def test_a_run_with_bfloat16_is_another_run_with_other_times_and_whole_masks(
    same: CellConfigs, run_cell: RunCell
) -> None:
    half = run_cell(same("precision=bf16", "sequences=[dog]"))
    assert half.folder.path.name.startswith("untrained-bf16-native-")
    record = half.folder.read_sequence("dog")
    assert record is not None
    assert len(record.milliseconds) == len(list((half.folder.masks / "dog").iterdir())) == 6


def test_sequences_segmented_together_have_the_masks_that_they_have_alone_and_a_folder_of_their_own(
    same: CellConfigs, run_cell: RunCell, contents: Contents
) -> None:
    alone, together = run_cell(same()), run_cell(same("videos=2"))
    assert together.record.name == f"{alone.record.name}-videos_2"
    assert together.record.digest != alone.record.digest
    assert contents(together.folder.masks) == contents(alone.folder.masks)
    for cell, videos in ((alone, 1), (together, 2)):
        records = cell.folder.read_sequences()
        assert [record.together for record in records] == [videos, videos]
        assert [record.name for record in records] == ["cow", "dog"]


def test_of_sequences_segmented_together_only_those_are_run_again_that_are_damaged(
    same: CellConfigs, run_cell: RunCell, contents: Contents
) -> None:
    folder = run_cell(same("videos=2")).folder
    masks, before = contents(folder.masks), folder.sequence_file("cow").stat().st_mtime_ns
    truncate(folder.masks / "dog/00002.png")
    run_cell(same("videos=2"))
    assert contents(folder.masks) == masks
    assert folder.sequence_file("cow").stat().st_mtime_ns == before
    record = folder.read_sequence("dog")
    assert record is not None
    assert record.together == 2, "of the contract of its run"


def test_less_than_one_video_at_once_is_an_error(same: CellConfigs) -> None:
    with pytest.raises(InputError, match="expected videos >= 1, got 0"):
        same("videos=0")
