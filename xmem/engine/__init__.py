"""How the network is executed, never what it computes: other modules with the same results, in less time."""

from xmem.engine.rewriting import rewrite
from xmem.engine.winograd import CompilerError

__all__ = ["CompilerError", "rewrite"]
