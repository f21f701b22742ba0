from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.config import DatasetConfig, DoctorConfig, PathsConfig, VariantConfig, to_config
from benchmarks.inspection.remedies import acquisition, checkpoint_acquisition, restoration

Compose = Callable[..., Any]


@pytest.fixture
def dataset(compose: Compose) -> Callable[[str], DatasetConfig]:
    def dataset(name: str) -> DatasetConfig:
        config = to_config(compose("doctor", f"dataset={name}"), DoctorConfig).dataset
        assert config is not None
        return config

    return dataset


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("davis17_val", "python -m benchmarks.fetch dataset=davis17_val paths.data=DATA"),
        ("youtube19_val", "python -m benchmarks.fetch dataset=youtube19_val paths.data=DATA, which says how to get it"),
        ("long_video", "python -m benchmarks.fetch dataset=long_video paths.data=DATA, which says how to get it"),
        ("long_video_x3", "it is made of 1X: python -m benchmarks.fetch dataset=long_video paths.data=DATA, which"),
        ("demo", "the first run on it makes it"),
        ("folder", "put frames into JPEGImages/<video> and masks into Annotations/<video>, and name the folder of"),
    ],
)
def test_what_is_absent_is_had_by_a_command_that_gets_it_where_it_was_missed(
    dataset: Callable[[str], DatasetConfig], tmp_path: Path, name: str, remedy: str
) -> None:
    assert acquisition(dataset(name), tmp_path).startswith(remedy.replace("DATA", str(tmp_path)))


def test_3x_needs_nothing_where_1x_is_there(dataset: Callable[[str], DatasetConfig], tmp_path: Path) -> None:
    (tmp_path / "long_video_set/long_video").mkdir(parents=True)
    assert acquisition(dataset("long_video_x3"), tmp_path) == "the first run on it makes it of 1X"


@pytest.mark.parametrize(
    ("name", "full_resolution", "remedy"),
    [
        ("davis17_val", False, "remove what is wrong; FETCH dataset=davis17_val paths.data=DATA brings back"),
        ("davis17_val", True, "remove what is wrong; FETCH dataset=davis17_val paths.data=DATA full_resolution=true "),
        ("davis16_val", True, "remove what is wrong; FETCH dataset=davis16_val paths.data=DATA brings back"),
        ("youtube18_val", False, "unpack YouTubeVOS 2018 validation again"),
        ("long_video_x3", False, "remove DATA/long_video_set/long_video_x3; the next run makes it anew of 1X"),
        ("demo", False, "remove DATA/demo; the next run makes it anew"),
        ("folder", False, "restore or replace them"),
    ],
)
def test_what_is_missing_or_wrong_comes_back_by_what_it_came_from(
    dataset: Callable[[str], DatasetConfig], name: str, *, full_resolution: bool, remedy: str
) -> None:
    expected = remedy.replace("FETCH", "python -m benchmarks.fetch").replace("DATA", "data")
    assert restoration(dataset(name), Path("data"), full_resolution=full_resolution).startswith(expected)


def test_a_checkpoint_is_fetched_made_restored_or_ones_own(compose: Compose) -> None:
    paths = PathsConfig(weights="elsewhere")
    trained: VariantConfig = to_config(compose("run", "variant=xmem", "dataset=folder").variant, VariantConfig)
    fetch = "python -m benchmarks.fetch variant=xmem paths.weights=elsewhere"
    assert checkpoint_acquisition(trained, paths) == fetch
    assert checkpoint_acquisition(replace(trained, source=None), paths) == "put it there"
    drawn = replace(trained, source=None, released=(), untrained={"key_dim": 8})
    assert checkpoint_acquisition(drawn, paths) == "the first run makes it"
    tiny: VariantConfig = to_config(compose("run", "variant=xmem_tiny").variant, VariantConfig)
    assert checkpoint_acquisition(tiny, paths) == "restore the file with git, or clone the repository again"
