from pathlib import Path

import pytest

from benchmarks.errors import InputError
from benchmarks.training.journal import Journal


def test_lines_are_added_below_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "log.jsonl"
    Journal(path).add("training", iteration=1)
    journal = Journal(path)
    journal.add("held_out", j=0.5)
    journal.add("training", iteration=2)
    assert journal.lines("training") == [{"kind": "training", "iteration": 1}, {"kind": "training", "iteration": 2}]


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(InputError, match=r"log\.jsonl"):
        Journal(tmp_path / "log.jsonl").add("training")
