"""Where the weights are that come with the package; `xmem.tiny` loads them. Asking needs no torch."""

from pathlib import Path

WEIGHTS = Path(__file__).with_name("weights")
TINY = "xmem_tiny.safetensors"
