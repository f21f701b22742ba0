"""The cross-check against a stand-in for the official package, which answers whatever a test wants."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.masks import read_mask
from benchmarks.official.checkout import commit_of

EntryPoint = Callable[..., tuple[int, str, str]]

# A package of the same interface. It scores with the metric of a file beside it, so that it may be right or wrong.
STAND_IN = """
import json
from pathlib import Path
import numpy as np
from PIL import Image

ANSWERS = json.loads(Path(__file__).with_name("answers.json").read_text())

class DAVISEvaluation:
    def __init__(self, davis_root, task, gt_set):
        assert (task, gt_set) == ("semi-supervised", "val")
        self.root = Path(davis_root)

    def evaluate(self, res_path):
        print("so much of the way")
        names = (self.root / "ImageSets/2017/val.txt").read_text().split()
        found = {metric: {"M": [], "R": [], "D": [], "M_per_object": {}} for metric in "JF"}
        for name in names:
            truth = sorted((self.root / "Annotations/480p" / name).iterdir())
            assert len(list((self.root / "JPEGImages/480p" / name).glob("*.jpg"))) == len(truth)
            masks = sorted((Path(res_path) / name).iterdir())
            assert [one.name for one in masks] == [one.name for one in truth[1:-1]]
            assert all(Image.open(one).mode == "P" for one in masks + truth)
            for label in range(1, np.array(Image.open(truth[0])).max() + 1):
                for metric in "JF":
                    for key in "MRD":
                        found[metric][key].append(ANSWERS[f"{name}_{label}"][f"{metric}{key}"])
                    found[metric]["M_per_object"][f"{name}_{label}"] = found[metric]["M"][-1]
        return found
"""


@pytest.fixture
def masks(davis_2017: Path, tmp_path: Path) -> Path:
    """The truth, moved by a pixel."""
    for path in (davis_2017 / "DAVIS/2017/trainval/Annotations/480p").rglob("*.png"):
        target = tmp_path / "masks" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.roll(read_mask(path), 1, axis=1)).save(target)
    return tmp_path / "masks"


@pytest.fixture
def checkout(entry_point: EntryPoint, davis_2017: Path, masks: Path, tmp_path: Path) -> Path:
    """A checkout that answers what our own scores are."""
    folder = tmp_path / "checkout/davis2017"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "evaluation.py").write_text(STAND_IN)
    given = (f"masks={masks}", "dataset=davis17_val", f"paths.data={davis_2017}", f"paths.runs={tmp_path}/runs")
    status, *_ = entry_point("score", *given)
    assert status == 0
    (record,) = (tmp_path / "runs/scored/davis17_val").iterdir()
    answers = {
        f"{sequence['name']}_{one['label']}": {
            f"{metric}{key}": one[f"{metric.lower()}_statistics"][name]
            for metric in "JF"
            for key, name in {"M": "mean", "R": "recall", "D": "decay_official"}.items()
        }
        for sequence in json.loads(record.read_bytes())["score"]["sequences"]
        for one in sequence["objects"]
    }
    (folder / "answers.json").write_text(json.dumps(answers))
    return folder.parent


@pytest.fixture
def check(entry_point: EntryPoint, davis_2017: Path, masks: Path, checkout: Path, tmp_path: Path) -> EntryPoint:
    paths = (f"paths.data={davis_2017}", f"paths.runs={tmp_path}/runs")
    given = (f"official={checkout}", f"masks={masks}", "dataset=davis17_val", *paths)
    return lambda *overrides: entry_point("check_official", *given, *overrides)


def test_scores_that_agree_are_counted_and_recorded(check: EntryPoint, tmp_path: Path) -> None:
    status, output, errors = check()
    assert (status, errors) == (0, "")
    assert "All 24 figures are equal, bit for bit." in output
    (path,) = (tmp_path / "runs/checked/davis17_val").iterdir()
    record = json.loads(path.read_bytes())
    assert {one["object"] for one in record["figures"]} == {"cow_1", "cow_2", "dog_1", "dog_2"}
    assert all(one["ours"] == one["official"] for one in record["figures"])


def test_the_smallest_difference_is_named_and_the_status_says_so(check: EntryPoint, checkout: Path) -> None:
    path = checkout / "davis2017/answers.json"
    answers = json.loads(path.read_text())
    ours = answers["dog_2"]["FM"]
    answers["dog_2"]["FM"] = theirs = float(np.nextafter(ours, 2))
    path.write_text(json.dumps(answers))
    status, output, _ = check()
    assert status == 1
    assert f"1 of 24 figures differ, most F mean of dog_2: {ours} here, {theirs} officially." in output


def test_a_decay_that_is_nan_officially_must_be_so_here(check: EntryPoint, checkout: Path) -> None:
    path = checkout / "davis2017/answers.json"
    answers = json.loads(path.read_text())
    answers["cow_1"]["JD"] = float("nan")
    path.write_text(json.dumps(answers))
    status, output, _ = check()
    assert status == 1
    assert "most J decay of cow_1" in output


def test_a_single_object_has_label_1_whatever_its_masks_say(
    entry_point: EntryPoint, checkout: Path, davis_2016: Path, tmp_path: Path
) -> None:
    truth = davis_2016 / "DAVIS/2016/Annotations/480p"
    answers = dict.fromkeys(("JM", "JR", "FM", "FR"), 1.0) | dict.fromkeys(("JD", "FD"), 0.0)
    (checkout / "davis2017/answers.json").write_text(json.dumps({"cow_1": answers, "dog_1": answers}))
    paths = (f"paths.data={davis_2016}", f"paths.runs={tmp_path}/runs")
    given = (f"official={checkout}", f"masks={truth}", "dataset=davis16_val", *paths)
    status, output, errors = entry_point("check_official", *given)
    assert (status, errors) == (0, ""), output
    assert "All 12 figures are equal" in output


def test_without_masks_the_newest_run_is_checked(
    entry_point: EntryPoint, checkout: Path, davis_2017: Path, tiny: tuple[str, ...], tmp_path: Path
) -> None:
    data = (f"paths.data={davis_2017}", "dataset=davis17_val", f"paths.runs={tmp_path}/runs")
    status, _, errors = entry_point("check_official", f"official={checkout}", *data)
    assert (status, errors.count("\n")) == (2, 1)
    assert "expected a run on davis17_val that is scored, found none; name masks with masks=PATH" in errors
    entry_point("run", *tiny, *data)
    status, output, _ = entry_point("check_official", f"official={checkout}", *data)
    assert status == 1  # the stand-in answers for other masks
    assert "untrained-fp32-native-" in output
    newest = _newest_of_two(tmp_path / "runs/davis17_val")
    _, output, _ = entry_point("check_official", f"official={checkout}", *data)
    assert newest in output


def _newest_of_two(runs: Path) -> str:
    """Makes of the only run an older one, by an hour and another time zone, whose path comes last."""
    (run,) = (path for path in runs.iterdir() if path.is_dir())
    older = shutil.copytree(run, run.with_name(f"{run.name}-older"))
    for path, started in ((run, "2026-01-01T11:00:00+00:00"), (older, "2026-01-01T19:00:00+09:00")):
        record = json.loads((path / "run.json").read_bytes())
        (path / "run.json").write_text(json.dumps(record | {"started": started}))
    return f"{run.name} "


def refusal(result: tuple[int, str, str]) -> str:
    status, _, errors = result
    assert status == 2, errors
    assert errors.count("\n") == 1
    return errors


def test_without_a_checkout_it_says_how_to_get_one(check: EntryPoint, tmp_path: Path) -> None:
    for override in ("official=null", f"official={tmp_path}"):
        line = refusal(check(override))
        assert "git clone https://github.com/davisvideochallenge/davis2017-evaluation" in line
        assert "checkout ac7c43fca936f9722837b7fbd337d284ba37004b" in line


def test_a_package_that_the_checkout_lacks_is_named(check: EntryPoint, checkout: Path) -> None:
    path = checkout / "davis2017/evaluation.py"
    path.write_text(f"import no_such_package\n{path.read_text()}")
    assert "found no no_such_package; install numpy" in refusal(check())


def test_a_package_that_fails_is_quoted(check: EntryPoint, checkout: Path) -> None:
    path = checkout / "davis2017/evaluation.py"
    path.write_text(path.read_text().replace('print("so much of the way")', 'raise SystemExit("out of luck")'))
    assert "found that the package failed: out of luck" in refusal(check())


def test_a_part_of_the_sequences_has_a_record_of_its_own(check: EntryPoint, tmp_path: Path) -> None:
    assert check()[0] == 0
    status, output, _ = check("sequences=[cow]")
    assert status == 0
    assert "All 12 figures are equal" in output
    assert len(list((tmp_path / "runs/checked/davis17_val").iterdir())) == 2


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            '["M_per_object"][f"{name}_',
            '["M_per_object"][f"x{name}_',
            "found cow_1, cow_2, dog_1, dog_2, xcow_1, ... sco",
        ),
        (
            "        return found",
            '        found["J"]["R"].pop()\n        return found',
            "found an answer of another form (zip()",
        ),
        (
            "        return found",
            '        del found["F"]\n        return found',
            "found an answer of another form ('F')",
        ),
    ],
)
def test_a_package_that_answers_something_else_is_one_line(
    check: EntryPoint, checkout: Path, before: str, after: str, line: str
) -> None:
    path = checkout / "davis2017/evaluation.py"
    path.write_text(path.read_text().replace(before, after))
    refused = refusal(check())
    assert line in refused
    assert "git clone" in refused


def test_the_commit_is_that_of_the_checkout_and_of_no_repository_around_it(checkout: Path, tmp_path: Path) -> None:
    commit = make_commit(tmp_path)
    assert commit_of(tmp_path) == commit
    assert commit_of(checkout) is None
    own = make_commit(checkout)
    assert commit_of(checkout) == own


def make_commit(folder: Path) -> str:
    git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b")
    for command in (("init", "--quiet"), ("commit", "--quiet", "--allow-empty", "--message", str(folder))):
        subprocess.run([*git, *command], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


def test_a_commit_other_than_the_known_one_is_said(check: EntryPoint) -> None:
    assert "at a commit that is not known (the tests of this repository were held against ac7c43fca" in check()[1]


def test_nothing_of_ours_can_be_imported_where_the_package_runs(check: EntryPoint, checkout: Path) -> None:
    path = checkout / "davis2017/evaluation.py"
    path.write_text(f"import evaluators\n{path.read_text()}")
    assert "found no evaluators;" in refusal(check())


def test_an_interpreter_that_is_not_there_is_named(check: EntryPoint) -> None:
    assert "name an interpreter with python=" in refusal(check("python=/no/such/python"))


def test_a_protocol_that_the_package_does_not_know_is_refused_before_anything_is_read(
    check: EntryPoint, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "masks")
    assert "found protocol first_appearance" in refusal(check("dataset=folder"))
