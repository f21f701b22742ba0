"""Stages that a GPU replays: recorded once as CUDA graphs, each costs the CPU one call instead of a hundred."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from xmem.engine.compiling import compiling
from xmem.inference.padding import padding_to_multiple
from xmem.network.network import STRIDE, EncodedImage, XMem

Result = TypeVar("Result")

WARM_UPS = 3  # runs before a recording: what is compiled is compiled, libraries choose their algorithms
MOST_RECORDINGS = 64  # those of sizes that no video has any more should not fill the GPU


class GraphedXMem(XMem):
    """A network whose stages are recorded at the first use of every size, number of objects and number format.

    What a stage returns is overwritten by its next call, but for the sensory state, which outlives a step. Trackers
    may take turns step by step; threads and streams may not share a network.

    Args:
        network: on a CUDA device, in eval mode. Its modules are used, not copied.
        compiled: whether torch compiles each stage, for every shape, before it is recorded.
    """

    def __init__(self, network: XMem, *, compiled: bool) -> None:
        from xmem.engine.selection import select_top_k  # noqa: PLC0415 - Triton comes with torch for GPUs alone

        with torch.device("meta"):  # the structure alone: the modules are those of the network
            super().__init__(network.config)
        for name, child in network.named_children():
            setattr(self, name, child)
        self.search = select_top_k
        self._recordings: OrderedDict[Hashable, _Recording[Any]] = OrderedDict()
        self._pool = torch.cuda.graph_pool_handle()
        if compiled:
            reinforce = self.value_encoder.hidden_reinforce
            parts = (self.key_encoder, self.key_proj, self.decoder, self.value_encoder, reinforce)
            for part in (one for one in parts if one is not None):
                part.compile(dynamic=False, fullgraph=True)

    @torch.inference_mode()
    def prepare(self, height: int, width: int, *, objects: int) -> None:
        """Record every stage for images of this size and as many objects, unless it is recorded already.

        Raises:
            CompilerError: there is no compiler, or it fails.
        """
        device = next(self.parameters()).device
        image = torch.zeros(1, 3, height, width, device=device)
        padded = padding_to_multiple(height, width, of=STRIDE).pad(image)
        encoded = self.encode_key(padded)
        value = self.encode_value(padded, encoded.f16, torch.zeros(objects, *padded.shape[-2:], device=device))
        sensory = self.reinforce(value, self.blank_sensory(objects, like=encoded))
        for update_sensory in (True, False):
            self.segment(encoded, value, sensory, update_sensory=update_sensory)

    def encode_key(self, image: Float[Tensor, "1 3 height width"]) -> EncodedImage:
        """As the network does."""
        return self._replay("key", super().encode_key, image)

    def encode_value(
        self,
        image: Float[Tensor, "1 3 height width"],
        f16: Float[Tensor, "1 c16 h w"],
        masks: Float[Tensor, "objects height width"],
    ) -> Float[Tensor, "objects value_dim h w"]:
        """As the network does."""
        return self._replay("value", super().encode_value, image, f16, masks)

    def reinforce(
        self, value: Float[Tensor, "objects value_dim h w"], sensory: Float[Tensor, "objects sensory_dim h w"]
    ) -> Float[Tensor, "objects sensory_dim h w"]:
        """As the network does."""
        return self._replay("reinforce", super().reinforce, value, sensory).clone()

    def segment(
        self,
        encoded: EncodedImage,
        readout: Float[Tensor, "objects value_dim h w"],
        sensory: Float[Tensor, "objects sensory_dim h w"],
        *,
        update_sensory: bool,
    ) -> tuple[Float[Tensor, "objects height width"], Float[Tensor, "objects sensory_dim h w"]]:
        """As the network does."""
        eager = super().segment

        def run(f16: Tensor, f8: Tensor, f4: Tensor, readout: Tensor, sensory: Tensor) -> tuple[Tensor, Tensor]:
            image = replace(encoded, f16=f16, f8=f8, f4=f4)
            return eager(image, readout, sensory, update_sensory=update_sensory)

        stage = ("segment", update_sensory)
        logits, advanced = self._replay(stage, run, encoded.f16, encoded.f8, encoded.f4, readout, sensory)
        return logits, advanced.clone()

    def _replay(self, stage: Hashable, run: Callable[..., Result], *given: Tensor) -> Result:
        key = (stage, _formats(), *((tuple(one.shape), one.dtype) for one in given))
        recording: _Recording[Result] | None = self._recordings.get(key)
        if recording is None:
            recording = self._recordings[key] = _Recording(run, given, pool=self._pool)
            if len(self._recordings) > MOST_RECORDINGS:
                self._recordings.popitem(last=False)
        self._recordings.move_to_end(key)
        return recording.replay(given)


class _Recording(Generic[Result]):
    """One graph, the tensors that it reads and those that it writes."""

    def __init__(self, run: Callable[..., Result], given: Sequence[Tensor], *, pool: Any) -> None:
        self._inputs = [_own(one) for one in given]
        self._graph = torch.cuda.CUDAGraph()
        main, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(main)
        with _fastest_algorithms(), compiling():
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    run(*self._inputs)
            main.wait_stream(aside)
            # Other threads, which decode and write, go on asking the driver for memory meanwhile.
            with torch.cuda.graph(self._graph, pool=pool, capture_error_mode="thread_local"):
                self._outputs = run(*self._inputs)

    def replay(self, given: Sequence[Tensor]) -> Result:
        """The outputs for other inputs of the same shapes; they are overwritten the next time."""
        for mine, one in zip(self._inputs, given, strict=True):
            mine.copy_(one)
        self._graph.replay()
        return self._outputs


def _own(given: Tensor) -> Tensor:
    """A copy, laid out as convolutions on a GPU like it best."""
    layout = torch.channels_last if given.ndim == 4 else torch.contiguous_format
    return given.clone(memory_format=layout)


@contextmanager
def _fastest_algorithms() -> Iterator[None]:
    """Let cuDNN try which of its algorithms is fastest."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def _formats() -> Hashable:
    """What decides the number formats of a recording: replayed under others it would give results of the wrong ones."""
    return (
        torch.is_autocast_enabled("cuda"),
        torch.get_autocast_dtype("cuda"),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
    )
