"""The reference implementation's own outputs, within what fp32 arithmetic leaves open."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from xmem import ModelConfig, XMem, normalise
from xmem.inference.aggregation import aggregate, with_others
from xmem.memory.consolidation import Prototypes, potentiate
from xmem.memory.similarity import (
    memory_features,
    query_features,
    read_values,
    similarity,
    top_k_affinity,
    usage,
)
from xmem.network.network import EncodedImage

GOLDEN = Path(__file__).parents[1] / "golden"
SCENARIOS = sorted(path.stem for path in GOLDEN.glob("*.npz") if path.stem != "stages")


@pytest.mark.parametrize("name", SCENARIOS)
def test_tracker_gives_what_the_reference_gives(
    name: str, scenario: Callable, drawn_network: Callable, require_outputs_of_reference: Callable
) -> None:
    golden = scenario(name)
    require_outputs_of_reference(drawn_network(golden.model, golden.salt), golden)


def test_channels_last_computes_the_same(
    scenario: Callable, drawn_network: Callable, require_outputs_of_reference: Callable
) -> None:
    golden = scenario("basic")
    network = copy.deepcopy(drawn_network(golden.model, golden.salt)).to(memory_format=torch.channels_last)
    require_outputs_of_reference(network, golden)


def test_official_parameter_names_and_shapes_are_ours() -> None:
    official = json.loads((GOLDEN / "state_dict.json").read_text())
    with torch.device("meta"):
        ours = XMem(ModelConfig()).state_dict()
    assert {name: list(tensor.shape) for name, tensor in ours.items()} == {
        name: entry["shape"] for name, entry in official.items()
    }
    assert {str(tensor.dtype) for tensor in ours.values()} == {entry["dtype"] for entry in official.values()}


def test_published_sizes_have_the_published_number_of_parameters() -> None:
    with torch.device("meta"):
        full, without = XMem(ModelConfig()), XMem(ModelConfig(sensory_dim=0))
    assert sum(parameter.numel() for parameter in full.parameters()) == 62_185_224
    assert sum(parameter.numel() for parameter in without.parameters()) == 59_783_560
    assert len(full.state_dict()) == 412
    assert len(without.state_dict()) == 402


def test_drawn_weights_are_the_golden_ones(drawn_network: Callable) -> None:
    official = json.loads((GOLDEN / "state_dict.json").read_text())
    for name, tensor in drawn_network(ModelConfig()).state_dict().items():
        assert tensor.double().sum().item() == pytest.approx(official[name]["sum"], rel=1e-4, abs=1e-3), name


# Two frames and two objects, stage by stage: where a difference begins is where the fault is.


@pytest.fixture(scope="module")
def golden() -> dict[str, torch.Tensor]:
    with np.load(GOLDEN / "stages.npz") as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored.files if name != "weight_salt"}


@pytest.fixture(scope="module")
def network(drawn_network: Callable) -> XMem:
    return drawn_network(ModelConfig())


@pytest.fixture(scope="module")
def encoded(golden: dict[str, torch.Tensor], network: XMem) -> list[EncodedImage]:
    with torch.inference_mode():
        return [network.encode_key(normalise(frame)[None]) for frame in golden["frames"]]


def test_stage_key_encoding(golden: dict[str, torch.Tensor], encoded: list[EncodedImage]) -> None:
    first = encoded[0]
    for ours, theirs in (
        (first.key, "key0"),
        (first.shrinkage, "shrinkage0"),
        (first.selection, "selection0"),
        (first.f16[:, ::16], "f16_0"),
        (first.f8[:, ::16], "f8_0"),
        (first.f4[:, ::32], "f4_0"),
    ):
        torch.testing.assert_close(ours, golden[theirs], rtol=1e-4, atol=1e-4)


def test_stage_aggregation(golden: dict[str, torch.Tensor]) -> None:
    one_hot = torch.stack([golden["mask"] == label for label in (1, 2)]).float()
    torch.testing.assert_close(aggregate(one_hot), golden["aggregate0"], rtol=0, atol=1e-6)


def test_stage_value_encoding_and_deep_update(
    golden: dict[str, torch.Tensor], network: XMem, encoded: list[EncodedImage]
) -> None:
    with torch.inference_mode():
        image = normalise(golden["frames"][0])[None]
        value = network.encode_value(image, encoded[0].f16, with_others(golden["aggregate0"][1:]))
        sensory = network.reinforce(value, network.blank_sensory(2, like=encoded[0]))
    torch.testing.assert_close(value, golden["value0"][0], rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(sensory, golden["hidden_after_deep_update"][0], rtol=1e-4, atol=1e-4)


def test_stage_similarity_affinity_and_readout(golden: dict[str, torch.Tensor], encoded: list[EncodedImage]) -> None:
    rows = [_rows(getattr(encoded[0], part)) for part in ("key", "shrinkage")]
    memory = memory_features(rows[0], rows[1])
    query = query_features(_rows(encoded[1].key), _rows(encoded[1].selection))
    similarities = similarity(query, memory)
    torch.testing.assert_close(similarities.T, golden["similarity"][0], rtol=1e-4, atol=1e-3)

    affinity = top_k_affinity(similarities, k=10)
    dense = torch.zeros(24, 24).scatter_(1, affinity.elements, affinity.weights)
    torch.testing.assert_close(dense.T, golden["affinity_top10"][0], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(usage(affinity, elements=24), golden["usage_top10"][0], rtol=1e-3, atol=1e-3)

    values = golden["value0"][0].permute(2, 3, 0, 1).reshape(24, -1)
    readout = read_values(values, affinity).view(4, 6, 2, 512).permute(2, 3, 0, 1)
    torch.testing.assert_close(readout, golden["readout"][0], rtol=1e-3, atol=1e-3)


def test_stage_dense_affinity_of_consolidation(golden: dict[str, torch.Tensor], encoded: list[EncodedImage]) -> None:
    prototypes = Prototypes(
        chosen=torch.arange(24),
        queries=query_features(_rows(encoded[1].key), _rows(encoded[1].selection)),
        candidates=memory_features(_rows(encoded[0].key), _rows(encoded[0].shrinkage)),
    )
    weights = potentiate(prototypes, torch.eye(24))
    torch.testing.assert_close(weights.T, golden["affinity_dense"][0], rtol=1e-3, atol=1e-4)


def test_stage_decoding(golden: dict[str, torch.Tensor], network: XMem, encoded: list[EncodedImage]) -> None:
    with torch.inference_mode():
        logits, sensory = network.segment(
            encoded[1], golden["readout"][0], golden["hidden_after_deep_update"][0], update_sensory=True
        )
    torch.testing.assert_close(sensory, golden["hidden_after_update"][0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(aggregate(torch.sigmoid(logits)), golden["prob"][0], rtol=0, atol=1e-4)


def _rows(feature_map: torch.Tensor) -> torch.Tensor:
    return feature_map[0].flatten(1).T
