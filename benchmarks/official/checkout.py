"""The official package: where it can be had, and running it on a folder of masks."""

import json
import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import InputError

URL = "https://github.com/davisvideochallenge/davis2017-evaluation"
COMMIT = "ac7c43fca936f9722837b7fbd337d284ba37004b"  # that our scores were held against
MEMBER = Path("davis2017/evaluation.py")
NEEDS = "numpy opencv-python-headless pillow scikit-image scipy tqdm"
DRIVER = Path(__file__).with_name("driver.py")
SHOWN = 300  # characters of what it printed last

HOW_TO_GET = f"get one with `git clone {URL} && git -C davis2017-evaluation checkout {COMMIT}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialFigures:
    """What the package says of one object; a decay is None for its NaN."""

    j_mean: float
    j_recall: float
    j_decay: float | None
    f_mean: float
    f_recall: float
    f_decay: float | None


def require_checkout(path: Path | None) -> Path:
    """The folder of the package.

    Raises:
        InputError: none was named, or it holds something else.
    """
    if path is None:
        raise InputError(f"official: expected a checkout of davis2017-evaluation, found none named; {HOW_TO_GET}")
    if not (path / MEMBER).is_file():
        raise InputError(f"{path}: expected a checkout of davis2017-evaluation, found no {MEMBER} in it; {HOW_TO_GET}")
    return path.resolve()


def commit_of(checkout: Path) -> str | None:
    """The commit that is checked out; None where there is no saying, as in a copy that lies in another repository."""
    try:
        told = subprocess.run(  # noqa: S603
            ["git", "-C", str(checkout), "rev-parse", "--show-toplevel", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    root, _, commit = told.stdout.strip().rpartition("\n")
    return commit if Path(root).resolve() == checkout.resolve() else None


def run_official(checkout: Path, *, python: str, root: Path, masks: Path) -> dict[str, OfficialFigures]:
    """Figures by object, named `<sequence>_<label>`.

    Args:
        checkout: of the package.
        python: interpreter that has the packages which it needs.
        root: a DAVIS folder whose `val` is what is to be scored.
        masks: a folder of masks for each sequence.

    Raises:
        InputError: the interpreter or a package is missing, or the package fails.
    """
    answer = root / "answer.json"
    script = Path(shutil.copy(DRIVER, root))  # away from our packages, which its folder would make importable
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    try:
        done = subprocess.run(  # noqa: S603
            [python, str(script), str(root), str(masks), str(answer)],
            capture_output=True,
            text=True,
            check=False,
            cwd=root,
            env=environment,
        )
    except OSError as error:
        raise InputError(f"{python}: cannot run it: {error.strerror}; name an interpreter with python=") from error
    if not answer.is_file():
        last = " ".join((done.stdout + done.stderr).split())[-SHOWN:]
        raise InputError(f"{checkout}: expected scores, found that the package failed: {last or done.returncode}")
    try:
        return _figures(json.loads(answer.read_text(encoding="utf-8")), python=python)
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{checkout}: expected J and F of every object, found an answer of another form ({error}); {HOW_TO_GET}"
        ) from error


def _figures(answer: dict[str, Any], *, python: str) -> dict[str, OfficialFigures]:
    if "lacks" in answer:
        raise InputError(
            f"{python}: expected the packages of davis2017-evaluation, found no {answer['lacks']}; install {NEEDS} "
            "there, or name another interpreter with python="
        )
    j, f = answer["J"], answer["F"]
    columns = zip(answer["objects"], j["M"], j["R"], j["D"], f["M"], f["R"], f["D"], strict=True)
    return {
        name: OfficialFigures(j_mean=jm, j_recall=jr, j_decay=_number(jd), f_mean=fm, f_recall=fr, f_decay=_number(fd))
        for name, jm, jr, jd, fm, fr, fd in columns
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
