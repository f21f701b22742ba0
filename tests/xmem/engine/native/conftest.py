"""Everything here is compiled, for several processors."""

import platform
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from xmem.engine.native.library import PROCESSOR, load_library

# Compiler's flag to a feature without which the processor cannot run what is made; in order of their vectors' width.
PROCESSORS = {PROCESSOR: None, "-march=x86-64": None, "-march=x86-64-v3": "avx2", "-march=x86-64-v4": "avx512bw"}


@pytest.fixture(autouse=True)
def compiler() -> None:
    if shutil.which("g++") is None:
        pytest.skip("there is no C++ compiler")


@pytest.fixture(params=PROCESSORS)
def every_processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested is compiled for this one, and others that this one can be."""
    processor: str = request.param
    if processor != PROCESSOR and platform.machine() != "x86_64":
        pytest.skip("this is another kind of processor")
    feature = PROCESSORS[processor]
    if feature is not None and feature not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        pytest.skip(f"this processor lacks {feature}")
    load: Callable = load_library
    for module in ("convolution", "selection"):
        monkeypatch.setattr(f"xmem.engine.native.{module}.load_library", lambda: load(processor))
