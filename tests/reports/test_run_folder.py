import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluators import DatasetScore
from reports.records import SCHEMA, RunRecord, SequenceRecord
from reports.run_folder import RunFolder, RunFolderError, find_runs

WriteRun = Callable[..., RunFolder]


def test_what_was_written_is_read(
    write_run: WriteRun,
    run_record: Callable[..., RunRecord],
    sequence_record: Callable[..., SequenceRecord],
    scores: DatasetScore,
    tmp_path: Path,
) -> None:
    folder = write_run(tmp_path / "run", scores=scores)
    assert folder.read_run() == run_record()
    assert folder.read_sequence("dog") == sequence_record("dog")
    assert folder.read_sequences() == [sequence_record("cow"), sequence_record("dog")]
    assert folder.read_scores() == scores


def test_what_is_not_there_yet_is_none(write_run: WriteRun, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", finished=("dog",))
    assert folder.read_sequence("cow") is None
    assert [record.name for record in folder.read_sequences()] == ["dog"]
    assert folder.read_scores() is None


def test_the_sequences_come_in_the_order_of_the_run(
    write_run: WriteRun, run_record: Callable[..., RunRecord], tmp_path: Path
) -> None:
    dataset = dataclasses.replace(run_record().dataset, sequences=("dog", "cow"))
    folder = write_run(tmp_path / "run", dataset=dataset)
    assert [record.name for record in folder.read_sequences()] == ["dog", "cow"]


READERS: dict[str, tuple[Callable[[RunFolder], Path], Callable[[RunFolder], object], str]] = {
    "run": (lambda folder: folder.run_file, RunFolder.read_run, "RunRecord"),
    "sequence": (
        lambda folder: folder.sequence_file("cow"),
        lambda folder: folder.read_sequence("cow"),
        "SequenceRecord",
    ),
    "scores": (lambda folder: folder.scores_file, RunFolder.read_scores, "DatasetScore"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"name": 3}', bytes(10)])
def test_a_damaged_file_is_named_in_one_line_with_a_remedy(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path, reader: str, content: bytes
) -> None:
    folder = write_run(tmp_path / "run", scores=scores)
    find, read, kind = READERS[reader]
    find(folder).write_bytes(content)
    with pytest.raises(RunFolderError) as refusal:
        read(folder)
    message = str(refusal.value)
    assert message.startswith(
        f"{find(folder)}: expected a {kind} as this version writes it, found a damaged or foreign"
    )
    assert message.endswith("remove it to have it made again")
    assert "\n" not in message


@pytest.mark.parametrize("reader", READERS)
def test_a_file_cut_short_anywhere_is_named(
    write_run: WriteRun, scores: DatasetScore, tmp_path: Path, reader: str
) -> None:
    folder = write_run(tmp_path / "run", scores=scores)
    find, read, _ = READERS[reader]
    content = find(folder).read_bytes()
    for length in range(0, len(content), 37):
        find(folder).write_bytes(content[:length])
        with pytest.raises(RunFolderError, match="found a damaged or foreign file"):
            read(folder)


def test_a_folder_in_place_of_a_file_is_named(write_run: WriteRun, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    folder.run_file.unlink()
    folder.run_file.mkdir()
    with pytest.raises(
        RunFolderError, match=f"^{folder.run_file}: expected a RunRecord, cannot read it: Is a directory"
    ):
        folder.read_run()


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        RunFolderError, match=f"^{tmp_path}/run.json: expected a RunRecord, cannot read it: No such file"
    ):
        RunFolder(tmp_path).read_run()


def test_another_schema_is_named_with_a_remedy(write_run: WriteRun, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", schema=SCHEMA + 1)
    with pytest.raises(
        RunFolderError, match=f"^{folder.run_file}: expected schema {SCHEMA}, found {SCHEMA + 1}; read it with the"
    ):
        folder.read_run()


def test_another_schema_is_named_even_when_the_rest_cannot_be_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.run_file.write_text(f'{{"schema": {SCHEMA - 1}, "everything": "else"}}')
    with pytest.raises(RunFolderError, match=f"expected schema {SCHEMA}, found {SCHEMA - 1}"):
        folder.read_run()


def test_runs_are_found_by_dataset_and_name_and_nothing_else_is(write_run: WriteRun, tmp_path: Path) -> None:
    for path in ("b/two", "a/one", "b/one"):
        write_run(tmp_path / path)
    (tmp_path / "a/unfinished").mkdir()
    (tmp_path / "scored/davis16_val").mkdir(parents=True)
    (tmp_path / "scored/davis16_val/masks-1234.json").write_text("{}")
    (tmp_path / "multirun.yaml").write_text("")
    assert [str(folder.path.relative_to(tmp_path)) for folder in find_runs(tmp_path)] == ["a/one", "b/one", "b/two"]
    assert find_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("started", ["yesterday", "2026-01-01T00:00:00"])
def test_a_run_that_began_nobody_knows_when_is_damaged(write_run: WriteRun, tmp_path: Path, started: str) -> None:
    folder = write_run(tmp_path / "run")
    folder.run_file.write_text(folder.run_file.read_text().replace("2026-01-01T00:00:00+00:00", started))
    with pytest.raises(RunFolderError, match=r"run\.json: expected a RunRecord"):
        folder.read_run()
