from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from benchmarks.cell import Cell
from benchmarks.config import Autocast, CellConfig, Engine, EngineConfig, PrecisionConfig, to_model_config
from benchmarks.engine import check_engine, has_engine, make_ready
from benchmarks.errors import InputError
from xmem import ModelConfig, XMem
from xmem.engine import CompilerError

CellConfigs = Callable[..., CellConfig]
RunCell = Callable[[CellConfig], Cell]

COMPILED, GRAPHS = (EngineConfig(name=name) for name in (Engine.COMPILED, Engine.GRAPHS))
CPU = torch.device("cpu")


@pytest.mark.parametrize(("engine", "made_for", "other"), [(COMPILED, "cpu", "cuda"), (GRAPHS, "cuda", "cpu")])
def test_an_engine_is_refused_on_devices_that_it_is_not_for(engine: EngineConfig, made_for: str, other: str) -> None:
    check_engine(engine, torch.device(made_for))
    check_engine(EngineConfig(), torch.device(other))
    assert [has_engine(torch.device(kind), engine) for kind in (made_for, other)] == [True, False]
    with pytest.raises(
        InputError, match=f"^engine={engine.name} is for device={made_for}, this is {other}; take engine=eager$"
    ):
        check_engine(engine, torch.device(other))


FP32, TF32 = PrecisionConfig(name="fp32"), PrecisionConfig(name="tf32", tf32=True)
BF16 = PrecisionConfig(name="bf16", autocast=Autocast.BFLOAT16)


@pytest.mark.parametrize(
    ("engine", "device", "precision", "tiles", "stages_compiled"),
    [
        (COMPILED, "cpu", FP32, True, None),
        (COMPILED, "cpu", BF16, True, None),
        (GRAPHS, "cuda", FP32, True, False),
        (GRAPHS, "cuda", TF32, False, True),
        (GRAPHS, "cuda", BF16, False, True),
    ],
)
def test_tiles_are_for_what_has_no_matrix_units(  # noqa: PLR0917 - a table
    engine: EngineConfig,
    device: str,
    precision: PrecisionConfig,
    tiles: bool,
    stages_compiled: bool | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bool] = []

    def rewritten(network: XMem, _device: torch.device, *, dtype: torch.dtype, tiles: bool) -> XMem:
        assert dtype == (torch.float32 if precision.autocast is None else torch.bfloat16)
        asked.append(tiles)
        return network

    def recorded(network: XMem, *, compiled: bool) -> XMem:
        asked.append(compiled)
        return network

    monkeypatch.setattr("benchmarks.engine.rewrite", rewritten)
    monkeypatch.setattr("benchmarks.engine.GraphedXMem", recorded)
    with torch.device("meta"):
        network = XMem(ModelConfig())
    make_ready(network, torch.device(device), engine=engine, precision=precision)
    assert asked == [tiles] + ([] if stages_compiled is None else [stages_compiled])


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

    monkeypatch.setattr("benchmarks.engine.rewrite", fail)
    run_cell(config)


def test_no_compiler_is_an_error_in_one_line(cell_config: CellConfigs, monkeypatch: pytest.MonkeyPatch) -> None:
    variant = cell_config("dataset=folder").variant
    network = XMem(to_model_config(variant.untrained))

    def fail(*_given: object, **_named: object) -> None:
        raise CompilerError("expected a C++ compiler that torch can use, found none\n\nand much more")

    monkeypatch.setattr("benchmarks.engine.rewrite", fail)
    with pytest.raises(
        InputError,
        match=r"^expected a C\+\+ compiler that torch can use, found none; install one \(g\+\+\), "
        r"or take engine=eager$",
    ):
        make_ready(network, CPU, engine=COMPILED, precision=PrecisionConfig(name="fp32"))
