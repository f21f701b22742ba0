import subprocess
import sys

import pytest

import xmem


def test_public_names_are_these_and_all_can_be_had() -> None:
    assert xmem.__all__ == [
        "CheckpointError",
        "MemoryConfig",
        "ModelConfig",
        "Tracker",
        "XMem",
        "load_checkpoint",
        "load_tiny",
        "normalise",
        "run_steps",
    ]
    assert dir(xmem) == xmem.__all__
    for name in xmem.__all__:
        assert getattr(xmem, name).__name__ == name


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Tracke'"):
        _ = xmem.Tracke


def test_reading_the_configuration_does_not_import_torch() -> None:
    program = "import sys, xmem; xmem.MemoryConfig(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
