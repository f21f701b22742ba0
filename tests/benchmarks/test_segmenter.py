"""A cell's network: loaded, and made ready once."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks import segmenter
from benchmarks.cell import prepare_cell
from benchmarks.config import CellConfig
from benchmarks.engine import make_ready
from benchmarks.progress import RunProgress
from benchmarks.segmenter import open_segmenter
from xmem import XMem

CellConfigs = Callable[..., CellConfig]


def test_a_network_is_made_ready_once(
    cell_config: CellConfigs, videos: Path, quiet: RunProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[XMem] = []

    def noted(network: XMem, *given: object, **settings: object) -> XMem:
        made.append(network)
        return make_ready(network, *given, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(segmenter, "make_ready", noted)
    config = cell_config("dataset=folder", f"paths.data={videos}")
    with open_segmenter(prepare_cell(config, config.variant.checkpoints[0])) as opened:
        assert made == []
        opened.make_ready(quiet)
        opened.make_ready(quiet)
    assert len(made) == 1


def test_threads_are_those_that_were_asked_for_while_the_cell_runs_and_no_longer(
    cell_config: CellConfigs, videos: Path
) -> None:
    before = torch.get_num_threads()
    for asked, inside in (("threads=2", 2), ("threads=null", before)):
        config = cell_config("dataset=folder", f"paths.data={videos}", asked)
        cell = prepare_cell(config, config.variant.checkpoints[0])
        assert torch.get_num_threads() == before
        with open_segmenter(cell):
            assert torch.get_num_threads() == inside == cell.record.environment.threads
        assert torch.get_num_threads() == before
