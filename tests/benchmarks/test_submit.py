import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cell import Cell
from benchmarks.config import CellConfig
from benchmarks.masks import davis_palette, encode_mask
from reports.cell_table import run_table
from reports.run_folder import RunFolder

EntryPoint = Callable[..., tuple[int, str, str]]
RunCell = Callable[[CellConfig], Cell]
Configure = Callable[..., CellConfig]

DAVIS_ANSWER = "sequence-wise results are hidden\nGlobalMean: 0.810\nJ_mean: 0.774\nJ-Recall: 0.9\nF mean 0.846\n"


# What complete copies of the tiny datasets hold.
TEST_DEV = ("dataset=davis17_test_dev", "dataset.counts.sequences=2", "dataset.counts.frames=12")
YOUTUBE = ("dataset=youtube19_val", "dataset.counts.sequences=2")


@pytest.fixture
def run_test_dev(cell_config: Configure, run_cell: RunCell, davis_2017_test_dev: Path) -> Callable[..., RunFolder]:
    """Run what there is of `cow` and `dog`, 6 frames each."""
    return lambda *overrides: run_cell(cell_config(*overrides, f"paths.data={davis_2017_test_dev}")).folder


@pytest.fixture
def test_dev_run(run_test_dev: Callable[..., RunFolder]) -> RunFolder:
    """A finished run over both."""
    return run_test_dev(*TEST_DEV)


@pytest.fixture
def youtube_run(cell_config: Configure, run_cell: RunCell, youtube_vos: Path) -> RunFolder:
    """A finished run over `cow` and `dog`, 3 written frames each."""
    return run_cell(cell_config(*YOUTUBE, f"paths.data={youtube_vos}")).folder


def submit(entry_point: EntryPoint, folder: RunFolder, *overrides: str) -> tuple[int, str, str]:
    return entry_point("submit", f"run={folder.path}", *overrides)


def refusal(entry_point: EntryPoint, *overrides: str) -> str:
    """The one line of an error, with nothing printed before it."""
    status, output, errors = entry_point("submit", *overrides)
    assert (status, output) == (2, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
    return errors.removeprefix("error: ")


def test_a_davis_run_becomes_a_zip_with_sequences_at_its_root(entry_point: EntryPoint, test_dev_run: RunFolder) -> None:
    status, output, errors = submit(entry_point, test_dev_run)
    assert (status, errors) == (0, "")
    path = test_dev_run.path / "submission.zip"
    assert output.startswith(f"{path}: 12 masks of 2 sequences, SHA-256 ")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{name}/{index:05d}.png" for name in ("cow", "dog") for index in range(6)]
        assert archive.read("dog/00003.png") == (test_dev_run.masks / "dog/00003.png").read_bytes()
    record = test_dev_run.read_submission()
    assert record is not None
    assert (record.dataset, record.format, record.masks) == ("davis17_test_dev", "davis", 12)
    assert record.zip_sha256 in output


def test_a_youtube_run_becomes_a_zip_of_the_listed_frames_below_annotations(
    entry_point: EntryPoint, youtube_run: RunFolder
) -> None:
    assert submit(entry_point, youtube_run)[0] == 0
    with zipfile.ZipFile(youtube_run.path / "submission.zip") as archive:
        assert archive.namelist() == [
            f"Annotations/{name}/{frame}.png" for name in ("cow", "dog") for frame in ("00000", "00005", "00010")
        ]


def test_the_same_masks_make_the_same_zip_wherever_it_is_written(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "new/folder/again.zip"
    assert submit(entry_point, test_dev_run)[0] == 0
    assert submit(entry_point, test_dev_run, f"output={elsewhere}")[0] == 0
    assert elsewhere.read_bytes() == (test_dev_run.path / "submission.zip").read_bytes()


def test_masks_made_elsewhere_are_packed_where_they_are_told(
    entry_point: EntryPoint, test_dev_run: RunFolder, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    output = tmp_path / "masks.zip"
    chosen = (f"masks={test_dev_run.masks}", *TEST_DEV, f"paths.data={davis_2017_test_dev}")
    assert entry_point("submit", *chosen, f"output={output}")[0] == 0
    assert zipfile.is_zipfile(output)
    assert not test_dev_run.submission_file.exists()
    assert refusal(entry_point, *chosen).startswith("output: expected the zip to write, found none")


def test_defects_are_listed_and_nothing_is_packed(
    entry_point: EntryPoint, test_dev_run: RunFolder, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    (test_dev_run.masks / "dog/00003.png").unlink()
    (test_dev_run.masks / "cow/00001.png").write_bytes(
        encode_mask(np.full((48, 64), 3, np.uint8), palette=davis_palette())
    )
    (test_dev_run.masks / "cat").mkdir()
    output = tmp_path / "masks.zip"
    status, printed, errors = entry_point(
        "submit",
        f"masks={test_dev_run.masks}",
        *TEST_DEV,
        f"paths.data={davis_2017_test_dev}",
        f"output={output}",
    )
    assert status == 2
    assert printed.splitlines() == [
        "folders of no sequence: cat; remove them, or name the dataset that they are of",
        (
            "labels that were not given: cow/00001.png (3); "
            "use the labels of the annotations, from the frame on that introduces each"
        ),
        "missing masks: dog/00003.png; add them: every frame is required, also one without objects",
    ]
    assert errors == f"error: {test_dev_run.masks}: expected masks that the server takes, found 3 defects\n"
    assert not output.exists()


def test_one_defect_is_one(
    entry_point: EntryPoint, test_dev_run: RunFolder, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    (test_dev_run.masks / "cat").mkdir()
    chosen = (f"masks={test_dev_run.masks}", *TEST_DEV, f"paths.data={davis_2017_test_dev}")
    _, _, errors = entry_point("submit", *chosen, f"output={tmp_path / 'masks.zip'}")
    assert errors.endswith("found 1 defect\n")


def test_masks_of_nothing_are_packed_with_a_remark(
    entry_point: EntryPoint, test_dev_run: RunFolder, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    for path in test_dev_run.masks.glob("*/*.png"):
        path.write_bytes(encode_mask(np.zeros((48, 64), np.uint8), palette=davis_palette()))
    chosen = (f"masks={test_dev_run.masks}", *TEST_DEV, f"paths.data={davis_2017_test_dev}")
    status, output, errors = entry_point("submit", *chosen, f"output={tmp_path / 'masks.zip'}")
    assert (status, errors) == (0, "")
    assert output.startswith(
        "sequences that show no object after its first frame (2): cow, dog; no defect, but look whether that is meant\n"
        f"{tmp_path / 'masks.zip'}: 12 masks of 2 sequences"
    )


def lose_a_sequence(data: Path) -> None:
    (data / "DAVIS/2017/test-dev/ImageSets/2017/test-dev.txt").write_text("cow\n")


def lose_frames(data: Path) -> None:
    for name in ("00003", "00004", "00005"):
        (data / f"DAVIS/2017/test-dev/JPEGImages/480p/dog/{name}.jpg").unlink()


@pytest.mark.parametrize(
    ("lose", "found"), [(lose_a_sequence, "1 sequence of 6 frames"), (lose_frames, "2 sequences of 9 frames")]
)
def test_masks_of_a_part_of_the_dataset_are_not_packed(
    entry_point: EntryPoint, davis_2017_test_dev: Path, tmp_path: Path, lose: Callable[[Path], None], found: str
) -> None:
    (tmp_path / "masks").mkdir()
    lose(davis_2017_test_dev)
    chosen = (f"masks={tmp_path / 'masks'}", *TEST_DEV, f"paths.data={davis_2017_test_dev}", "output=never.zip")
    assert refusal(entry_point, *chosen) == (
        f"{davis_2017_test_dev}/DAVIS: expected all of DAVIS 2017 test-dev, 2 sequences of 12 frames, found {found}; "
        "python -m benchmarks.doctor dataset=davis17_test_dev names what is missing: restore it, and make the masks of "
        "all of it\n"
    )


@pytest.mark.parametrize("lose", [lose_a_sequence, lose_frames])
def test_a_run_on_a_part_of_the_dataset_is_not_packed_even_where_that_was_all_there_was(
    entry_point: EntryPoint,
    run_test_dev: Callable[..., RunFolder],
    davis_2017_test_dev: Path,
    contents: Callable[[Path], dict[str, bytes]],
    lose: Callable[[Path], None],
) -> None:
    whole = contents(davis_2017_test_dev)
    lose(davis_2017_test_dev)
    folder = run_test_dev(*TEST_DEV)
    expected = "expected all of DAVIS 2017 test-dev, 2 sequences of 12 frames, found "
    assert expected in refusal(entry_point, f"run={folder.path}")
    for name, content in whole.items():  # restored meanwhile: the run is still one of a part
        (davis_2017_test_dev / name).write_bytes(content)
    status, output, errors = submit(entry_point, folder)
    assert status == 2
    if lose is lose_a_sequence:
        assert f"{expected}1 sequence of 6 frames;" in errors
    else:
        assert output.startswith("missing masks (3): dog/00003.png, dog/00004.png, dog/00005.png;")
    assert not (folder.path / "submission.zip").exists()


def test_what_the_published_dataset_holds_is_known(
    entry_point: EntryPoint, run_test_dev: Callable[..., RunFolder]
) -> None:
    folder = run_test_dev("dataset=davis17_test_dev")
    assert "30 sequences of 2086 frames, found 2 sequences of 12 frames;" in refusal(entry_point, f"run={folder.path}")


def test_masks_that_are_no_folder_are_refused_with_what_to_do(
    entry_point: EntryPoint, test_dev_run: RunFolder, davis_2017_test_dev: Path, tmp_path: Path
) -> None:
    (tmp_path / "masks.zip").write_bytes(b"")
    expected = "expected a folder with a folder of PNG files for each sequence, found"
    for masks, found in (
        (test_dev_run.path, "a run folder; name it with run= instead of masks= and dataset="),
        (tmp_path / "masks.zip", "a file; these very PNG files are looked at and packed, so unpack a zip and name"),
        (tmp_path / "nowhere", "nothing of this name; name it with masks="),
    ):
        chosen = (f"masks={masks}", *TEST_DEV, f"paths.data={davis_2017_test_dev}", "output=never.zip")
        assert refusal(entry_point, *chosen).startswith(f"{masks}: {expected} {found}")


def test_a_run_whose_masks_were_changed_is_refused(entry_point: EntryPoint, test_dev_run: RunFolder) -> None:
    mask = test_dev_run.masks / "dog/00003.png"
    mask.write_bytes(encode_mask(np.zeros((48, 64), np.uint8), palette=davis_palette()))
    assert "expected the masks that the run wrote, found others or none in dog;" in refusal(
        entry_point, f"run={test_dev_run.path}"
    )
    mask.unlink()
    assert "found others or none in dog;" in refusal(entry_point, f"run={test_dev_run.path}")


def test_a_run_that_is_not_finished_is_refused(entry_point: EntryPoint, test_dev_run: RunFolder) -> None:
    test_dev_run.sequence_file("cow").unlink()
    assert "found 1 of 2 sequences open (cow); run the cell again" in refusal(entry_point, f"run={test_dev_run.path}")


def test_a_run_on_a_part_of_the_sequences_is_refused(
    entry_point: EntryPoint, run_test_dev: Callable[..., RunFolder]
) -> None:
    folder = run_test_dev(*TEST_DEV, "sequences=[dog]")
    assert "expected a run on all 2 sequences of davis17_test_dev, found one on 1;" in refusal(
        entry_point, f"run={folder.path}"
    )


def test_a_dataset_without_a_server_is_refused(
    entry_point: EntryPoint, cell_config: Configure, run_cell: RunCell, videos: Path
) -> None:
    cell = run_cell(cell_config("dataset=folder", f"paths.data={videos}", "sequences=[cow]"))
    for options in ((f"run={cell.folder.path}",), ("masks=x", "dataset=davis17_val", "output=y.zip")):
        assert refusal(entry_point, *options).startswith("dataset: expected one that an evaluation server scores")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), "none of them"),
        (("run=x", "masks=y"), "run= and masks="),
        (("run=x", "dataset=davis17_test_dev"), "run= and dataset="),
        (("masks=x",), "masks="),
        (("masks=x", "dataset=davis17_test_dev", "answer=z"), "masks= and dataset= and answer="),
        (("run=x", "answer=y", "output=z"), "run= and answer= and output="),
        (("run=x", "paths.data=y"), "run= and paths.data="),
        (("masks=x", "dataset=davis17_test_dev", "data=y"), "masks= and dataset= and data="),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    entry_point: EntryPoint, options: tuple[str, ...], found: str
) -> None:
    assert f"found {found}; a run knows its dataset" in refusal(entry_point, *options)


def test_an_answer_is_kept_with_the_run_and_shown_as_the_servers(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    answer = tmp_path / "scores.txt"
    answer.write_text(DAVIS_ANSWER)
    assert submit(entry_point, test_dev_run)[0] == 0
    status, output, errors = submit(entry_point, test_dev_run, f"answer={answer}")
    assert (status, errors) == (0, "")
    server = test_dev_run.read_server()
    submission = test_dev_run.read_submission()
    assert server is not None
    assert submission is not None
    assert server.figures == {"J&F": 0.810, "J": 0.774, "F": 0.846}
    assert (server.text, server.masks_sha256) == (DAVIS_ANSWER, submission.masks_sha256)
    assert server.given["J&F"].unit == pytest.approx(0.001)
    assert "J&F (server)" in output
    assert "81.0" in output
    assert "not in " not in output
    assert test_dev_run.table_file.read_text() == run_table(test_dev_run)


def test_an_answer_of_the_other_server_has_its_own_figures(
    entry_point: EntryPoint, youtube_run: RunFolder, tmp_path: Path
) -> None:
    answer = tmp_path / "scores.txt"
    answer.write_text("Overall: 85.7\nJ_seen: 84.6\nJ_unseen 80.2\nF_seen 89.3\n")
    assert submit(entry_point, youtube_run)[0] == 0
    _, output, _ = submit(entry_point, youtube_run, f"answer={answer}")
    assert output.splitlines()[-1] == f"not in {answer}: F-unseen"
    server = youtube_run.read_server()
    assert server is not None
    assert server.figures == pytest.approx(
        {"G": 0.857, "J-seen": 0.846, "F-seen": 0.893, "J-unseen": 0.802, "F-unseen": None}
    )


def test_an_answer_that_contradicts_itself_is_kept_and_that_is_said_in_the_table(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    answer = tmp_path / "scores.txt"
    answer.write_text("J&F: 0.9\nJ: 0.5\nF: 0.6\n")
    assert submit(entry_point, test_dev_run)[0] == 0
    status, output, _ = submit(entry_point, test_dev_run, f"answer={answer}")
    note = "J&F is given as 90.0, and the mean of J and F is 55.0."
    assert status == 0
    assert note in output
    assert note in test_dev_run.table_file.read_text()


def test_an_answer_needs_a_submission_of_the_very_masks(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    answer = tmp_path / "scores.txt"
    answer.write_text(DAVIS_ANSWER)
    options = (f"run={test_dev_run.path}", f"answer={answer}")
    assert "submission.json: expected the record of a submission, found none" in refusal(entry_point, *options)
    assert submit(entry_point, test_dev_run)[0] == 0
    record = json.loads(test_dev_run.submission_file.read_bytes())
    test_dev_run.submission_file.write_text(json.dumps(record | {"masks_sha256": "0" * 64}))
    assert "expected the masks that were submitted (00000000), found others" in refusal(entry_point, *options)
    assert not test_dev_run.server_file.exists()


def test_submitting_other_masks_drops_the_answer_to_the_earlier_ones(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    answer = tmp_path / "scores.txt"
    answer.write_text(DAVIS_ANSWER)
    assert submit(entry_point, test_dev_run)[0] == 0
    assert submit(entry_point, test_dev_run, f"answer={answer}")[0] == 0
    assert submit(entry_point, test_dev_run)[0] == 0
    assert test_dev_run.server_file.exists()
    record = json.loads(test_dev_run.submission_file.read_bytes())
    test_dev_run.submission_file.write_text(json.dumps(record | {"masks_sha256": "0" * 64}))
    assert submit(entry_point, test_dev_run)[0] == 0
    assert not test_dev_run.server_file.exists()


def test_an_answer_that_is_no_text_or_not_there_is_one_line(
    entry_point: EntryPoint, test_dev_run: RunFolder, tmp_path: Path
) -> None:
    assert submit(entry_point, test_dev_run)[0] == 0
    answer = tmp_path / "scores.txt"
    options = (f"run={test_dev_run.path}", f"answer={answer}")
    assert refusal(entry_point, *options).startswith(f"{answer}: expected the server's scores, cannot read them: No")
    answer.write_bytes(b"\xff\xfe")
    assert refusal(entry_point, *options).startswith(f"{answer}: expected the server's scores as text")
