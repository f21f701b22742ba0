"""The demo dataset, written once for all tests that read it."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from benchmarks.demo import write_demo

    root = tmp_path_factory.mktemp("demo") / "new" / "demo"
    write_demo(root)
    return root
