"""What steps ask of the network, and how those of several videos are answered at once: as one batch."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from xmem.network.fusion import Owner
from xmem.network.network import EncodedImage, XMem, join_images, split_images


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodeKey:
    """Answered by the `EncodedImage`."""

    image: Float[Tensor, "1 3 height width"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segment:
    """Answered by logits (objects, height, width) and the sensory state, which advances only if `update_sensory`."""

    encoded: EncodedImage
    readout: Float[Tensor, "objects value_dim h w"]
    sensory: Float[Tensor, "objects sensory_dim h w"]
    update_sensory: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EncodeValue:
    """Answered by the value (objects, value_dim, h, w)."""

    image: Float[Tensor, "1 3 height width"]
    f16: Float[Tensor, "1 c16 h w"]
    masks: Float[Tensor, "objects 2 height width"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reinforce:
    """Answered by the sensory state."""

    value: Float[Tensor, "objects value_dim h w"]
    sensory: Float[Tensor, "objects sensory_dim h w"]


Request = EncodeKey | Segment | EncodeValue | Reinforce

Step = Generator[Request, Any, Tensor]  # asks for stages, each once at most and in the order of `STAGES`


@torch.inference_mode()
def run_steps(network: XMem, steps: Sequence[Step]) -> list[Tensor]:
    """Run steps of different videos side by side. What several of them ask for is computed as one batch.

    Args:
        network: of all their trackers.
        steps: `Tracker.begin_step`, one of each tracker. Videos of the same image size are in one batch.

    Returns:
        What each step returns.

    Raises:
        ValueError: as `Tracker.step`; all trackers are then as they were before.
    """
    requests = {index: next(step) for index, step in enumerate(steps)}
    returned: dict[int, Tensor] = {}
    for kind, answer in STAGES.items():
        for batch in _batches({index: request for index, request in requests.items() if isinstance(request, kind)}):
            owner = None if len(steps) == 1 else _owner(list(batch.values()))
            for index, one in zip(batch, answer(network, list(batch.values()), owner), strict=True):
                try:
                    requests[index] = steps[index].send(one)
                except StopIteration as stop:
                    del requests[index]
                    returned[index] = stop.value
    return [returned[index] for index in range(len(steps))]


def _batches(requests: Mapping[int, Request]) -> list[dict[int, Request]]:
    """Those of the same size of image together."""
    batches: dict[tuple[int, int], dict[int, Request]] = {}
    for index, request in requests.items():
        match request:
            case (
                EncodeKey(image=features)
                | EncodeValue(image=features)
                | Segment(readout=features)
                | Reinforce(value=features)
            ):
                batches.setdefault((features.shape[-2], features.shape[-1]), {})[index] = request
    return list(batches.values())


def _owner(requests: Sequence[Request]) -> Owner:
    """The place of each object's image, made on the device: a copy from the CPU would be waited for."""
    parts = []
    for place, request in enumerate(requests):
        match request:
            case EncodeKey():
                return None
            case EncodeValue(masks=objects) | Segment(readout=objects) | Reinforce(value=objects):
                parts.append(torch.full((objects.shape[0],), place, device=objects.device))
    return torch.cat(parts)


def _encode_keys(network: XMem, requests: Sequence[EncodeKey], _owner: Owner) -> Sequence[EncodedImage]:
    return split_images(network.encode_key(_join([request.image for request in requests])))


def _segment(network: XMem, requests: Sequence[Segment], owner: Owner) -> Sequence[tuple[Tensor, Tensor]]:
    logits, advanced = network.segment(
        join_images([request.encoded for request in requests]),
        _join([request.readout for request in requests]),
        _join([request.sensory for request in requests]),
        owner,
        update_sensory=any(request.update_sensory for request in requests),
    )
    counts = [request.readout.shape[0] for request in requests]
    return [
        (logits_of_one, advanced_of_one if request.update_sensory else request.sensory)
        for request, logits_of_one, advanced_of_one in zip(
            requests, torch.split(logits, counts), torch.split(advanced, counts), strict=True
        )
    ]


def _encode_values(network: XMem, requests: Sequence[EncodeValue], owner: Owner) -> Sequence[Tensor]:
    values = network.encode_value(
        _join([request.image for request in requests]),
        _join([request.f16 for request in requests]),
        _join([request.masks for request in requests]),
        owner,
    )
    return torch.split(values, [request.masks.shape[0] for request in requests])


def _reinforce(network: XMem, requests: Sequence[Reinforce], _owner: Owner) -> Sequence[Tensor]:
    reinforced = network.reinforce(
        _join([request.value for request in requests]), _join([request.sensory for request in requests])
    )
    return torch.split(reinforced, [request.value.shape[0] for request in requests])


def _join(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))


# In the order in which a step asks for them.
STAGES: Mapping[type[Request], Callable[[XMem, Sequence[Any], Owner], Sequence[Any]]] = {
    EncodeKey: _encode_keys,
    Segment: _segment,
    EncodeValue: _encode_values,
    Reinforce: _reinforce,
}
