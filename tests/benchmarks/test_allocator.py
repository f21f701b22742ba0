import platform
import subprocess
import sys

import pytest

CODE = """
import resource
import torch
from benchmarks.allocator import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.empty(16_000_000).fill_(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults())
print(keep_freed_memory())
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_large_blocks_are_used_again_instead_of_asked_for_anew() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    before, told, after = done.stdout.split()
    assert told == "True"
    assert int(after) < int(before) / 10
