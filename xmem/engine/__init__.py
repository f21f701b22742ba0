"""How the network is executed, never what it computes: modules of the same results in less time."""

from xmem.engine.rewriting import rewritten

__all__ = ["rewritten"]
