"""What all tests share: shapes are checked as they run, and slow machines are no failure."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from jaxtyping import config, install_import_hook

# Before torch is imported: tests run side by side, and threads that wait for each other take ten times as long.
os.environ["OMP_NUM_THREADS"] = "1"

# Before any test module imports them. Only tests pay for the checks.
install_import_hook(["xmem", "benchmarks", "evaluators", "reports"], "beartype.beartype")

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder that holds real DAVIS frames; tests that use it carry the marker `data`."""
    root = Path(os.environ.get("DAVIS_ROOT", ROOT.parent / "shared" / "data"))
    if not (root / "DAVIS").is_dir():
        pytest.skip(f"no DAVIS below {root}; set DAVIS_ROOT")
    return root


@pytest.fixture
def without_shape_checks() -> Iterator[None]:
    """For tests of our own error messages, which the shape checks would pre-empt."""
    before = config.jaxtyping_disable
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", before)
