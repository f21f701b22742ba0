"""Datasets, from where they can be had to where they belong; or the steps by which a person gets them there."""

from pathlib import Path

from benchmarks.acquisition.archive import acquire_archive
from benchmarks.acquisition.locked_file import Means
from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets import open_dataset
from benchmarks.datasets.davis import STANDARD_SIZE
from benchmarks.datasets.listing import AbsentFolderError
from benchmarks.datasets.long_video import ONCE
from benchmarks.errors import InputError, MismatchError
from reports.wording import counted

ANOTHER_SIZE = 720  # any that is not the standard one makes a dataset look for its frames at full resolution


def acquire_dataset(config: DatasetConfig, *, data: Path, full_resolution: bool, keep: bool, means: Means) -> None:
    """Fetch and unpack the dataset's archives, if it is not there yet; or tell what a person has to do.

    Args:
        config: which dataset.
        data: the folder that holds all datasets.
        full_resolution: whether archives are wanted that only sizes other than 480p need.
        keep: whether archives are kept when they are unpacked.
        means: to do it by.

    Raises:
        InputError: it is not there, and not to be had.
    """
    if full_resolution and not any(archive.full_resolution for archive in config.archives):
        raise InputError(
            f"full_resolution=true: expected a dataset with an archive for it, found none of {config.title}; "
            "leave it out"
        )
    if not config.archives and not config.manual:
        raise InputError(
            f"dataset={config.name}: expected a dataset that is fetched, found {config.title}, which are made when "
            "missing or are your own"
        )
    _acquire_size(config, data=data, size=STANDARD_SIZE, keep=keep, means=means)
    if full_resolution:
        _acquire_size(config, data=data, size=ANOTHER_SIZE, keep=keep, means=means)


def _acquire_size(config: DatasetConfig, *, data: Path, size: int, keep: bool, means: Means) -> None:
    """What running at that size needs, the other size apart."""
    if _is_there(config, data, size=size):
        means.progress.say(f"{_describe(config, data, size=size)}: nothing to fetch")
        return
    archives = [archive for archive in config.archives if archive.full_resolution is (size != STANDARD_SIZE)]
    for archive in archives:
        acquire_archive(archive, data=data, keep=keep, means=means)
    if not archives:
        for line in manual_steps(config, data):
            means.progress.say(line)
    try:
        means.progress.say(_describe(config, data, size=size))
    except AbsentFolderError as error:
        if archives:
            raise
        raise MismatchError(
            error.place,
            expected=error.expected,
            found=error.found,
            remedy="do the steps above; the same command then verifies what was put there",
        ) from error


def manual_steps(config: DatasetConfig, data: Path) -> tuple[str, ...]:
    """What a person has to do, a numbered line each, with the folder that is really meant."""
    steps = [step.replace("paths.data", str(data.absolute())) for step in config.manual]
    given = ONCE if config.layout is Layout.LONG_VIDEO_X3 else config.name  # 3X is made of what is got by hand
    steps.append(f"See whether all is there: {_doctor(given, data)}")
    return tuple(f"{number}. {step}" for number, step in enumerate(steps, start=1))


def _doctor(dataset: str, data: Path) -> str:
    return f"python -m benchmarks.doctor dataset={dataset} paths.data={data}"


def _is_there(config: DatasetConfig, data: Path, *, size: int) -> bool:
    try:
        _describe(config, data, size=size)
    except InputError:
        return False
    return True


def _describe(config: DatasetConfig, data: Path, *, size: int) -> str:
    """What there is of the dataset, in words.

    Raises:
        InputError: it is not there, or not all of it.
    """
    dataset = open_dataset(config, data=data, size=size)
    frames = sum(len(sequence.frames) for sequence in dataset.sequences)
    for what, expected, found in (
        ("sequences", config.counts.sequences, len(dataset.sequences)),
        ("frames", config.counts.frames, frames),
    ):
        if expected not in (None, found):
            raise InputError(
                f"{data / config.root}: expected {expected} {what} of {config.title}, found {found}; see what is "
                f"missing: {_doctor(config.name, data)}"
            )
    content = f"{counted(len(dataset.sequences), 'sequence')}, {counted(frames, 'frame')}"
    return f"{config.title}: {content} in {data / config.root}"
