"""The stages of one step, each timed alone at the steady state of memory."""

from collections.abc import Callable, Mapping
from datetime import datetime

import torch
from torch import Tensor

from benchmarks.config import SpeedConfig
from benchmarks.device import check_precision, choose_device, compute_capability, computing, place
from benchmarks.environment import describe_environment
from benchmarks.stopwatch import Stopwatch
from reports.records import SpeedRecord, StageRecord
from xmem import MemoryConfig, ModelConfig, XMem
from xmem.inference.padding import padding_to_multiple
from xmem.memory.bank import MemoryBank
from xmem.network.network import STRIDE
from xmem.untrained import draw_state_dict

TOP_K = 30


@torch.inference_mode()
def time_stages(config: SpeedConfig) -> SpeedRecord:
    """Time every stage in turn, `repeats` times over: what disturbs the machine disturbs them all.

    Raises:
        InputError: there is no such device, or it does not compute in that precision.
    """
    device = choose_device(config.device)
    check_precision(config.precision, compute_capability(device))
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    network = XMem(ModelConfig())
    network.load_state_dict(draw_state_dict(network.config))
    network = place(network, device)
    rows: list[StageRecord] = []
    with computing(config.precision, device):
        for objects in config.objects:
            stages = _stages(network, config, objects=objects, device=device)
            watches = {name: Stopwatch(device) for name in stages}
            for repeat in range(1 + config.repeats):
                for name, stage in stages.items():
                    with (watches[name] if repeat else Stopwatch(device)).running():
                        stage()
            rows += [
                StageRecord(objects=objects, stage=name, milliseconds=watch.milliseconds())
                for name, watch in watches.items()
            ]
    return SpeedRecord(
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        precision=config.precision.name,
        height=config.height,
        width=config.width,
        working_frames=config.working_frames,
        stages=tuple(rows),
        environment=describe_environment(device),
    )


def _stages(
    network: XMem, config: SpeedConfig, *, objects: int, device: torch.device
) -> Mapping[str, Callable[[], object]]:
    rng = torch.Generator().manual_seed(objects)
    image = torch.randn(1, 3, config.height, config.width, generator=rng)
    padded = padding_to_multiple(config.height, config.width, of=STRIDE).pad(image).to(device)
    masks = torch.rand(objects, *padded.shape[-2:], generator=rng).to(device)
    encoded = network.encode_key(padded)
    sensory = network.blank_sensory(objects, like=encoded)
    value = network.encode_value(padded, encoded.f16, masks)
    # Keys that differ from frame to frame, as those of a video do.
    noise = torch.randn(config.working_frames, *encoded.key.shape, generator=rng).to(device)
    keys = [encoded.key + 0.1 * drift for drift in noise]
    bank = MemoryBank(MemoryConfig(long_term=False, top_k=TOP_K), count_usage=False)
    for key in keys:
        bank.insert(key, encoded.shrinkage, encoded.selection, value)
    readout = bank.read(encoded.key, encoded.selection)
    memory = torch.cat([key.flatten(2) for key in keys], dim=2)
    shrinkage = encoded.shrinkage.flatten(1).repeat(1, len(keys))[..., None]
    values = value.flatten(2).flatten(0, 1).repeat(1, len(keys))
    return {
        "encode key": lambda: network.encode_key(padded),
        "read memory": lambda: bank.read(encoded.key, encoded.selection),
        "read memory, written plainly": lambda: read_plainly(
            memory, shrinkage, encoded.key.flatten(2), encoded.selection.flatten(2), values
        ),
        "segment": lambda: network.segment(encoded, readout, sensory, update_sensory=True),
        "encode value": lambda: network.encode_value(padded, encoded.f16, masks),
    }


def read_plainly(key: Tensor, shrinkage: Tensor, query: Tensor, selection: Tensor, values: Tensor) -> Tensor:
    """Reading as the formulas stand: three products, a dense affinity, and values times affinity.

    Args:
        key: (1, Ck, elements).
        shrinkage: (1, elements, 1).
        query: (1, Ck, queries).
        selection: (1, Ck, queries).
        values: (width, elements).

    Returns:
        (width, queries).
    """
    squared = key.pow(2).transpose(1, 2) @ selection
    product = key.transpose(1, 2) @ (query * selection)
    constant = (selection * query.pow(2)).sum(dim=1, keepdim=True)
    similarity = (-squared + 2 * product - constant) * shrinkage / key.shape[1] ** 0.5
    best, elements = similarity.topk(min(TOP_K, similarity.shape[1]), dim=1)
    weights = torch.softmax(best, dim=1)
    affinity = torch.zeros_like(similarity).scatter_(1, elements, weights.to(similarity.dtype))
    return values.to(affinity.dtype) @ affinity[0]
