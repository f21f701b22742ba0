from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks.cell import Cell, prepare_cell
from benchmarks.config import CellConfig, EngineConfig, PrecisionConfig
from benchmarks.engine import check_engine, has_engine, make_ready
from benchmarks.errors import InputError
from xmem.engine import CompilerError

CellConfigs = Callable[..., CellConfig]
RunCell = Callable[[CellConfig], Cell]

COMPILED = EngineConfig(name="compiled", rewritten=True)
CPU = torch.device("cpu")


def test_the_compiled_engine_is_refused_on_other_devices() -> None:
    check_engine(COMPILED, CPU)
    check_engine(EngineConfig(), torch.device("cuda"))
    assert [has_engine(torch.device(kind), COMPILED) for kind in ("cpu", "cuda")] == [True, False]
    with pytest.raises(InputError, match=r"^engine=compiled is for the CPU; on cuda take eager, or device=cpu$"):
        check_engine(COMPILED, torch.device("cuda"))


def test_an_engine_is_what_its_name_says() -> None:
    with pytest.raises(ValueError, match="found compiled for one that is eager"):
        EngineConfig(name="compiled")


def test_an_engine_decides_masks_and_has_run_folders_of_its_own(
    cell_config: CellConfigs, run_cell: RunCell, videos: Path
) -> None:
    eager, compiled = (
        run_cell(cell_config("dataset=folder", f"paths.data={videos}", f"engine={engine}"))
        for engine in ("eager", "compiled")
    )
    assert compiled.record.name == f"{eager.record.name}-compiled"
    assert compiled.record.digest != eager.record.digest
    assert compiled.record.cell["engine"]["name"] == "compiled"
    for name in ("cow", "dog"):
        ours, theirs = (one.folder.read_sequence(name) for one in (compiled, eager))
        assert ours is not None
        assert theirs is not None
        assert ours.frames == theirs.frames


def test_a_finished_cell_compiles_nothing(
    cell_config: CellConfigs, run_cell: RunCell, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = cell_config("dataset=folder", f"paths.data={videos}", "engine=compiled")
    run_cell(config)

    def fail(*_given: object, **_named: object) -> None:
        raise CompilerError("not wanted")

    monkeypatch.setattr("xmem.engine.rewrite", fail)
    run_cell(config)


def test_no_compiler_is_an_error_in_one_line(
    cell_config: CellConfigs, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = cell_config("dataset=folder", f"paths.data={videos}", "engine=compiled")
    network = prepare_cell(config, config.variant.checkpoints[0]).network

    def fail(*_given: object, **_named: object) -> None:
        raise CompilerError("expected a C++ compiler that torch can use, found none\n\nand much more")

    monkeypatch.setattr("xmem.engine.rewrite", fail)
    with pytest.raises(
        InputError,
        match=r"^engine=compiled: expected a C\+\+ compiler that torch can use, found none; install one \(g\+\+\), "
        r"or take engine=eager$",
    ):
        make_ready(network, CPU, engine=COMPILED, precision=PrecisionConfig(name="fp32"))
