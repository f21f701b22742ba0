"""Sequences that are segmented together, as one batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import session
from benchmarks.config import PassConfig, PrecisionConfig
from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from benchmarks.masks import read_mask
from benchmarks.progress import RunProgress
from benchmarks.runner import Pass, Video, run_sequences
from benchmarks.stopwatch import Stopwatch
from reports.records import SequenceRecord
from xmem import MemoryConfig, XMem

Make = Callable[..., Sequence]
Run = Callable[..., list[SequenceRecord]]


@pytest.fixture
def make(tmp_path: Path, write_video: Callable[..., None]) -> Make:
    def make(name: str, *, frames: int, first: int = 0, size: tuple[int, int] = (48, 64)) -> Sequence:
        """A video of which a prompt comes with frame `first`."""
        write_video(tmp_path / name / "frames", tmp_path / name / "masks", frames=frames, labels=(7, 200), size=size)
        prompt = f"{first:05d}"
        return Sequence(
            name=name,
            frames=tuple(sorted((tmp_path / name / "frames").iterdir())),
            prompts={prompt: tmp_path / name / f"masks/{prompt}.png"},
            truth={},
        )

    return make


@pytest.fixture
def run(tiny_network: XMem, quiet: RunProgress, tmp_path: Path) -> Run:
    torch.set_num_threads(1)

    def run(
        *sequences: Sequence, passes: tuple[PassConfig, ...] = (PassConfig(size=None),), masks: str = "out"
    ) -> list[SequenceRecord]:
        return run_sequences(
            [
                Video(
                    passes=[Pass(sequence=sequence, config=one) for one in passes],
                    masks=tmp_path / masks / sequence.name,
                )
                for sequence in sequences
            ],
            tiny_network,
            memory=MemoryConfig(memorise_every=2, top_k=10),
            precision=PrecisionConfig(name="fp32"),
            seed=0,
            together=3,
            progress=quiet,
        )

    return run


def masks_in(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: read_mask(path) for path in sorted(folder.iterdir())}


@pytest.mark.parametrize(
    "passes",
    [
        (PassConfig(size=None),),
        (PassConfig(size=None), PassConfig(size=None, flip=True)),
        (PassConfig(size=None), PassConfig(size=32)),
    ],
    ids=["one pass", "two of a size", "two sizes"],
)
def test_each_has_the_masks_and_records_that_it_has_alone(
    make: Make, run: Run, tmp_path: Path, passes: tuple[PassConfig, ...]
) -> None:
    videos = [make("a", frames=7), make("b", frames=5, first=2), make("c", frames=6, size=(64, 48))]
    together = run(*videos, passes=passes)
    alone = [run(video, passes=passes, masks="alone")[0] for video in videos]
    for video, one, other in zip(videos, together, alone, strict=True):
        for part in ("name", "frames", "skipped", "labels", "memory", "together", "seed"):
            assert getattr(one, part) == getattr(other, part)
        assert len(one.milliseconds) == len(other.milliseconds)
        expected = masks_in(tmp_path / "alone" / video.name)
        found = masks_in(tmp_path / "out" / video.name)
        assert found.keys() == expected.keys()
        assert np.mean([found[name] == expected[name] for name in expected]) > 0.999
        assert any(mask.any() for mask in found.values())


def test_a_frame_has_its_share_of_the_step_and_a_sequence_of_the_wall_clock(
    make: Make, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Watch(Stopwatch):
        """Every step takes 60 ms."""

        @contextmanager
        def running(self) -> Iterator[None]:
            yield
            self._seconds.append(0.06)

    monkeypatch.setattr(session, "Stopwatch", Watch)
    # The first is stepped from its first frame on, the second joins it in the third.
    first, second = run(make("a", frames=5), make("b", frames=4, first=2))
    assert first.milliseconds == pytest.approx((60, 60, 30, 30, 60))
    assert second.milliseconds == pytest.approx((30, 30))
    assert second.skipped == 2
    assert first.wall_seconds is not None
    assert second.wall_seconds is not None
    assert first.wall_seconds / second.wall_seconds == pytest.approx(5 / 4)


def test_an_engine_makes_ready_whenever_other_videos_or_objects_are_stepped(
    make: Make, run: Run, tiny_network: XMem, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[object] = []

    class Watch(Stopwatch):
        @contextmanager
        def running(self) -> Iterator[None]:
            events.append("step")
            with super().running():
                yield

    def prepare(height: int, width: int, *, objects: int, images: int | None) -> None:
        events.append((height, width, objects, images))

    monkeypatch.setattr(tiny_network, "prepare", prepare)
    monkeypatch.setattr(session, "Stopwatch", Watch)
    run(make("a", frames=4), make("b", frames=2), make("c", frames=3, size=(64, 48)))
    assert events == [
        (48, 64, 4, 2),
        (64, 48, 2, 1),
        "step",
        "step",
        (48, 64, 2, 1),
        "step",
        (48, 64, 2, None),
        "step",
    ]


def test_a_frame_that_is_damaged_is_told_with_its_file(make: Make, run: Run) -> None:
    videos = [make("a", frames=4), make("b", frames=4)]
    broken = videos[1].frames[2]
    broken.write_bytes(broken.read_bytes()[:100])
    with pytest.raises(InputError, match=f"^{broken}: "):
        run(*videos)


def test_no_video_is_read_far_ahead_of_the_others(make: Make, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(sequence: Sequence, **settings: object) -> Iterator[object]:
        for frame in read_frames(sequence, **settings):  # type: ignore[arg-type]
            read.append(sequence.name)
            yield frame

    monkeypatch.setattr("benchmarks.runner.read_frames", noted)
    run(make("a", frames=20), make("b", frames=20))
    assert "b" in read[:16]


def test_a_single_video_of_a_wave_is_still_of_the_runs_contract(make: Make, run: Run) -> None:
    (record,) = run(make("a", frames=2))
    assert record.together == 3
