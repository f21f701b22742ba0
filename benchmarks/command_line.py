"""What every entry point does around its work: compose the configuration, and put errors into one line."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import hydra
from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from benchmarks.config import ENTRY_POINTS, register_schema
from benchmarks.errors import InputError
from benchmarks.usage import usage
from evaluators import ScoringError
from reports.run_folder import RunFolderError

CONF = Path(__file__).resolve().parents[1] / "conf"

NOISE = re.compile(
    r"\s*(full_key: .*|Config search path:.*|To append to your config use .*?$)", re.DOTALL | re.MULTILINE
)

QUOTING = """; a value with blanks or other signs needs quotes inside quotes: "paths.data='my videos'" """.rstrip()

# What an entry point does; it may name what it had to leave out.
Task = Callable[[DictConfig], tuple[str, ...] | None]

# What becomes of an interrupted command when it is given once more; any other begins anew.
CONTINUED = {
    "run": "the same command continues with what is not finished",
    "fetch": "the same command resumes the download",
    "train": "the same command goes on from the last saved state",
}

USER_ERROR = 2
INCOMPLETE = 3
INTERRUPTED = 130


def run_with_hydra(task: Task, *, config_name: str) -> None:
    """Compose `conf/<config_name>.yaml` with the overrides of the command line, and run the task, once or in a sweep.

    A mistake of the user ends with one line on standard error and status 2; anything else keeps its traceback. Where
    a task says that it left something out, the status at the end is 3.
    """
    if {"--help", "-h"} & set(sys.argv[1:]):
        about = sys.modules[task.__module__].__doc__ or ""
        sys.stdout.write(usage(config_name, ENTRY_POINTS[config_name], about=about, conf=CONF) + "\n")
        return
    left_out: list[str] = []
    register_schema(config_name)
    traceback_wanted = "HYDRA_FULL_ERROR" in os.environ
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra would print several lines of its own, and exit
    decorate = hydra.main(version_base="1.3", config_path=str(CONF), config_name=config_name)
    with _errors_in_one_line(traceback_wanted=traceback_wanted, config_name=config_name):
        decorate(_guarded(task, left_out, traceback_wanted=traceback_wanted, config_name=config_name))()
    if left_out:
        _fail(f"incomplete: left out, for the reasons above: {'; '.join(left_out)}", status=INCOMPLETE)


def _guarded(
    task: Task, left_out: list[str], *, traceback_wanted: bool, config_name: str
) -> Callable[[DictConfig], None]:
    """The task, leaving by SystemExit where the user erred: of other exceptions Hydra prints a summary of its own."""

    def guarded(composed: DictConfig) -> None:
        with _errors_in_one_line(traceback_wanted=traceback_wanted, config_name=config_name):
            left_out.extend(task(composed) or ())

    return guarded


@contextmanager
def _errors_in_one_line(*, traceback_wanted: bool, config_name: str) -> Iterator[None]:
    try:
        yield
    except (InputError, ScoringError, RunFolderError, HydraException, OmegaConfBaseException) as error:
        if traceback_wanted:
            raise
        hint = QUOTING if isinstance(error, OverrideParseException) else ""
        if isinstance(error, MissingMandatoryValue):
            hint = f"; name it with {error.full_key}="
        _fail(f"error: {one_line(error)}{hint}", status=USER_ERROR)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USER_ERROR)
    except OSError as error:  # Hydra's own, or of a kind that no code of ours has words for
        if traceback_wanted:
            raise
        _fail(f"error: {error.filename or 'input or output'}: {error.strerror or error}", status=USER_ERROR)
    except KeyboardInterrupt:
        after = f"; {CONTINUED[config_name]}" if config_name in CONTINUED else ""
        _fail(f"interrupted{after}", status=INTERRUPTED)


def one_line(error: BaseException) -> str:
    """An exception and what caused it, without line breaks and without what only Hydra's authors can use."""
    reasons: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        text = " ".join(NOISE.sub("", str(cause)).split())
        if text and not any(text in reason for reason in reasons):
            reasons.append(text)
        cause = cause.__cause__ if isinstance(cause, HydraException | OmegaConfBaseException) else None
    return ": ".join(reasons)


def _fail(line: str, *, status: int) -> None:
    sys.stdout.flush()
    sys.stderr.write(line + "\n")
    sys.exit(status)
