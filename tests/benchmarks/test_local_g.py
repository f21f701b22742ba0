"""YouTube-VOS from frames to a local G, where there is truth."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from reports.run_folder import RunFolder, find_runs

EntryPoint = Callable[..., tuple[int, str, str]]
RUN = ("dataset=youtube18_val", "resolution=native")


@pytest.fixture
def train(youtube_2018: Path) -> None:
    folder = youtube_2018 / "YouTube2018/train"
    folder.mkdir()
    videos = {"t": {"objects": {"1": {"category": "person", "frames": ["00000"]}}}}
    (folder / "meta.json").write_text(json.dumps({"videos": videos}))


def only_run(tmp_path: Path) -> RunFolder:
    (folder,) = find_runs(tmp_path / "runs")
    return folder


def test_without_truth_masks_are_written_for_the_server_and_nothing_is_scored(
    entry_point: EntryPoint, tiny: tuple[str, ...], youtube_2018: Path, tmp_path: Path
) -> None:
    status, output, errors = entry_point("run", *tiny, *RUN, f"paths.data={youtube_2018}")
    assert (status, errors) == (0, "")
    assert "Not scored, for want of truth in every frame: 0late, simple" in output
    folder = only_run(tmp_path)
    written = sorted(str(path.relative_to(folder.masks)) for path in folder.masks.rglob("*.png"))
    assert written == ["0late/00000.png", "0late/00005.png", "0late/00010.png", "simple/00000.png", "simple/00005.png"]
    record = folder.read_sequence("0late")
    assert record is not None
    assert (record.labels, len(record.milliseconds), record.skipped) == ((2, 5), 11, 0)
    assert folder.read_scores() is None


@pytest.mark.usefixtures("train")
def test_with_truth_there_is_a_local_g_of_seen_and_unseen_categories(
    entry_point: EntryPoint,
    tiny: tuple[str, ...],
    youtube_2018: Path,
    tmp_path: Path,
    add_truth: Callable[[Path], None],
) -> None:
    add_truth(youtube_2018)
    status, output, errors = entry_point("run", *tiny, *RUN, f"paths.data={youtube_2018}")
    assert (status, errors) == (0, "")
    score = only_run(tmp_path).read_scores()
    assert score is not None
    assert score.overall is not None
    assert (score.overall.seen_objects, score.overall.unseen_objects) == (2, 1)
    parts = (score.overall.j_seen, score.overall.f_seen, score.overall.j_unseen, score.overall.f_unseen)
    assert score.overall.g == pytest.approx(sum(part for part in parts if part is not None) / 4)
    assert "G (local)" in output
    # The truth itself is perfect, and each object is scored on its listed frames after its first.
    annotations = youtube_2018 / "YouTube2018/valid/Annotations"
    status, output, errors = entry_point(
        "score", f"masks={annotations}", "dataset=youtube18_val", f"paths.data={youtube_2018}", f"paths.runs={tmp_path}"
    )
    assert (status, errors) == (0, "")
    (path,) = (tmp_path / "scored/youtube18_val").iterdir()
    scored = json.loads(path.read_bytes())["score"]
    assert scored["overall"]["g"] == 1
    frames = {
        (sequence["name"], one["label"], one["category"]): one["frames"]
        for sequence in scored["sequences"]
        for one in sequence["objects"]
    }
    assert frames == {
        ("0late", 2, "person"): ["00005", "00010"],
        ("0late", 5, "unicorn"): ["00010"],
        ("simple", 1, "person"): ["00005"],
    }


def test_without_the_training_split_it_is_said_what_is_missing_before_anything_is_run(
    entry_point: EntryPoint,
    tiny: tuple[str, ...],
    youtube_2018: Path,
    tmp_path: Path,
    add_truth: Callable[[Path], None],
) -> None:
    add_truth(youtube_2018)
    arguments = ("run", *tiny, *RUN, f"paths.data={youtube_2018}")
    status, _, errors = entry_point(*arguments)
    assert status == 2
    assert errors.startswith(f"error: {youtube_2018}/YouTube2018/train/meta.json: expected the list of the training")
    assert find_runs(tmp_path / "runs") == []
    status, output, errors = entry_point(*arguments, "dataset.seen_categories=[person]")
    assert (status, errors) == (0, "")
    assert "G (local)" in output


def test_scores_say_which_categories_were_held_to_be_seen(
    entry_point: EntryPoint,
    tiny: tuple[str, ...],
    youtube_2018: Path,
    tmp_path: Path,
    add_truth: Callable[[Path], None],
) -> None:
    add_truth(youtube_2018)
    figures = {}
    for seen in ("person", "unicorn"):
        given = (*RUN, f"paths.data={youtube_2018}", f"dataset.seen_categories=[{seen}]")
        status, output, _ = entry_point("run", *tiny, *given)
        assert status == 0
        folder = only_run(tmp_path)
        score = folder.read_scores()
        assert score is not None
        assert score.overall is not None
        assert score.overall.seen == (seen,)
        assert folder.read_run().cell["dataset"]["seen_categories"] == [seen]
        figures[seen] = (score.overall.j_seen, score.overall.j_unseen)
        runs = f"paths.runs={tmp_path / 'other'}"
        entry_point("score", f"masks={folder.masks}", *(one for one in given if one != "resolution=native"), runs)
    assert "simple: finished before" in output
    assert figures["person"] == figures["unicorn"][::-1]
    assert len(list((tmp_path / "other/scored/youtube18_val").iterdir())) == 2


def test_an_object_that_is_listed_but_never_introduced_is_told(
    entry_point: EntryPoint, tiny: tuple[str, ...], youtube_2018: Path, tmp_path: Path
) -> None:
    (youtube_2018 / "YouTube2018/valid/Annotations/0late/00005.png").unlink()
    status, output, _ = entry_point("run", *tiny, *RUN, f"paths.data={youtube_2018}")
    assert status == 0
    remark = "0late: object 5 is listed, but no mask introduces it: it was not segmented"
    assert output.count(remark) == 2  # when it happened, and below the table
    record = only_run(tmp_path).read_sequence("0late")
    assert record is not None
    assert len(record.remarks) == 1


def test_where_nothing_could_be_scored_nobody_is_asked_for_the_training_split(
    entry_point: EntryPoint, tiny: tuple[str, ...], youtube_2018: Path
) -> None:
    path = youtube_2018 / "YouTube2018/valid/meta.json"
    meta = json.loads(path.read_text())
    once = {"1": {"category": "cow", "frames": ["00000"]}, "2": {"category": "dog", "frames": ["00005"]}}
    meta["videos"]["simple"]["objects"] = once  # so that its prompts are all the truth there is
    path.write_text(json.dumps(meta))
    Image.new("P", (64, 48), 2).save(path.parent / "Annotations/simple/00005.png")
    status, output, errors = entry_point("run", *tiny, *RUN, f"paths.data={youtube_2018}")
    assert (status, errors) == (0, "")
    assert "Not scored, for want of an object that is listed in more than one frame: simple" in output
