"""What a frame needs, decided before anything is computed."""

from dataclasses import dataclass

from xmem.config import MemoryConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where a video stands: frames stepped so far, and when memory last changed."""

    frame: int
    last_memory: int
    last_deep_update: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done with one frame.

    Args:
        segment: read memory and decode the objects known so far.
        memorise: insert the frame into working memory.
        deep_update: reinforce the sensory memory by the value that is inserted.
        sensory_update: advance the sensory memory in the decoder.
    """

    segment: bool
    memorise: bool
    deep_update: bool
    sensory_update: bool


def first_frame(config: MemoryConfig) -> Clock:
    """Before the first step, with a deep update due at once."""
    return Clock(frame=0, last_memory=0, last_deep_update=-(config.deep_update_every or 0))


def plan(clock: Clock, config: MemoryConfig, *, prompted: bool, covered: bool, last: bool) -> Plan:
    """Decide what the frame at `clock` needs.

    Args:
        clock: before this frame.
        config: the intervals.
        prompted: a mask comes with the frame.
        covered: that mask shows every object known, so that nothing is left to segment.
        last: no frame follows, so that nothing needs to be remembered.
    """
    synchronised = config.deep_update_every is None
    memorise = not last and (prompted or clock.frame - clock.last_memory >= config.memorise_every)
    due = config.deep_update_every is None or clock.frame - clock.last_deep_update >= config.deep_update_every
    deep_update = memorise and due
    return Plan(
        segment=clock.frame > 0 and not covered,
        memorise=memorise,
        deep_update=deep_update,
        sensory_update=not last and not (synchronised and deep_update),
    )


def advance(clock: Clock, done: Plan) -> Clock:
    """The clock after a frame for which `done` was carried out."""
    return Clock(
        frame=clock.frame + 1,
        last_memory=clock.frame if done.memorise else clock.last_memory,
        last_deep_update=clock.frame if done.deep_update else clock.last_deep_update,
    )
