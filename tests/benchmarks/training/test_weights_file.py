"""What training leaves is what is shipped."""

from functools import partial
from pathlib import Path

import pytest
import torch

from benchmarks.training.config import TrainingConfig
from benchmarks.training.network import initial_network
from benchmarks.training.weights_file import write_weights
from reports.card.weights import describe_weights
from xmem import load_checkpoint


def test_weights_come_back_as_half_precision_holds_them(
    small_training: partial[TrainingConfig], tmp_path: Path
) -> None:
    network = initial_network(small_training().model, seed=1)
    path = tmp_path / "best.safetensors"
    write_weights(path, network, made_by={"iteration": "7", "held_out_j_and_f": "0.25"})
    loaded = load_checkpoint(path)
    assert loaded.config == network.config
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor, rtol=1e-3, atol=1e-4)
    assert (describe_weights(path).iteration, describe_weights(path).held_out) == (7, 0.25)


def test_a_weight_beyond_half_precision_is_named(small_training: partial[TrainingConfig], tmp_path: Path) -> None:
    network = initial_network(small_training().model, seed=1)
    with torch.no_grad():
        network.decoder.pred.weight[0, 0, 0, 0] = 1e6
    with pytest.raises(ValueError, match=r"decoder\.pred\.weight"):
        write_weights(tmp_path / "best.safetensors", network, made_by={})
