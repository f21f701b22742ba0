from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.config import CountsConfig, DatasetConfig, SubmitConfig, to_config
from benchmarks.datasets import Dataset, Sequence
from benchmarks.errors import InputError
from benchmarks.submission.completeness import require_complete


@pytest.fixture
def config(compose: Callable[..., Any]) -> DatasetConfig:
    found = to_config(compose("submit", "dataset=davis17_test_dev"), SubmitConfig).dataset
    assert found is not None
    return found


def dataset(*lengths: int, available: int | None = None) -> Dataset:
    """Sequences of so many frames."""
    sequences = tuple(
        Sequence(name=f"s{index}", frames=tuple(Path(f"{frame}.jpg") for frame in range(length)), prompts={}, truth={})
        for index, length in enumerate(lengths)
    )
    return Dataset(name="some", sequences=sequences, available=len(sequences) if available is None else available)


@pytest.mark.parametrize(
    ("counts", "opened"),
    [
        (CountsConfig(sequences=2, frames=5), dataset(2, 3)),
        (CountsConfig(sequences=2), dataset(2, 3)),
        (CountsConfig(frames=5), dataset(2, 3)),
        (CountsConfig(), dataset(1)),
        (CountsConfig(sequences=1, frames=1, objects=9), dataset(1)),
    ],
)
def test_what_is_known_of_a_complete_copy_suffices(
    config: DatasetConfig, counts: CountsConfig, opened: Dataset
) -> None:
    require_complete(opened, replace(config, counts=counts), data=Path("data"))


@pytest.mark.parametrize(
    ("counts", "opened", "said"),
    [
        (CountsConfig(sequences=3, frames=5), dataset(2, 3), "3 sequences of 5 frames, found 2 sequences of 5 frames"),
        (CountsConfig(sequences=1), dataset(2, 3), "1 sequence, found 2 sequences of 5 frames"),
        (CountsConfig(sequences=2, frames=6), dataset(2, 3), "2 sequences of 6 frames, found 2 sequences of 5 frames"),
        (CountsConfig(frames=4), dataset(2, 3), "2 sequences of 4 frames, found 2 sequences of 5 frames"),
        (CountsConfig(), dataset(2, 3, available=4), "4 sequences, found 2 sequences of 5 frames"),
    ],
)
def test_what_is_missing_or_too_much_is_said_in_one_line(
    config: DatasetConfig, counts: CountsConfig, opened: Dataset, said: str
) -> None:
    with pytest.raises(InputError, match=rf"^data/DAVIS: expected all of DAVIS 2017 test-dev, {said}; python -m "):
        require_complete(opened, replace(config, counts=counts), data=Path("data"))
