from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.acquisition import Means, acquire_variant, checkpoint_url
from benchmarks.acquisition.checksums import read_lock
from benchmarks.config import VariantConfig
from benchmarks.errors import InputError

FILES = ("a.pth", "b c.pth")
VARIANT = VariantConfig(name="xmem", checkpoints=FILES, source="https://a.example/v1.0/", released=FILES)


def test_a_checkpoint_is_below_its_source() -> None:
    assert checkpoint_url(VARIANT, "a.pth") == "https://a.example/v1.0/a.pth"
    assert checkpoint_url(VARIANT, "b c.pth") == "https://a.example/v1.0/b%20c.pth"


def test_a_variant_without_a_source_has_nothing_to_fetch() -> None:
    with pytest.raises(InputError, match=r"^variant=xmem: expected a released checkpoint, found"):
        checkpoint_url(replace(VARIANT, source=None), "a.pth")


def test_every_checkpoint_of_a_variant_is_fetched_once(server: Any, tmp_path: Path, means: Means) -> None:
    server.content = b"\x80\x02 weights"
    source = f"http://127.0.0.1:{server.port}/v1.0"
    for _ in range(2):
        acquire_variant(replace(VARIANT, source=source), weights=tmp_path / "weights", means=means)
    assert {path.name for path in (tmp_path / "weights").iterdir()} == {"a.pth", "b c.pth"}
    assert [path for path, _ in server.requests] == ["/v1.0/a.pth", "/v1.0/b%20c.pth"]
    assert list(read_lock(means.lock)) == [f"{source}/a.pth", f"{source}/b%20c.pth"]
