"""A cell's network: loaded, made ready, and not kept twice."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks import segmenter
from benchmarks.cell import prepare_cell
from benchmarks.config import CellConfig
from benchmarks.progress import RunProgress
from benchmarks.segmenter import open_segmenter
from benchmarks.weights import load_network
from xmem import XMem

CellConfigs = Callable[..., CellConfig]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list["weakref.ref[XMem]"]:
    """The networks that were loaded, as long as somebody keeps them."""
    networks: list[weakref.ref[XMem]] = []

    def load(*given: object) -> XMem:
        network = load_network(*given)  # type: ignore[arg-type]
        networks.append(weakref.ref(network))
        return network

    monkeypatch.setattr(segmenter, "load_network", load)
    return networks


def test_nobody_keeps_the_network_as_it_was_loaded_once_another_engine_has_its_own(
    cell_config: CellConfigs, videos: Path, quiet: RunProgress, loaded: list["weakref.ref[XMem]"]
) -> None:
    config = cell_config("dataset=folder", f"paths.data={videos}", "engine=compiled")
    cell = prepare_cell(config, config.variant.checkpoints[0])
    with open_segmenter(cell) as opened:
        (network,) = loaded
        assert network() is not None
        opened.make_ready(quiet)
        gc.collect()
        assert network() is None
        ready = opened._network
        opened.make_ready(quiet)
        assert opened._network is ready


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
