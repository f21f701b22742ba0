import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.background_writer import MAX_WAITING, BackgroundWriter
from benchmarks.errors import InputError
from benchmarks.masks import davis_palette, encode_mask, read_mask


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (48, 64), dtype=np.uint8)


def encoded(seed: int) -> Callable[[], bytes]:
    return partial(encode_mask, noise(seed), palette=davis_palette())


def writer_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("writer")]


def test_after_a_flush_every_mask_is_whole_under_its_name(tmp_path: Path) -> None:
    count = 3 * MAX_WAITING
    with BackgroundWriter() as writer:
        for index in range(count):
            writer.submit(tmp_path / f"{index:05d}.png", encoded(index))
        writer.flush()
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"{index:05d}.png" for index in range(count)]
        for index in range(count):
            path = tmp_path / f"{index:05d}.png"
            assert np.array_equal(read_mask(path), noise(index))
    assert writer_threads() == []


def test_a_mask_that_cannot_be_written_raises_on_flush_and_the_others_are_whole(tmp_path: Path) -> None:
    with BackgroundWriter() as writer:
        for index, folder in enumerate((tmp_path, tmp_path / "missing", tmp_path)):
            writer.submit(folder / f"{index}.png", encoded(index))
        with pytest.raises(InputError, match=f"^{tmp_path}/missing/1.png: cannot write there"):
            writer.flush()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "2.png"]
    assert np.array_equal(read_mask(tmp_path / "2.png"), noise(2))


def test_what_cannot_be_encoded_raises_on_flush(tmp_path: Path) -> None:
    def encode() -> bytes:
        raise KeyError("no such thing")

    with BackgroundWriter() as writer:
        writer.submit(tmp_path / "0.png", encode)
        with pytest.raises(KeyError, match="no such thing"):
            writer.flush()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_surfaces_without_waiting_for_the_end(tmp_path: Path) -> None:
    submitted = []

    def submit_many(writer: BackgroundWriter) -> None:
        for index in range(10 * MAX_WAITING):
            writer.submit(tmp_path / "missing" / "mask.png", encoded(0))
            submitted.append(index)

    with pytest.raises(InputError, match="cannot write there"), BackgroundWriter() as writer:
        submit_many(writer)
    assert len(submitted) == MAX_WAITING
    assert writer_threads() == []


def test_an_exception_of_the_caller_leaves_whole_masks_only(tmp_path: Path) -> None:
    def work(writer: BackgroundWriter) -> None:
        for index in range(MAX_WAITING):
            writer.submit(tmp_path / f"{index:05d}.png", encoded(index))
        raise KeyError

    with pytest.raises(KeyError), BackgroundWriter() as writer:
        work(writer)
    assert writer_threads() == []
    for path in tmp_path.iterdir():
        assert np.array_equal(read_mask(path), noise(int(path.stem)))
