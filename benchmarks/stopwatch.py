"""Device time of each frame: what the published FPS are made of."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Stopwatch:
    """Times stretches of work on a device.

    On CUDA it records events, so that nothing waits for the device before `milliseconds` asks.
    """

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._seconds: list[float] = []
        self._events: list[tuple[torch.cuda.Event, torch.cuda.Event]] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time what happens inside as one stretch."""
        if self._cuda:
            start, end = _event(), _event()
            start.record()
            yield
            end.record()
            self._events.append((start, end))
        else:
            began = time.perf_counter()
            yield
            self._seconds.append(time.perf_counter() - began)

    def milliseconds(self) -> tuple[float, ...]:
        """The duration of each stretch, in order."""
        if self._cuda:
            torch.cuda.synchronize()
            return tuple(start.elapsed_time(end) for start, end in self._events)
        return tuple(1000 * seconds for seconds in self._seconds)


def _event() -> torch.cuda.Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
