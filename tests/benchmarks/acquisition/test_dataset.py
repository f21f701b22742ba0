import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.acquisition import Means, acquire_dataset, manual_steps
from benchmarks.config import ArchiveConfig, CountsConfig, DatasetConfig, FetchConfig, to_config
from benchmarks.errors import InputError

Acquire = Callable[..., None]


@pytest.fixture
def config(compose: Callable[..., Any], server: Any) -> DatasetConfig:
    """DAVIS 2017 as two sequences of six frames, in two archives that the server has."""
    dataset = to_config(compose("fetch", "dataset=davis17_val"), FetchConfig).dataset
    assert dataset is not None
    archives = tuple(
        ArchiveConfig(
            url=server.url.replace("file.bin", f"{name}.zip"),
            root="DAVIS",
            target="DAVIS/2017/trainval",
            full_resolution=full,
        )
        for name, full in (("small", False), ("large", True))
    )
    return replace(dataset, archives=archives, counts=CountsConfig(sequences=2, frames=12))


@pytest.fixture
def data(davis_2017: Path, server: Any) -> Path:
    """Where the dataset belongs; what was there is in the archives now."""
    year = davis_2017 / "DAVIS/2017/trainval"
    archives = {
        f"/{name}.zip": zipped(year, scale) for name, scale in (("small", "480p"), ("large", "Full-Resolution"))
    }

    def serve(handler: Any) -> None:
        server.content = archives[handler.path]
        server.honest()(handler)

    server.scripted = [serve] * 9
    shutil.rmtree(davis_2017)
    return davis_2017


def zipped(year: Path, scale: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(year.rglob("*.*")):
            name = str(path.relative_to(year)).replace("480p", scale)
            archive.write(path, f"DAVIS/{name}")
    return stream.getvalue()


@pytest.fixture
def acquire(config: DatasetConfig, data: Path, means: Means) -> Acquire:
    def acquire(dataset: DatasetConfig = config, *, full_resolution: bool = False, keep: bool = False) -> None:
        acquire_dataset(dataset, data=data, full_resolution=full_resolution, keep=keep, means=means)

    return acquire


def test_a_dataset_is_fetched_and_unpacked_once(acquire: Acquire, server: Any, data: Path, said: io.StringIO) -> None:
    acquire()
    there = f"DAVIS 2017 validation: 2 sequences, 12 frames in {data}/DAVIS"
    assert said.getvalue().endswith(f"{data}/DAVIS/2017/trainval: unpacked from small.zip\n{there}\n")
    acquire()
    assert said.getvalue().endswith(f"{there}: nothing to fetch\n")
    assert [path for path, _ in server.requests] == ["/small.zip"]
    assert [path.name for path in data.iterdir()] == ["DAVIS"]


def test_full_resolution_is_fetched_beside_what_is_there(acquire: Acquire, server: Any, data: Path) -> None:
    acquire()
    acquire(full_resolution=True)
    acquire(full_resolution=True)
    assert [path for path, _ in server.requests] == ["/small.zip", "/large.zip"]
    scales = {path.name for path in (data / "DAVIS/2017/trainval/JPEGImages").iterdir()}
    assert scales == {"480p", "Full-Resolution"}


def test_what_is_missing_of_a_dataset_is_restored(acquire: Acquire, data: Path, server: Any) -> None:
    acquire()
    frame = data / "DAVIS/2017/trainval/JPEGImages/480p/dog/00005.jpg"
    mask = data / "DAVIS/2017/trainval/Annotations/480p/dog/00005.png"
    frame.unlink()
    mask.unlink()  # without it as well, only the count tells
    acquire()
    assert frame.exists()
    assert mask.exists()
    assert len(server.requests) == 2


def test_an_archive_that_does_not_hold_the_whole_dataset_is_no_success(acquire: Acquire, config: DatasetConfig) -> None:
    with pytest.raises(
        InputError,
        match=r"expected 30 sequences of DAVIS 2017 validation, found 2; .*benchmarks\.doctor dataset=davis17",
    ):
        acquire(replace(config, counts=CountsConfig(sequences=30)))


def test_full_resolution_is_refused_where_there_is_none(acquire: Acquire, config: DatasetConfig, server: Any) -> None:
    with pytest.raises(
        InputError, match=r"^full_resolution=true: expected a dataset with an archive for it, found none"
    ):
        acquire(replace(config, archives=config.archives[:1]), full_resolution=True)
    assert server.requests == []


def test_a_dataset_that_is_made_or_ones_own_has_nothing_to_fetch(acquire: Acquire, config: DatasetConfig) -> None:
    with pytest.raises(InputError, match=r"^dataset=davis17_val: expected a dataset that is fetched, found DAVIS"):
        acquire(replace(config, archives=()))


def test_what_a_person_has_to_do_is_told_in_steps_until_it_is_done(
    acquire: Acquire, config: DatasetConfig, data: Path, said: io.StringIO
) -> None:
    manual = replace(config, archives=(), manual=("Register.", "Unpack it below paths.data."))
    steps = (
        "1. Register.",
        f"2. Unpack it below {data}.",
        f"3. See whether all is there: python -m benchmarks.doctor dataset=davis17_val paths.data={data}",
    )
    assert manual_steps(manual, data) == steps
    with pytest.raises(InputError, match=f"^{data}/DAVIS/2017/trainval: .*, found none; do the steps above; the same"):
        acquire(manual)
    assert said.getvalue() == "\n".join(steps) + "\n"
    acquire(config)
    acquire(manual)
    assert said.getvalue().endswith("2 sequences, 12 frames in " + f"{data}/DAVIS: nothing to fetch\n")
    assert said.getvalue().count("1. Register.") == 1
