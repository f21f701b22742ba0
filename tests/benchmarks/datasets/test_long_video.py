import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.datasets.long_video import forward_backward_forward
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from evaluators import ScoringProtocol


def config(layout: Layout) -> DatasetConfig:
    return DatasetConfig(
        name=layout.value,
        title="Long-Time Video",
        layout=layout,
        root="long_video_set",
        scoring=ScoringProtocol.DAVIS_2017,
        source="https://example.org/long",
    )


def opened(data: Path, layout: Layout = Layout.LONG_VIDEO, **settings: Any) -> Dataset:
    return open_dataset(config(layout), data=data, size=None, **settings)


def test_every_frame_is_run_and_the_annotated_ones_are_written_and_scored(long_video: Path) -> None:
    (sequence,) = opened(long_video).sequences
    assert len(sequence.frames) == 12
    assert sequence.written_frames == tuple(sequence.truth) == ("00000", "00004", "00008", "00011")


def test_only_the_first_mask_is_a_prompt(long_video: Path) -> None:
    (sequence,) = opened(long_video).sequences
    assert list(sequence.prompts) == ["00000"]
    for name, path in sequence.truth.items():
        if name != "00000":
            path.write_bytes(b"whoever opens this fails")
    prompts = [frame.prompt is not None for frame in read_frames(sequence, size=None)]
    assert prompts == [True] + [False] * 11


@given(st.integers(1, 40))
def test_three_times_is_forward_backward_and_forward_with_turning_points_once(length: int) -> None:
    order = list(forward_backward_forward(length))
    assert order[:length] == list(range(length))
    assert order[length - 1 : 2 * length - 1] == list(range(length))[::-1]
    assert order[2 * length - 2 :] == list(range(length))
    assert len(order) == max(1, 3 * length - 2) <= 3 * length
    assert all(abs(one - next_) == 1 for one, next_ in itertools.pairwise(order))


def test_three_times_is_made_from_once_when_missing(long_video: Path) -> None:
    (once,) = opened(long_video).sequences
    (thrice,) = opened(long_video, Layout.LONG_VIDEO_X3).sequences
    assert [path.name for path in thrice.frames] == [f"{index:05d}.jpg" for index in range(34)]
    order = list(forward_backward_forward(12))
    for position, path in enumerate(thrice.frames):
        assert path.read_bytes() == once.frames[order[position]].read_bytes()
    annotated = [position for position, index in enumerate(order) if f"{index:05d}" in once.truth]
    assert list(thrice.truth) == [f"{position:05d}" for position in annotated]
    for name, path in thrice.truth.items():
        assert path.read_bytes() == once.truth[f"{order[int(name)]:05d}"].read_bytes()


def test_three_times_that_is_there_already_is_taken_as_it_is(
    long_video: Path, write_video: Callable[..., None]
) -> None:
    folder = long_video / "long_video_set/long_video_x3"
    write_video(folder / "JPEGImages/rat", folder / "Annotations/rat", frames=34)
    (sequence,) = opened(long_video, Layout.LONG_VIDEO_X3).sequences
    assert [path.parent.parent.parent for path in sequence.frames] == [folder] * 34


def test_three_times_can_be_made_of_linked_files(long_video: Path) -> None:
    frame = long_video / "long_video_set/long_video/JPEGImages/rat/00003.jpg"
    elsewhere = frame.rename(long_video / "elsewhere.jpg")
    frame.symlink_to("../../../../elsewhere.jpg")
    (thrice,) = opened(long_video, Layout.LONG_VIDEO_X3).sequences
    assert thrice.frames[3].read_bytes() == elsewhere.read_bytes()


def test_three_times_is_not_made_again(long_video: Path) -> None:
    opened(long_video, Layout.LONG_VIDEO_X3)
    shutil.rmtree(long_video / "long_video_set/long_video")
    assert len(opened(long_video, Layout.LONG_VIDEO_X3).sequences[0].frames) == 34


def test_a_failure_leaves_no_half_made_three_times(long_video: Path) -> None:
    root = long_video / "long_video_set"
    gone = root / "long_video/JPEGImages/rat/00007.jpg"
    content = gone.read_bytes()
    gone.unlink()
    gone.symlink_to("nowhere")
    with pytest.raises(InputError, match=r"00007\.jpg: cannot copy .* there: No such file"):
        opened(long_video, Layout.LONG_VIDEO_X3)
    assert [path.name for path in root.iterdir()] == ["long_video"]
    gone.unlink()
    gone.write_bytes(content)
    assert len(opened(long_video, Layout.LONG_VIDEO_X3).sequences[0].frames) == 34


def test_a_video_whose_first_frame_has_no_mask_is_named(long_video: Path) -> None:
    folder = long_video / "long_video_set/long_video/Annotations/rat"
    (folder / "00000.png").unlink()
    with pytest.raises(InputError, match=rf"^{folder}: expected a mask of the first frame \(00000.png\), found none"):
        opened(long_video)


@pytest.mark.parametrize("layout", [Layout.LONG_VIDEO, Layout.LONG_VIDEO_X3])
def test_a_missing_dataset_is_named_with_its_source(tmp_path: Path, layout: Layout) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}/long_video_set/long_video/JPEGImages: expected .*example.org"):
        opened(tmp_path, layout)


@pytest.mark.parametrize("missing", ["Annotations", "Annotations/rat"])
def test_missing_masks_are_named(long_video: Path, missing: str) -> None:
    shutil.rmtree(long_video / "long_video_set/long_video" / missing)
    with pytest.raises(InputError, match=f"^{long_video}/long_video_set/long_video/{missing}: expected a folder of"):
        opened(long_video)


def test_a_folder_without_frames_is_named(long_video: Path) -> None:
    folder = long_video / "long_video_set/long_video/JPEGImages/empty"
    folder.mkdir()
    with pytest.raises(InputError, match=f"^{folder}: expected frames, found none"):
        opened(long_video)


def test_three_times_that_was_made_of_less_is_refused(long_video: Path, write_video: Callable[..., None]) -> None:
    opened(long_video, Layout.LONG_VIDEO_X3)
    once, thrice = (long_video / "long_video_set" / name for name in ("long_video", "long_video_x3"))
    frame = once / "JPEGImages/rat/00099.jpg"
    shutil.copy(once / "JPEGImages/rat/00000.jpg", frame)
    with pytest.raises(
        InputError, match=f"^{thrice}/JPEGImages/rat: expected 37 frames, .* found 34; remove {thrice} to have it made"
    ):
        opened(long_video, Layout.LONG_VIDEO_X3)
    frame.unlink()
    write_video(once / "JPEGImages/pig", once / "Annotations/pig", frames=3)
    with pytest.raises(InputError, match=f"^{thrice}/JPEGImages/pig: expected 7 frames, .*, found 0;"):
        opened(long_video, Layout.LONG_VIDEO_X3)
