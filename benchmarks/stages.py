"""The stages of one step, each timed alone at the steady state of memory, in several ways at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import torch

from benchmarks.computer import describe_computer
from benchmarks.config import EngineConfig, PrecisionConfig, SpeedConfig
from benchmarks.device import check_precision, choose_device, compute_capability, computing
from benchmarks.engine import check_engine, compiler_errors_explained, make_ready
from benchmarks.environment import describe_environment
from benchmarks.stopwatch import Stopwatch
from reports.speed_records import SpeedRecord, StageRecord
from reports.speed_table import KEY, READ, SEGMENT, VALUE
from xmem import MemoryConfig, ModelConfig, XMem
from xmem.inference.aggregation import with_others
from xmem.inference.padding import padding_to_multiple
from xmem.memory.bank import MemoryBank
from xmem.network.network import STRIDE
from xmem.untrained import draw_state_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to compute a step."""

    engine: EngineConfig
    precision: PrecisionConfig


@torch.inference_mode()
def time_stages(config: SpeedConfig, ways: Sequence[Way]) -> SpeedRecord:
    """Time every stage in every way in turn, `repeats` times over: what disturbs the machine disturbs them all.

    Raises:
        InputError: there is no such device, or it has not the engine or the precision.
    """
    device = choose_device(config.device)
    for way in ways:
        check_precision(way.precision, compute_capability(device))
        check_engine(way.engine, device)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    networks = [make_ready(_drawn(), device, engine=way.engine, precision=way.precision) for way in ways]
    rows: list[StageRecord] = []
    for objects in config.objects:
        stages = [
            stage
            for way, ready in zip(ways, networks, strict=True)
            for stage in _stages(ready, way, config, objects=objects, device=device)
        ]
        watches = [Stopwatch(device) for _ in stages]
        for repeat in range(1 + config.repeats):
            for stage, watch in zip(stages, watches, strict=True):
                with computing(stage.way.precision, device), (watch if repeat else Stopwatch(device)).running():
                    stage.run()
        rows += [
            StageRecord(
                engine=stage.way.engine.name,
                precision=stage.way.precision.name,
                objects=objects,
                stage=stage.name,
                memory_frames=stage.memory_frames,
                milliseconds=watch.milliseconds(),
            )
            for stage, watch in zip(stages, watches, strict=True)
        ]
    return SpeedRecord(
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        height=config.height,
        width=config.width,
        memorise_every=MemoryConfig().memorise_every,
        stages=tuple(rows),
        environment=describe_environment(describe_computer(device)),
    )


def _drawn() -> XMem:
    """The published sizes; weights decide no time."""
    network = XMem(ModelConfig())
    network.load_state_dict(draw_state_dict(network.config))
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """What is timed: its name, and what it reads of memory, if it does."""

    way: Way
    name: str
    run: Callable[[], object]
    memory_frames: int | None = None


def _stages(network: XMem, way: Way, config: SpeedConfig, *, objects: int, device: torch.device) -> Iterator[_Stage]:
    rng = torch.Generator().manual_seed(objects)
    image = torch.randn(1, 3, config.height, config.width, generator=rng)
    padded = padding_to_multiple(config.height, config.width, of=STRIDE).pad(image).to(device)
    masks = with_others(torch.rand(objects, *padded.shape[-2:], generator=rng)).to(device)
    with computing(way.precision, device):
        with compiler_errors_explained():
            network.prepare(config.height, config.width, objects=objects)
        encoded = network.encode_key(padded)
        sensory = network.blank_sensory(objects, like=encoded)
        value = network.encode_value(padded, encoded.f16, masks)
    yield _Stage(way=way, name=KEY, run=lambda: network.encode_key(padded))
    for frames in config.memory_frames:
        # Keys that differ from frame to frame, as those of a video do.
        noise = torch.randn(frames, *encoded.key.shape, generator=rng).to(device)
        bank = MemoryBank(MemoryConfig(long_term=False), count_usage=False, search=network.search)
        for drift in noise:
            bank.insert(encoded.key + 0.1 * drift, encoded.shrinkage, encoded.selection, value)
        yield _Stage(way=way, name=READ, run=partial(bank.read, encoded.key, encoded.selection), memory_frames=frames)
    with computing(way.precision, device):
        readout = bank.read(encoded.key, encoded.selection)
    yield _Stage(way=way, name=SEGMENT, run=lambda: network.segment(encoded, readout, sensory, update_sensory=True))
    yield _Stage(way=way, name=VALUE, run=lambda: network.encode_value(padded, encoded.f16, masks))
