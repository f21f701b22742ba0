"""What a file of weights tells of itself."""

import hashlib
import json
from pathlib import Path

import pytest

from reports.card.record import CardError
from reports.card.weights import describe_weights

HEADER = {"conv.weight": {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12]}}


def content(header: object, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def test_name_hash_and_size_are_those_of_the_file_and_statistics_are_no_parameters(weights: Path) -> None:
    record = describe_weights(weights)
    assert (record.file, record.variant, record.parameters) == ("xmem_tiny.safetensors", "xmem_tiny", 6)
    assert record.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert record.bytes == weights.stat().st_size


def test_the_file_tells_for_which_score_its_weights_were_kept(weights: Path) -> None:
    record = describe_weights(weights)
    assert (record.iteration, record.held_out) == (300, 0.75)


@pytest.mark.parametrize("origin", [None, {}, {"iteration": "10"}, {"iteration": "x", "held_out_j_and_f": "0.5"}])
def test_weights_that_say_nothing_of_their_training_are_refused(origin: object, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content(HEADER if origin is None else HEADER | {"__metadata__": origin}, bytes(12)))
    with pytest.raises(
        CardError, match=r"x\.safetensors: expected weights that tell the iteration .* `make train-tiny`"
    ):
        describe_weights(path)


def test_weights_that_are_not_there_are_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"x\.safetensors: expected the weights .*No such file.*; name them with --we"):
        describe_weights(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"PK",
        content(HEADER, bytes(11)),
        content(HEADER, bytes(13)),
        content([], bytes(12)),
        content({"a": 1}, b""),
        content({"a": {"shape": [1], "data_offsets": []}}, b""),
        content({"a": {"data_offsets": [0, 0]}}, b""),
        (2**63).to_bytes(8, "little") + b"{}",
    ],
)
def test_a_file_that_is_not_whole_or_of_another_kind_is_refused(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(broken)
    with pytest.raises(CardError, match=r"x\.safetensors: expected weights as safetensors, found a damaged or foreign"):
        describe_weights(path)
