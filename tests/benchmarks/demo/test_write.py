import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.demo import CLIPS, scene, write, write_demo
from benchmarks.masks import davis_palette, read_palette


@pytest.fixture
def short_clips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    clips = tuple(replace(clip, frames=2, things=clip.things[:1]) for clip in CLIPS[:2])
    monkeypatch.setattr(write, "CLIPS", clips)
    monkeypatch.setattr(scene, "BACKDROP_SIDE", 64)
    return [clip.name for clip in clips]


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.usefixtures("short_clips")
def test_written_twice_the_bytes_are_the_same(tmp_path: Path) -> None:
    write_demo(tmp_path / "one")
    write_demo(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two") != {}


def test_each_clip_is_announced_before_it_is_drawn(tmp_path: Path, short_clips: list[str]) -> None:
    told: list[str] = []
    write_demo(tmp_path / "demo", on_clip=told.append)
    assert told == short_clips


@pytest.mark.usefixtures("short_clips")
@pytest.mark.parametrize("interruption", [RuntimeError, KeyboardInterrupt])
def test_an_interruption_leaves_nothing_and_the_next_call_starts_over(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    def interrupt(name: str) -> None:
        assert not (tmp_path / "demo").exists()
        if name == CLIPS[1].name:
            raise interruption

    with pytest.raises(interruption):
        write_demo(tmp_path / "demo", on_clip=interrupt)
    assert list(tmp_path.iterdir()) == []
    write_demo(tmp_path / "demo")
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert len(contents(tmp_path / "demo")) == 8


def test_a_folder_that_exists_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"expected no such folder yet"):
        write_demo(tmp_path)
    assert contents(tmp_path) == {"note.txt": b"mine"}


@pytest.mark.usefixtures("short_clips")
def test_a_folder_made_meanwhile_is_refused_untouched(tmp_path: Path) -> None:
    def settle(_: str) -> None:
        (tmp_path / "demo").mkdir(exist_ok=True)
        (tmp_path / "demo" / "note.txt").write_text("mine")

    with pytest.raises(ValueError, match=r"expected no such folder yet"):
        write_demo(tmp_path / "demo", on_clip=settle)
    assert contents(tmp_path) == {"demo/note.txt": b"mine"}


@pytest.mark.usefixtures("short_clips")
def test_the_folder_is_as_open_to_others_as_any_new_folder(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_demo(tmp_path / "demo")
    assert os.stat(tmp_path / "demo").st_mode == os.stat(tmp_path / "plain").st_mode  # noqa: PTH116


def test_masks_carry_the_davis_palette(demo: Path) -> None:
    assert read_palette(demo / "Annotations" / CLIPS[0].name / "00000.png") == davis_palette()
