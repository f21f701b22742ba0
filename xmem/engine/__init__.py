"""How the network is executed, never what it computes: other modules with the same results, in less time."""

from xmem.engine.compiling import CompilerError
from xmem.engine.graphs import GraphedXMem
from xmem.engine.rewriting import rewrite

__all__ = ["CompilerError", "GraphedXMem", "rewrite"]
