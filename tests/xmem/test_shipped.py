"""The network that comes with the package. Its own file is not looked at here: these tests put one in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xmem import CheckpointError, ModelConfig, XMem, load_tiny, shipped
from xmem.checkpoint import half_precision_bytes


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder in the place of the package's."""
    monkeypatch.setattr(shipped, "WEIGHTS", tmp_path)
    return tmp_path


def test_the_folder_of_weights_is_in_the_package() -> None:
    assert Path(shipped.__file__).parent / "weights" == shipped.WEIGHTS


def test_the_small_network_is_loaded_without_a_path(weights: Path, small_network: XMem) -> None:
    (weights / "xmem_tiny.safetensors").write_bytes(half_precision_bytes(small_network.state_dict(), {}))
    network = load_tiny()
    assert network.config == small_network.config
    assert not network.training


def test_a_package_without_its_weights_says_so(weights: Path) -> None:
    message = f"^{weights}/xmem_tiny.safetensors: expected the weights that come with this package, found no such file;"
    with pytest.raises(CheckpointError, match=message):
        load_tiny()


def test_damaged_weights_of_the_package_are_refused(weights: Path, drawn_network: Callable[..., XMem]) -> None:
    state = drawn_network(ModelConfig(key_dim=8, value_dim=16, key_width=4, value_width=4)).state_dict()
    (weights / "xmem_tiny.safetensors").write_bytes(half_precision_bytes(state, {})[:-1])
    with pytest.raises(CheckpointError, match="found a damaged file"):
        load_tiny()
