from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.ensemble import Prediction
from benchmarks.errors import InputError
from benchmarks.probabilities import encode_prediction, read_prediction

VALUES = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6)),
    elements=st.floats(0, 1, width=32, allow_subnormal=True),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prediction = Prediction(labels=(7, 200), probabilities=torch.rand(3, 20, 30))
    path = tmp_path / "00000.zst"
    path.write_bytes(encode_prediction(prediction))
    return path


@given(VALUES)
def test_what_is_read_is_what_was_written_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray
) -> None:
    labels = tuple(range(9, 9 + len(values) - 1))
    path = tmp_path_factory.mktemp("maps") / "map.zst"
    path.write_bytes(encode_prediction(Prediction(labels=labels, probabilities=torch.from_numpy(values))))
    again = read_prediction(path)
    assert again.labels == labels
    assert again.probabilities.numpy().tobytes() == values.tobytes()


def test_saturated_probabilities_take_next_to_nothing() -> None:
    probabilities = torch.full((2, 480, 854), 1e-7)
    probabilities[0] = 1 - 1e-7
    assert len(encode_prediction(Prediction(labels=(1,), probabilities=probabilities))) < 1000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/map.zst: expected a frame's probabilities, cannot read it"):
        read_prediction(tmp_path / "map.zst")


@pytest.mark.parametrize("kept", [0, 1, 10, 100, -1])
def test_a_truncated_file_is_named(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=f"^{path}: expected a frame's probabilities, found a damaged file"):
        read_prediction(path)


def stored(path: Path) -> dict[str, object]:
    return dict(msgspec.msgpack.decode(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        {"labels": [7]},
        {"shape": [3, 20, 31]},
        {"shape": [3, -20, -30]},
        {"shape": [3, 20]},
        {"planes": b""},
        {"planes": zstandard.compress(b"\0" * 10**9)},
        {"planes": b"\0" * 7200},
    ],
    ids=lambda change: f"{change}"[:40],
)
def test_parts_that_do_not_fit_together_are_refused(path: Path, change: dict[str, object]) -> None:
    content = stored(path) | change
    path.write_bytes(msgspec.msgpack.encode(content))
    with pytest.raises(InputError, match=f"^{path}: .* found a damaged file .*; run the sequence again$"):
        read_prediction(path)
