"""What a network is made of, and how a video is remembered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """Sizes of the network; the defaults are the published model. A checkpoint tells its own (`xmem.checkpoint`).

    Args:
        key_dim: channels of keys and queries, Ck.
        value_dim: channels of values, Cv.
        sensory_dim: channels of the sensory memory, Ch; 0 is the variant without sensory memory.
        key_width: channels of the first convolution of the key encoder; its features at strides 4, 8 and 16 have 4, 8
            and 16 times as many.
        key_blocks: bottleneck blocks in the three stages of the key encoder.
        value_width: channels of the first convolution of the value encoder; its features have 4 times as many.
        value_blocks: basic blocks in the three stages of the value encoder.
        decoder_dims: channels of the decoder at strides 16, 8 and 4.
        sensory_update_dim: channels in which the decoder's scales are summed before they update the sensory memory.
    """

    key_dim: int = 64
    value_dim: int = 512
    sensory_dim: int = 64
    key_width: int = 64
    key_blocks: tuple[int, int, int] = (3, 4, 6)
    value_width: int = 64
    value_blocks: tuple[int, int, int] = (2, 2, 2)
    decoder_dims: tuple[int, int, int] = (512, 256, 256)
    sensory_update_dim: int = 256

    def __post_init__(self) -> None:
        if self.sensory_dim < 0:
            raise ValueError(f"expected sensory_dim >= 0, got {self.sensory_dim}")
        sizes = (self.key_dim, self.value_dim, self.key_width, self.value_width, self.sensory_update_dim)
        if min(*sizes, *self.key_blocks, *self.value_blocks, *self.decoder_dims) < 1:
            raise ValueError(f"expected every width and block count to be at least 1, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryConfig:
    """When frames are remembered, and how much; the defaults are the paper's (sections 3.3 and 4).

    Args:
        memorise_every: frames between insertions into working memory, r.
        deep_update_every: frames between deep updates of the sensory memory; None ties them to the insertions.
        top_k: memory elements that each query reads, k.
        long_term: condense old working memory into prototypes; without it, working memory grows with the video.
        min_working_frames: frames that stay in working memory when it is condensed, T_min.
        max_working_frames: frames in working memory at which it is condensed, T_max.
        prototypes: elements that one condensation adds to long-term memory, P.
        max_long_term: elements that long-term memory may hold, LT_max.
        count_usage: count how much each long-term element is read, so that the least used are forgotten first;
            None decides by the length of the video: counted when it is long enough to fill long-term memory.
    """

    memorise_every: int = 5
    deep_update_every: int | None = None
    top_k: int = 30
    long_term: bool = True
    min_working_frames: int = 5
    max_working_frames: int = 10
    prototypes: int = 128
    max_long_term: int = 10000
    count_usage: bool | None = None

    def __post_init__(self) -> None:
        for name in ("memorise_every", "top_k", "min_working_frames", "prototypes"):
            if getattr(self, name) < 1:
                raise ValueError(f"expected memory.{name} >= 1, got {getattr(self, name)}")
        if self.deep_update_every is not None and self.deep_update_every < 1:
            raise ValueError(f"expected memory.deep_update_every >= 1 or none, got {self.deep_update_every}")
        if self.max_working_frames <= self.min_working_frames:
            raise ValueError(
                f"expected memory.max_working_frames > memory.min_working_frames = {self.min_working_frames}, "
                f"got {self.max_working_frames}"
            )
        if self.max_long_term < self.prototypes:
            raise ValueError(
                f"expected memory.max_long_term >= memory.prototypes = {self.prototypes}, got {self.max_long_term}"
            )

    def counts_usage(self, video_length: int | None) -> bool:
        """Whether long-term usage is counted: said outright, or because `video_length` frames overflow the memory."""
        if self.count_usage is not None:
            return self.count_usage
        if not self.long_term or video_length is None:
            return False
        condensations = video_length / (self.max_working_frames - self.min_working_frames)
        return condensations * self.prototypes >= self.max_long_term
