"""One video, one step per frame: the whole inference algorithm of XMem in the order in which it happens."""

import numpy as np
import torch
from jaxtyping import Float, Float32, Integer
from torch import Tensor

from xmem.config import MemoryConfig
from xmem.inference.aggregation import aggregate, impose, with_others
from xmem.inference.labels import Prompt, read_prompt
from xmem.inference.padding import padding_to_multiple
from xmem.inference.schedule import advance, first_frame, plan
from xmem.inference.stages import EncodeKey, EncodeValue, Reinforce, Segment, Step, run_steps
from xmem.memory.bank import MemoryBank
from xmem.network.network import STRIDE, XMem


class Tracker:
    """Segments the objects of one video, given their masks where they first appear.

    Args:
        network: in eval mode, on the device on which the frames are given.
        config: what is remembered, and how often.
        video_length: frames that will be stepped, if known. It decides whether long-term usage is counted, and the
            step that reaches it is the last.

    Raises:
        ValueError: the network is in training mode, or `video_length` is below 1.
    """

    def __init__(self, network: XMem, config: MemoryConfig, *, video_length: int | None = None) -> None:
        if network.training:
            raise ValueError("expected a network in eval mode, got one in training mode; call network.eval()")
        if video_length is not None and video_length < 1:
            raise ValueError(f"expected video_length >= 1, got {video_length}")
        self._network = network
        self._config = config
        self._video_length = video_length
        self._bank = MemoryBank(config, count_usage=config.counts_usage(video_length), search=network.search)
        self._clock = first_frame(config)
        self._labels: tuple[int, ...] = ()
        self._sensory: Tensor | None = None  # None before the first step
        self._image_size: tuple[int, int] | None = None  # None before the first step
        self._ended = False

    @property
    def labels(self) -> list[int]:
        """Original labels of the objects known so far, in the order of their channels; only ever growing."""
        return list(self._labels)

    @property
    def memory_size(self) -> tuple[int, int]:
        """Elements in working and in long-term memory."""
        return self._bank.size

    def step(
        self,
        image: Float[Tensor, "3 height width"],
        prompt: Integer[Tensor, "height width"] | Integer[np.ndarray, "height width"] | None = None,
        last: bool = False,  # noqa: FBT001, FBT002 - positional in the published contract
    ) -> Float32[Tensor, "channels height width"]:
        """Segment the next frame.

        Args:
            image: normalised (`xmem.normalise`).
            prompt: labels of objects in this frame, 0 = unknown; new labels introduce objects. A known label given
                again replaces what was predicted of that object.
            last: no frame follows, so nothing is memorised. Also derived from `video_length`.

        Returns:
            Probabilities of the background and of each of `labels`: one channel each, which sum to one at every pixel.

        Raises:
            ValueError: image or prompt have another shape than expected, a label is outside 0..255, no object was
                ever given, or the last frame has been stepped. The tracker is then as it was before.
        """
        (probabilities,) = run_steps(self._network, [self.begin_step(image, prompt, last)])
        return probabilities

    def begin_step(
        self,
        image: Float[Tensor, "3 height width"],
        prompt: Integer[Tensor, "height width"] | Integer[np.ndarray, "height width"] | None = None,
        last: bool = False,  # noqa: FBT001, FBT002 - as `step`
    ) -> Step:
        """As `step`, but not run yet: `run_steps` runs those of several trackers of one network together.

        Nothing changes, and nothing is raised, before it is run.
        """
        given = self._validate(image, prompt)
        last = last or self._clock.frame + 1 == self._video_length
        todo = plan(
            self._clock,
            self._config,
            prompted=given is not None,
            covered=given is not None and given.covers_all,
            last=last,
        )
        padding = padding_to_multiple(*image.shape[-2:], of=STRIDE)
        padded = padding.pad(image)[None]
        encoded = yield EncodeKey(image=padded)
        sensory = self._network.blank_sensory(0, like=encoded) if self._sensory is None else self._sensory

        predicted = torch.zeros(1, *padded.shape[-2:], device=image.device)  # no object, where none is to be segmented
        if todo.segment:
            readout = self._bank.read(encoded.key, encoded.selection)
            logits, sensory = yield Segment(
                encoded=encoded, readout=readout, sensory=sensory, update_sensory=todo.sensory_update
            )
            predicted = aggregate(torch.sigmoid(logits.float()))
        probabilities = predicted
        if given is not None:
            probabilities = _apply(given, padding.pad(given.one_hot), predicted=predicted)
            new = len(given.labels) - len(self._labels)
            sensory = torch.cat([sensory, self._network.blank_sensory(new, like=encoded)])
        if todo.memorise:
            value = yield EncodeValue(image=padded, f16=encoded.f16, masks=with_others(probabilities[1:]))
            self._bank.insert(encoded.key, encoded.shrinkage, encoded.selection, value)
            if todo.deep_update:
                sensory = yield Reinforce(value=value, sensory=sensory)

        self._sensory = sensory
        self._labels = self._labels if given is None else given.labels
        self._image_size = (image.shape[-2], image.shape[-1])
        self._clock = advance(self._clock, todo)
        self._ended = last
        return padding.unpad(probabilities)

    def _validate(self, image: Tensor, prompt: Tensor | np.ndarray | None) -> Prompt | None:
        if self._ended:
            raise ValueError(f"expected no frame after the last, got one after {self._clock.frame} frames")
        if image.ndim != 3 or image.shape[0] != 3 or not image.is_floating_point():
            raise ValueError(f"expected a float image (3, height, width), got {image.dtype} {tuple(image.shape)}")
        size = (image.shape[1], image.shape[2])
        if self._image_size not in (None, size):
            raise ValueError(f"expected an image of {self._image_size} like those before, got {size}")
        given = None
        if prompt is not None:
            given = read_prompt(_index_mask(prompt, size).to(image.device), known=self._labels)
        if not self._labels and (given is None or not given.labels):
            raise ValueError("expected a prompt that shows an object before anything can be tracked, got none")
        return given


def _index_mask(prompt: Tensor | np.ndarray, size: tuple[int, int]) -> Tensor:
    """The prompt as int64, whichever integers it came in. Arrays are copied: theirs may be read-only or flipped."""
    integer = prompt.dtype.kind in "iu" if isinstance(prompt, np.ndarray) else not torch.is_floating_point(prompt)
    if tuple(prompt.shape) != size or not integer:
        raise ValueError(f"expected an index mask of integers {size}, got {prompt.dtype} {tuple(prompt.shape)}")
    return torch.from_numpy(prompt.astype(np.int64)) if isinstance(prompt, np.ndarray) else prompt.to(torch.int64)


def _apply(given: Prompt, one_hot: Tensor, *, predicted: Tensor) -> Tensor:
    """The probabilities once the prompt has been taken in."""
    shown = torch.tensor(given.shown, device=one_hot.device, dtype=one_hot.dtype)
    return aggregate(impose(predicted[1:], one_hot, prompted=shown))
