"""The full network of the published sizes on real DAVIS frames, from a checkpoint file on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

FRAMES = 4
SEQUENCE = "car-shadow"


@pytest.fixture
def a_few_real_frames(data_root: Path, tmp_path: Path) -> Path:
    """The first frames of one sequence, in the layout that users have."""
    davis = tmp_path / "data" / "DAVIS"
    for part, ending in (("JPEGImages", "jpg"), ("Annotations", "png")):
        folder = davis / "2016" / part / "480p" / SEQUENCE
        folder.mkdir(parents=True)
        for index in range(FRAMES):
            name = f"{index:05d}.{ending}"
            (folder / name).symlink_to(data_root / "DAVIS" / "2016" / part / "480p" / SEQUENCE / name)
    lists = davis / "2017" / "trainval" / "ImageSets" / "2016"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text(f"{SEQUENCE}\n")
    return tmp_path


@pytest.mark.data
def test_the_full_network_segments_and_scores_real_frames(a_few_real_frames: Path) -> None:
    from benchmarks.cell import prepare_cell
    from benchmarks.cell_run import run_cell
    from benchmarks.config import (
        CellConfig,
        DatasetConfig,
        Layout,
        PathsConfig,
        PrecisionConfig,
        ResolutionConfig,
        VariantConfig,
    )
    from benchmarks.mask_sources import run_masks
    from benchmarks.progress import RunProgress
    from benchmarks.scoring import score_masks
    from benchmarks.scoring_pool import ScoringPool
    from benchmarks.weights import load_network
    from evaluators import ScoringProtocol
    from xmem import ModelConfig
    from xmem.untrained import draw_state_dict

    root = a_few_real_frames
    (root / "weights").mkdir()
    torch.save(draw_state_dict(ModelConfig()), root / "weights" / "XMem.pth")
    config = CellConfig(
        variant=VariantConfig(name="xmem", checkpoints=("XMem.pth",)),
        dataset=DatasetConfig(
            name="davis16_val",
            title="DAVIS 2016",
            layout=Layout.DAVIS_2016,
            root="DAVIS",
            scoring=ScoringProtocol.DAVIS_2016,
        ),
        precision=PrecisionConfig(name="fp32"),
        resolution=ResolutionConfig(size=480),
        device="cpu",
        paths=PathsConfig(data=str(root / "data"), weights=str(root / "weights"), runs=str(root / "runs")),
    )
    cell = prepare_cell(config, config.variant.checkpoints[0])
    with RunProgress(Console(quiet=True), frames=FRAMES) as progress:
        run_cell(cell, progress)

    network = load_network(cell.checkpoint, config.variant)
    assert sum(parameter.numel() for parameter in network.parameters()) == 62_185_224
    masks = sorted((cell.folder.masks / SEQUENCE).iterdir())
    assert [path.stem for path in masks] == [f"{index:05d}" for index in range(FRAMES)]
    first_truth = np.array(Image.open(next(iter(cell.dataset.sequences[0].prompts.values()))))
    first = np.array(Image.open(masks[0]))
    assert first.shape == (480, 854)
    np.testing.assert_array_equal(first, first_truth > 0)
    record = json.loads(cell.folder.sequence_file(SEQUENCE).read_text())
    assert len(record["milliseconds"]) == FRAMES
    assert record["memory"] == [[30 * 54, 0]] * FRAMES
    pool = ScoringPool(processes=1)
    score = score_masks(cell.dataset, run_masks(cell.folder), protocol=ScoringProtocol.DAVIS_2016, pool=pool)
    assert len(score.sequences[0].objects[0].j) == FRAMES - 2
