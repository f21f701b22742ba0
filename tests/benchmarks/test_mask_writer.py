import threading
from pathlib import Path

import numpy as np
import pytest

from benchmarks.errors import InputError
from benchmarks.mask_writer import MAX_WAITING, MaskWriter
from benchmarks.masks import davis_palette, read_mask, read_palette

PALETTE = davis_palette()


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (48, 64), dtype=np.uint8)


def writer_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("mask-writer")]


def test_after_a_flush_every_mask_is_whole_under_its_name(tmp_path: Path) -> None:
    count = 3 * MAX_WAITING
    with MaskWriter() as writer:
        for index in range(count):
            writer.submit(tmp_path / f"{index:05d}.png", noise(index), palette=PALETTE)
        writer.flush()
        assert sorted(path.name for path in tmp_path.iterdir()) == [f"{index:05d}.png" for index in range(count)]
        for index in range(count):
            path = tmp_path / f"{index:05d}.png"
            assert np.array_equal(read_mask(path), noise(index))
            assert read_palette(path) == PALETTE
    assert writer_threads() == []


def test_a_mask_that_cannot_be_written_raises_on_flush_and_the_others_are_whole(tmp_path: Path) -> None:
    with MaskWriter() as writer:
        for index, folder in enumerate((tmp_path, tmp_path / "missing", tmp_path)):
            writer.submit(folder / f"{index}.png", noise(index), palette=PALETTE)
        with pytest.raises(InputError, match=f"^{tmp_path}/missing/1.png: cannot write there"):
            writer.flush()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "2.png"]
    assert np.array_equal(read_mask(tmp_path / "2.png"), noise(2))


def test_a_failure_surfaces_without_waiting_for_the_end(tmp_path: Path) -> None:
    submitted = []

    def submit_many(writer: MaskWriter) -> None:
        for index in range(10 * MAX_WAITING):
            writer.submit(tmp_path / "missing" / "mask.png", noise(0), palette=PALETTE)
            submitted.append(index)

    with pytest.raises(InputError, match="cannot write there"), MaskWriter() as writer:
        submit_many(writer)
    assert len(submitted) == MAX_WAITING
    assert writer_threads() == []


def test_an_exception_of_the_caller_leaves_whole_masks_only(tmp_path: Path) -> None:
    def work(writer: MaskWriter) -> None:
        for index in range(MAX_WAITING):
            writer.submit(tmp_path / f"{index:05d}.png", noise(index), palette=PALETTE)
        raise KeyError

    with pytest.raises(KeyError), MaskWriter() as writer:
        work(writer)
    assert writer_threads() == []
    for path in tmp_path.iterdir():
        assert np.array_equal(read_mask(path), noise(int(path.stem)))
