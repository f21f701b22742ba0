"""A batch of clips through the network as a video is tracked, but differentiable, and with a dense affinity."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.training.aggregation import Aggregated, aggregate_clips, sum_of_others
from benchmarks.training.batch import Batch
from benchmarks.training.loss import carried_loss, cross_entropy, dice, hardest
from benchmarks.training.parts import DecoderPart, ImagePart, ImageParts, ValuePart
from benchmarks.training.plan import RolloutPlan
from xmem import XMem
from xmem.memory.similarity import memory_features, query_features
from xmem.network.network import STRIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Averages over frames (scalars): of hard pixels' cross-entropy, of dice, and of the affinity's own."""

    cross_entropy: Tensor
    dice: Tensor
    affinity: Tensor

    def total(self, *, affinity_weight: float) -> Tensor:
        """What is differentiated."""
        return self.cross_entropy + self.dice + affinity_weight * self.affinity


class Rollout:
    """Runs batches through a network in training mode.

    Args:
        network: what is trained.
        compiled: let torch compile the stages, once for each shape.
        autocast: the format that convolutions compute in; None is fp32.
    """

    def __init__(self, network: XMem, *, compiled: bool = False, autocast: torch.dtype | None = None) -> None:
        self._network = network
        self._autocast = autocast
        self._image, self._value, self._decoder = ImagePart(network), ValuePart(network), DecoderPart(network)
        if compiled:
            for part in (self._image, self._value, self._decoder):
                part.compile(dynamic=False)

    def losses(self, batch: Batch, plan: RolloutPlan, *, hard_fraction: float) -> Losses:
        """Segment all frames but the first, which is the prompt, and compare."""
        with torch.autocast(batch.frames.device.type, dtype=self._autocast, enabled=self._autocast is not None):
            return _Run(self, batch, plan, hard_fraction=hard_fraction).losses()

    @property
    def parts(self) -> tuple[ImagePart, ValuePart, DecoderPart]:
        """The three stages, compiled or not."""
        return self._image, self._value, self._decoder

    def reinforce(self, value: Tensor, sensory: Tensor) -> Tensor:
        """A deep update."""
        return self._network.reinforce(value, sensory)

    def blank_sensory(self, objects: int, like: Tensor) -> Tensor:
        """The sensory state of objects not seen before."""
        return like.new_zeros(objects, self._network.config.sensory_dim, *like.shape[-2:])


class _Run:
    """One batch: what is remembered so far, and what it has cost."""

    def __init__(self, rollout: Rollout, batch: Batch, plan: RolloutPlan, *, hard_fraction: float) -> None:
        self.rollout, self.batch, self.plan, self.hard_fraction = rollout, batch, plan, hard_fraction
        self.frames, self.clips = batch.masks.shape[:2]
        self.truth = batch.truth()
        self.coarse = F.avg_pool2d(self.truth, STRIDE).flatten(2)  # (frames, objects, hw)
        self.images = batch.images()
        self.image: ImageParts = rollout.parts[0](self.images, self.clips)
        with torch.autocast(batch.frames.device.type, enabled=False):
            self.queries, self.elements = _features(self.image, frames=self.frames)
        self.sensory = rollout.blank_sensory(len(batch.owner), like=self.image.key)
        self.values: dict[int, Tensor] = {}

    def losses(self) -> Losses:
        """Frame after frame."""
        self.memorise(0, self.truth[0])
        return _mean([self.step(frame) for frame in range(1, self.frames)])

    def step(self, frame: int) -> Losses:
        reads = self.plan.reads[frame - 1]
        affinity = self.affinity(frame, reads)
        values = torch.cat([self.values[read] for read in reads], dim=2)
        readout = torch.bmm(values, affinity.to(values.dtype))
        later = self.at(frame - 1)
        logits, self.sensory = self.rollout.parts[2](
            self.image.decoder_fusion[later],
            self.image.skip8[later],
            self.image.skip4[later],
            self.batch.owner,
            readout.reshape(*readout.shape[:2], *self.sensory.shape[-2:]),
            self.sensory,
            frame not in self.plan.deep_updates and frame < self.frames - 1,
        )
        with torch.autocast(self.truth.device.type, enabled=False):
            known = torch.cat([self.coarse[read] for read in reads], dim=1)
            carried = torch.bmm(known[:, None], affinity)[:, 0]
            aggregated = aggregate_clips(logits, self.batch.owner, clips=self.clips)
            losses = frame_losses(
                aggregated, self.truth[frame], carried, self.coarse[frame], fraction=self.hard_fraction
            )
        if frame in self.plan.memorised:
            self.memorise(frame, aggregated.probabilities())
        return losses

    def memorise(self, frame: int, masks: Tensor) -> None:
        here, owner = self.at(frame), self.batch.owner
        others = sum_of_others(masks, owner, clips=self.clips)
        value = self.rollout.parts[1](self.images[here], self.image.value_fusion[here], owner, masks, others)
        if frame in self.plan.deep_updates:
            self.sensory = self.rollout.reinforce(value, self.sensory)
        self.values[frame] = value.flatten(2)

    def affinity(self, frame: int, reads: Sequence[int]) -> Tensor:
        """Each object's weights over the memory, (objects, elements, queries); in fp32, as exponentials need it."""
        with torch.autocast(self.truth.device.type, enabled=False):
            elements = torch.cat([self.elements[read] for read in reads], dim=1)
            weights = torch.softmax(elements @ self.queries[frame].transpose(1, 2), dim=1)
            return weights[self.batch.owner]

    def at(self, frame: int) -> slice:
        """Where a frame's images are."""
        return slice(frame * self.clips, (frame + 1) * self.clips)


def frame_losses(aggregated: Aggregated, truth: Tensor, carried: Tensor, coarse: Tensor, *, fraction: float) -> Losses:
    """What one frame costs."""
    return Losses(
        cross_entropy=hardest(cross_entropy(aggregated, truth), fraction=fraction),
        dice=dice(aggregated.probabilities(), truth),
        affinity=carried_loss(carried, coarse),
    )


def _features(image: ImageParts, *, frames: int) -> tuple[Tensor, Tensor]:
    """Both sides of the similarity (`xmem.memory.similarity`), each (frames, clips, hw, features)."""
    key, shrinkage, selection = (
        part.float().flatten(2).transpose(1, 2) for part in (image.key, image.shrinkage, image.selection)
    )
    images, places = key.shape[:2]
    rows = [part.flatten(0, 1) for part in (key, shrinkage, selection)]
    shape = (frames, images // frames, places, -1)
    return query_features(rows[0], rows[2]).view(shape), memory_features(rows[0], rows[1]).view(shape)


def _mean(losses: Sequence[Losses]) -> Losses:
    return Losses(
        cross_entropy=torch.stack([loss.cross_entropy for loss in losses]).mean(),
        dice=torch.stack([loss.dice for loss in losses]).mean(),
        affinity=torch.stack([loss.affinity for loss in losses]).mean(),
    )
