from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch

from benchmarks.config import PrecisionConfig, SpeedConfig
from benchmarks.stages import _stages
from reports.records import SpeedRecord
from reports.speed_table import speed_table
from xmem import ModelConfig, XMem
from xmem.untrained import draw_state_dict

EntryPoint = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(("height", "width", "frames"), [(64, 80, 3), (70, 90, 2), (16, 32, 1)])
def test_memory_read_plainly_gives_what_the_core_reads(height: int, width: int, frames: int) -> None:
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
    config = SpeedConfig(precision=PrecisionConfig(name="fp32"), height=height, width=width, working_frames=frames)
    with torch.inference_mode():
        stages = _stages(network, config, objects=2, device=torch.device("cpu"))
        read, plain = stages["read memory"](), stages["read memory, written plainly"]()
    assert isinstance(read, torch.Tensor)
    assert isinstance(plain, torch.Tensor)
    assert torch.allclose(read.flatten(2).flatten(0, 1), plain, atol=1e-4)


def test_every_stage_is_timed_for_every_number_of_objects(entry_point: EntryPoint, tmp_path: Path) -> None:
    status, output, errors = entry_point(
        "speed",
        "objects=[1,2]",
        "height=32",
        "width=48",
        "working_frames=2",
        "repeats=2",
        "device=cpu",
        "threads=1",
        f"paths.runs={tmp_path}",
    )
    assert (status, errors) == (0, "")
    (path,) = (tmp_path / "speed").iterdir()
    record = msgspec.json.decode(path.read_bytes(), type=SpeedRecord)
    stages = ("encode key", "read memory", "read memory, written plainly", "segment", "encode value")
    assert [(row.objects, row.stage) for row in record.stages] == [(count, name) for count in (1, 2) for name in stages]
    assert all(len(row.milliseconds) == 2 and min(row.milliseconds) > 0 for row in record.stages)
    assert (record.height, record.width, record.working_frames, record.precision) == (32, 48, 2, "fp32")
    assert record.environment.threads == 1
    assert output.startswith(speed_table(record))
    assert output.endswith(f"record: {path}\n")
