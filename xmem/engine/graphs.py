"""Stages that a GPU replays: recorded once as CUDA graphs, each costs the CPU one call instead of a hundred."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from xmem.engine.compiling import compiling
from xmem.inference.padding import padding_to_multiple
from xmem.network.fusion import Owner
from xmem.network.network import STRIDE, EncodedImage, XMem

Run = Callable[[], Sequence[Tensor]]

WARM_UPS = 3  # runs before a recording: what is compiled is compiled, libraries choose their algorithms
MOST_RECORDINGS = 64  # those of sizes that no video has any more should not fill the GPU
SLACK = 2.0  # times as many objects, or images, may be in a recording that serves several videos


class GraphedXMem(XMem):
    """A network whose stages are recorded at the first use of every size, number of objects and number format.

    A recording of more images or objects serves fewer too, so that videos segmented together may end one by one. What
    a stage returns is overwritten by its next call, but for the sensory state, which outlives a step. Trackers
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
        self._recordings: OrderedDict[tuple[Hashable, tuple[int, int]], _Recording] = OrderedDict()
        self._pool: Any = None  # of memory that recordings share; there is none before the first
        if compiled:
            reinforce = self.value_encoder.hidden_reinforce
            parts = (self.key_encoder, self.key_proj, self.decoder, self.value_encoder, reinforce)
            for part in (one for one in parts if one is not None):
                part.compile(dynamic=False, fullgraph=True)

    @torch.inference_mode()
    def prepare(self, height: int, width: int, *, objects: int, images: int | None = None) -> None:
        """Record every stage for images of this size and as many objects, unless it is recorded already.

        For several videos something larger will do, but for one by itself nothing that takes longer.

        Raises:
            CompilerError: there is no compiler, or it fails.
        """
        device = next(self.parameters()).device
        padded = padding_to_multiple(height, width, of=STRIDE).pad(
            torch.zeros(images or 1, 3, height, width, device=device)
        )
        masks = torch.zeros(objects, 2, *padded.shape[-2:], device=device)
        owner = None if images is None else torch.zeros(objects, dtype=torch.int64, device=device)
        slack = 1.0 if images is None else SLACK
        encoded = _encoded(self._answer(self._key(padded), slack=slack))
        (value,) = self._answer(self._value(padded, encoded.f16, masks, owner), slack=slack)
        sensory = self.blank_sensory(objects, like=encoded)
        self._answer(self._reinforcement(value, sensory), slack=slack)
        for update_sensory in (True, False):
            stage = self._segmentation(encoded, value, sensory, owner, update_sensory=update_sensory)
            self._answer(stage, slack=slack)

    def encode_key(self, image: Float[Tensor, "images 3 height width"]) -> EncodedImage:
        """As the network does."""
        return _encoded(self._answer(self._key(image)))

    def encode_value(
        self,
        image: Float[Tensor, "images 3 height width"],
        f16: Float[Tensor, "images c16 h w"],
        masks: Float[Tensor, "objects 2 height width"],
        owner: Owner = None,
    ) -> Float[Tensor, "objects value_dim h w"]:
        """As the network does."""
        (value,) = self._answer(self._value(image, f16, masks, owner))
        return value

    def reinforce(
        self, value: Float[Tensor, "objects value_dim h w"], sensory: Float[Tensor, "objects sensory_dim h w"]
    ) -> Float[Tensor, "objects sensory_dim h w"]:
        """As the network does."""
        (reinforced,) = self._answer(self._reinforcement(value, sensory))
        return reinforced.clone()

    def segment(
        self,
        encoded: EncodedImage,
        readout: Float[Tensor, "objects value_dim h w"],
        sensory: Float[Tensor, "objects sensory_dim h w"],
        owner: Owner = None,
        *,
        update_sensory: bool,
    ) -> tuple[Float[Tensor, "objects height width"], Float[Tensor, "objects sensory_dim h w"]]:
        """As the network does."""
        stage = self._segmentation(encoded, readout, sensory, owner, update_sensory=update_sensory)
        logits, advanced = self._answer(stage)
        return logits, advanced.clone()

    def _key(self, image: Tensor) -> "_Stage":
        eager = super().encode_key

        def run(image: Tensor) -> Sequence[Tensor]:
            encoded = eager(image)
            return [getattr(encoded, field.name) for field in fields(EncodedImage)]

        return _Stage(name="key", run=run, images=[image], objects=[])

    def _value(self, image: Tensor, f16: Tensor, masks: Tensor, owner: Owner) -> "_Stage":
        eager = super().encode_value

        def run(*given: Tensor) -> Sequence[Tensor]:
            return [eager(*given)]

        return _Stage(name="value", run=run, images=[image, f16], objects=[masks, *_if_given(owner)])

    def _reinforcement(self, value: Tensor, sensory: Tensor) -> "_Stage":
        eager = super().reinforce

        def run(value: Tensor, sensory: Tensor) -> Sequence[Tensor]:
            return [eager(value, sensory)]

        return _Stage(name="reinforce", run=run, images=[], objects=[value, sensory])

    def _segmentation(
        self, encoded: EncodedImage, readout: Tensor, sensory: Tensor, owner: Owner, *, update_sensory: bool
    ) -> "_Stage":
        eager = super().segment

        def run(f16: Tensor, f8: Tensor, f4: Tensor, *objects: Tensor) -> Sequence[Tensor]:
            return eager(replace(encoded, f16=f16, f8=f8, f4=f4), *objects, update_sensory=update_sensory)

        return _Stage(
            name=f"segment, {update_sensory=}",
            run=run,
            images=[encoded.f16, encoded.f8, encoded.f4],
            objects=[readout, sensory, *_if_given(owner)],
        )

    def _capture(self, run: Run) -> tuple[Sequence[Tensor], Callable[[], None]]:
        """What a run returns, and what does it once more, into the same tensors."""
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        graph = torch.cuda.CUDAGraph()
        main, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(main)
        with _fastest_algorithms(), compiling():
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    run()
            main.wait_stream(aside)
            # Other threads, which decode and write, go on asking the driver for memory meanwhile.
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                outputs = run()
        return outputs, graph.replay

    def _answer(self, stage: "_Stage", *, slack: float = math.inf) -> Sequence[Tensor]:
        """Replay the smallest recording that has room, of those that have at most `slack` times what is needed."""
        kind = (stage.kind, _formats())
        fitting = [key for key in self._recordings if key[0] == kind and stage.fits(key[1], slack=slack)]
        key = min(fitting, key=lambda one: one[1], default=(kind, stage.room))
        if key not in self._recordings:
            self._recordings[key] = _Recording(stage, self._capture)
            if len(self._recordings) > MOST_RECORDINGS:
                self._recordings.popitem(last=False)
        self._recordings.move_to_end(key)
        return self._recordings[key].replay(stage)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stage:
    """One call of a stage: tensors with a row for each image, and with a row for each object."""

    name: str
    run: Callable[..., Sequence[Tensor]]
    images: Sequence[Tensor]
    objects: Sequence[Tensor]

    @property
    def given(self) -> Sequence[Tensor]:
        """All that goes in."""
        return [*self.images, *self.objects]

    @property
    def kind(self) -> Hashable:
        """What calls have in common that one recording can serve."""
        return (self.name, *((tuple(one.shape[1:]), one.dtype) for one in self.given))

    @property
    def room(self) -> tuple[int, int]:
        """Objects and images."""
        return len(self.objects[0]) if self.objects else 0, len(self.images[0]) if self.images else 0

    @property
    def rows(self) -> int:
        """Of what comes out: one for each object where there are any."""
        return len(self.given[-1])

    def fits(self, room: tuple[int, int], *, slack: float) -> bool:
        """Whether there is room for it, and not more than `slack` times what it takes."""
        return all(
            needed == there or needed < there <= slack * needed for needed, there in zip(self.room, room, strict=True)
        )


class _Recording:
    """What runs a stage again, the tensors that it reads and those that it writes."""

    def __init__(self, stage: _Stage, capture: Callable[[Run], tuple[Sequence[Tensor], Callable[[], None]]]) -> None:
        self._inputs = [_own(one) for one in stage.given]
        self._outputs, self._run_again = capture(lambda: stage.run(*self._inputs))

    def replay(self, stage: _Stage) -> Sequence[Tensor]:
        """The outputs for the inputs of another call that fits; they are overwritten the next time.

        Rows that a smaller call leaves over keep what they were given before, and nobody looks at what comes of them.
        """
        for mine, one in zip(self._inputs, stage.given, strict=True):
            mine[: len(one)].copy_(one)
        self._run_again()
        return [one[: stage.rows] for one in self._outputs]


def _encoded(parts: Sequence[Tensor]) -> EncodedImage:
    return EncodedImage(**{field.name: part for field, part in zip(fields(EncodedImage), parts, strict=True)})


def _if_given(owner: Owner) -> Sequence[Tensor]:
    return () if owner is None else (owner,)


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
