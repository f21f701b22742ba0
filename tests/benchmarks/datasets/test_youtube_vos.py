import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.datasets.youtube_vos import are_sparse, seen_categories
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from benchmarks.masks import read_mask
from evaluators import ListedObject, ScoringProtocol

ALL = DatasetConfig(
    name="youtube18_val",
    title="YouTubeVOS 2018 validation",
    layout=Layout.YOUTUBE_VOS,
    root="YouTube2018",
    scoring=ScoringProtocol.YOUTUBE_VOS,
    source="https://example.org/youtube",
)
SPARSE = DatasetConfig(
    name="youtube18_val_sparse",
    title="YouTubeVOS 2018 validation, sparse frames",
    layout=Layout.YOUTUBE_VOS_SPARSE,
    root="YouTube2018",
    scoring=ScoringProtocol.YOUTUBE_VOS,
    source="https://example.org/youtube",
)
META = "YouTube2018/valid/meta.json"


def opened(data: Path, config: DatasetConfig = ALL, **settings: Any) -> Dataset:
    return open_dataset(config, data=data, size=480, **settings)


def change_meta(data: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads((data / META).read_text())
    change(content["videos"])
    (data / META).write_text(json.dumps(content))


def test_every_frame_is_run_and_the_listed_ones_are_written(youtube_2018: Path) -> None:
    late, simple = opened(youtube_2018).sequences
    assert (late.name, simple.name) == ("0late", "simple")
    assert [path.name for path in late.frames] == [f"{index:05d}.jpg" for index in range(11)]
    assert late.written_frames == ("00000", "00005", "00010")
    assert simple.written_frames == ("00000", "00005")


def test_a_frame_is_written_whichever_object_it_is_listed_for(youtube_2018: Path) -> None:
    change_meta(youtube_2018, lambda videos: videos["0late"]["objects"]["2"]["frames"].remove("00010"))
    assert opened(youtube_2018).sequences[0].written_frames == ("00000", "00005", "00010")
    change_meta(youtube_2018, lambda videos: videos["0late"]["objects"]["5"]["frames"].remove("00010"))
    assert opened(youtube_2018).sequences[0].written_frames == ("00000", "00005")


def test_the_sparse_protocol_sees_the_annotated_frames_only(youtube_2018: Path) -> None:
    late, _ = opened(youtube_2018, SPARSE).sequences
    assert [path.name for path in late.frames] == ["00000.jpg", "00005.jpg", "00010.jpg"]
    assert late.written_frames == ("00000", "00005", "00010")
    assert opened(youtube_2018, SPARSE).fingerprint() != opened(youtube_2018).fingerprint()


def test_objects_are_prompted_where_they_first_appear_and_nowhere_else(youtube_2018: Path) -> None:
    late, _ = opened(youtube_2018).sequences
    prompts = {
        frame.name: np.unique(frame.prompt.numpy()).tolist()
        for frame in read_frames(late, size=None)
        if frame.prompt is not None
    }
    assert prompts == {"00000": [0, 2], "00005": [0, 5]}


def test_label_255_is_an_object_like_any_other(youtube_2018: Path) -> None:
    path = youtube_2018 / "YouTube2018/valid/Annotations/simple/00000.png"
    Image.fromarray(np.where(read_mask(path) == 1, 255, 0).astype(np.uint8)).save(path)
    _, simple = opened(youtube_2018).sequences
    first = next(read_frames(simple, size=None))
    assert first.prompt is not None
    assert first.prompt.unique().tolist() == [0, 255]


def test_objects_come_with_their_categories_and_listed_frames(youtube_2018: Path) -> None:
    late, _ = opened(youtube_2018).sequences
    assert late.objects == {
        2: ListedObject(category="person", frames=("00000", "00005", "00010")),
        5: ListedObject(category="unicorn", frames=("00005", "00010")),
    }


def test_masks_of_first_appearances_are_no_truth(youtube_2018: Path) -> None:
    late, simple = opened(youtube_2018).sequences
    assert list(late.prompts) == ["00000", "00005"]
    assert late.truth == simple.truth == {}


def test_annotations_of_all_listed_frames_are_truth_and_only_first_appearances_are_opened_before_scoring(
    youtube_2018: Path, add_truth: Callable[[Path], None]
) -> None:
    expected = [[f.prompt for f in read_frames(s, size=None)] for s in opened(youtube_2018).sequences]
    add_truth(youtube_2018)
    sequences = opened(youtube_2018).sequences
    assert [list(sequence.truth) for sequence in sequences] == [["00000", "00005", "00010"], ["00000", "00005"]]
    assert [list(sequence.prompts) for sequence in sequences] == [["00000", "00005"], ["00000"]]
    for sequence in sequences:
        for name, path in sequence.truth.items():
            if name not in sequence.prompts:
                path.write_bytes(b"whoever opens this fails")
    for sequence, prompts in zip(sequences, expected, strict=True):
        for frame, prompt in zip(read_frames(sequence, size=None), prompts, strict=True):
            assert (frame.prompt is None) == (prompt is None)


def test_an_annotation_of_a_frame_that_is_not_listed_is_no_truth(
    youtube_2018: Path, add_truth: Callable[[Path], None]
) -> None:
    add_truth(youtube_2018)
    masks = youtube_2018 / "YouTube2018/valid/Annotations/simple"
    shutil.copyfile(masks / "00005.png", masks / "00006.png")
    assert list(opened(youtube_2018).sequences[1].truth) == ["00000", "00005"]


def test_frames_are_written_at_their_own_size(youtube_2018: Path) -> None:
    late, _ = opened(youtube_2018).sequences
    frame = next(read_frames(late, size=32))
    assert (frame.image.shape[1:], frame.written_size) == ((32, 42), (48, 64))


def test_a_listed_frame_that_is_not_there_is_named(youtube_2018: Path) -> None:
    frames = youtube_2018 / "YouTube2018/all_frames/valid_all_frames/JPEGImages/0late"
    (frames / "00010.jpg").unlink()
    with pytest.raises(InputError, match=f"^{frames}: expected every frame that meta.json lists, found none for 00010"):
        opened(youtube_2018)


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        ("valid", "a folder of YouTubeVOS 2018 validation"),
        ("valid/Annotations", "a folder of masks of"),
        ("valid/Annotations/0late", "a folder of masks of"),
        ("all_frames", "a folder of frames of"),
        ("all_frames/valid_all_frames/JPEGImages/simple", "a folder of frames of"),
    ],
)
def test_a_missing_folder_is_named_with_its_source(youtube_2018: Path, missing: str, what: str) -> None:
    shutil.rmtree(youtube_2018 / "YouTube2018" / missing)
    with pytest.raises(InputError, match=f"^{youtube_2018}/YouTube2018/{missing}.*: expected {what}.*example.org"):
        opened(youtube_2018)


def test_sparse_frames_do_not_pass_for_all_frames(youtube_2018: Path) -> None:
    root = youtube_2018 / "YouTube2018"
    every = root / "all_frames/valid_all_frames/JPEGImages"
    shutil.rmtree(every)
    shutil.copytree(root / "valid/JPEGImages", every)
    with pytest.raises(InputError, match=f"^{every}/0late: expected every frame of the video, found only those that"):
        opened(youtube_2018)
    assert len(opened(youtube_2018, SPARSE).sequences) == 2


@pytest.mark.parametrize(
    ("frames", "listed", "sparse"),
    [
        ("0 5 10", "0 5 10", True),
        ("0 5 10 11", "0 5 10", True),
        ("0 3 5 10", "0 5 10", False),
        ("0 1 2", "0 1 2", False),  # where every frame is listed, none lies between
        ("0", "0", False),
        ("a b", "a b", False),
    ],
)
def test_frames_are_sparse_where_none_lies_between_the_listed_ones(frames: str, listed: str, sparse: bool) -> None:
    some, those = ([one.zfill(5) for one in text.split()] for text in (frames, listed))
    assert are_sparse(some, those) == sparse


def test_a_video_without_masks_is_named(youtube_2018: Path) -> None:
    folder = youtube_2018 / "YouTube2018/valid/Annotations/simple"
    (folder / "00000.png").unlink()
    with pytest.raises(InputError, match=f"^{folder}: expected a mask where each object first appears, found none"):
        opened(youtube_2018)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"videos": {}}', '{"videos": {"a": {"objects": {"x": {}}}}}'])
def test_a_damaged_list_is_named(youtube_2018: Path, content: str) -> None:
    (youtube_2018 / META).write_text(content)
    with pytest.raises(InputError, match=f"^{youtube_2018 / META}: expected videos with their objects and frames"):
        opened(youtube_2018)


@pytest.mark.parametrize("content", [b'{"videos": "\xff"}', b"[" * 9999])
def test_a_list_that_is_no_text_is_named(youtube_2018: Path, content: bytes) -> None:
    (youtube_2018 / META).write_bytes(content)
    with pytest.raises(InputError, match=f"^{youtube_2018 / META}: expected videos with their objects and frames"):
        opened(youtube_2018)


def test_a_missing_list_is_named(youtube_2018: Path) -> None:
    (youtube_2018 / META).unlink()
    with pytest.raises(InputError, match=f"^{youtube_2018 / META}: expected the list of videos of YouTubeVOS 2018 val"):
        opened(youtube_2018)


@pytest.mark.parametrize("name", ["../../etc", "/etc", "..", "a/b", ""])
def test_a_listed_name_cannot_leave_the_dataset(youtube_2018: Path, name: str) -> None:
    change_meta(youtube_2018, lambda videos: videos.update({name: videos["simple"]}))
    with pytest.raises(InputError, match=f"^{youtube_2018 / META}: expected plain names of sequences, found '{name}'$"):
        opened(youtube_2018)


def test_a_video_without_objects_is_named(youtube_2018: Path) -> None:
    change_meta(youtube_2018, lambda videos: videos["simple"].update(objects={}))
    with pytest.raises(InputError, match="expected objects with frames in video simple, found none"):
        opened(youtube_2018)


@pytest.mark.parametrize("label", [0, 256, -1])
def test_a_label_that_no_mask_can_have_is_named(youtube_2018: Path, label: int) -> None:
    one = {"category": "person", "frames": ["00000"]}
    change_meta(youtube_2018, lambda videos: videos["simple"]["objects"].update({str(label): one}))
    with pytest.raises(InputError, match=f"expected objects 1..255 in video simple, found {label}; get the file"):
        opened(youtube_2018)


def test_an_object_begins_at_its_earliest_frame_in_whatever_order_they_are_listed(
    youtube_2018: Path, add_truth: Callable[[Path], None]
) -> None:
    add_truth(youtube_2018)
    change_meta(youtube_2018, lambda videos: videos["0late"]["objects"]["5"]["frames"].reverse())
    assert list(opened(youtube_2018).sequences[0].prompts) == ["00000", "00005"]


def test_seen_categories_are_those_of_the_training_split(youtube_2018: Path) -> None:
    root = youtube_2018 / "YouTube2018"
    with pytest.raises(InputError, match=f"^{root}/train/meta.json: expected the list of the training split"):
        seen_categories(root, ALL)
    (root / "train").mkdir()
    train = {"videos": {"t": {"objects": {"1": {"category": "person", "frames": ["00000"]}}}}}
    (root / "train/meta.json").write_text(json.dumps(train))
    assert seen_categories(root, ALL) == {"person"}


def test_seen_categories_can_be_named(youtube_2018: Path) -> None:
    named = replace(ALL, seen_categories=("person", "unicorn"))
    assert seen_categories(youtube_2018 / "YouTube2018", named) == {"person", "unicorn"}


def test_a_seen_category_that_no_object_has_is_a_mistake(youtube_2018: Path) -> None:
    root = youtube_2018 / "YouTube2018"
    mistyped = replace(ALL, seen_categories=("person", "Unicorn"))
    with pytest.raises(
        InputError, match=rf"^{root}/valid/meta\.json: expected .* found none of Unicorn; it has person, "
    ):
        seen_categories(root, mistyped)


def test_objects_that_the_list_and_the_masks_do_not_share_are_told(youtube_2018: Path) -> None:
    late, simple = opened(youtube_2018).sequences
    assert list(late.disagreements((2, 5))) == []
    assert list(late.disagreements((2, 7))) == [
        "object 5 is listed, but no mask introduces it: it was not segmented",
        "object 7 is not listed, but a mask introduces it: it was segmented",
    ]
    assert list(replace(simple, objects={}).disagreements((1, 2))) == []


def test_masks_without_a_frame_are_named(youtube_2018: Path) -> None:
    folder = youtube_2018 / "YouTube2018/valid/Annotations/simple"
    Image.fromarray(np.zeros((48, 64), np.uint8)).save(folder / "00099.png")
    with pytest.raises(InputError, match="expected a frame for every mask, found none for 00099"):
        opened(youtube_2018)
