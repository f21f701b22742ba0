"""What a CPU computes in C++, compiled for it by the process that needs it."""

from xmem.engine.native.convolution import NativeConv2d, convolve, is_native
from xmem.engine.native.selection import select_top_k

__all__ = ["NativeConv2d", "convolve", "is_native", "select_top_k"]
