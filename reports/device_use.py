"""How a device was used while a sequence ran: by this run, by others, and whether it was held back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuUse:
    """What the driver says of a GPU; None is what it does not tell.

    Args:
        processes: that computed on it beside this one, at most.
        slowdowns: the reasons for which it was slowed down.
    """

    processes: int | None
    slowdowns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceUse:
    """What the system says of a stretch of time; the verdict on it is that of `reports.validity`.

    Args:
        seconds: that passed.
        cpu_seconds: that the CPUs which this process may use could give in that time.
        others_seconds: of these, what processes took that are neither this one nor started by it; None where the system
            does not tell.
        stolen_seconds: of these, what the host of a virtual machine gave to others.
        held_back_seconds: that tasks of this process's control group waited for its quota of CPU time.
        overheated: how often a CPU was slowed down for its heat.
        gpu: that computed; None on the CPU.
    """

    seconds: float
    cpu_seconds: float
    others_seconds: float | None
    stolen_seconds: float
    held_back_seconds: float
    overheated: int
    gpu: GpuUse | None = None
