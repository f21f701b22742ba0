"""What the C library does with memory that is free again."""

import ctypes

# Of glibc's mallopt(3).
TRIM_THRESHOLD, MMAP_MAX = -1, -4
KEPT = 2**31 - 1  # bytes that may be free at the end of the heap; the most that can be said


def keep_freed_memory() -> bool:
    """Keep large blocks for their next use, for the rest of the process.

    By default each block of 32 MB and more is asked of the system anew and given back when it is free, and the system
    fills its pages with zeros every time. A feature map of several objects is such a block: with five of them a step
    takes a tenth less time where they are kept (`docs/speed.md`).

    Returns:
        Whether the C library can be told so: glibc can.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(MMAP_MAX, 0)) and bool(mallopt(TRIM_THRESHOLD, KEPT))
