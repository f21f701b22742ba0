"""Masks that may go to an evaluation server: where they are, and what they are of."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.config import DatasetConfig, PathsConfig, Submission, SubmitConfig
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.recorded import recorded_cell, recorded_dataset
from benchmarks.submission.completeness import require_complete
from benchmarks.submission.submitted_run import require_whole
from reports.run_folder import RunFolder

# Options of which each may be left out, and those that go together.
NAMING = ("run", "masks", "dataset", "answer", "output", "data")
WITH_RUN = ({"run", "output", "data"}, {"run", "answer", "data"})
WITH_MASKS = {"masks", "dataset", "output", "paths.data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Masks, and the zip to make of them.

    Args:
        form: how the zip is laid out.
        dataset: what the masks are of.
        masks: folder with a folder of masks for each sequence.
        output: the zip.
        folder: of the run that made the masks; None where they were made elsewhere.
    """

    form: Submission
    dataset: Dataset
    masks: Path
    output: Path
    folder: RunFolder | None


def find_candidate(config: SubmitConfig) -> Candidate:
    """The masks that were named, of a whole dataset that has a server.

    Raises:
        InputError: options do not go together, the dataset has no server or is not complete, the masks are no folder,
            or a run is not whole or was changed.
        RunFolderError: the run's record is damaged.
    """
    given = [name for name in NAMING if getattr(config, name) is not None]
    if config.paths.data != PathsConfig().data:
        given.append("paths.data")
    if config.run is not None and any(set(given) <= one for one in WITH_RUN):
        return _of_run(RunFolder(Path(config.run)), config)
    if config.masks is not None and config.dataset is not None and set(given) <= WITH_MASKS:
        return _of_folder(Path(config.masks), config.dataset, config)
    found = " and ".join(f"{name}=" for name in given)
    raise InputError(
        "configuration: expected run= (with output=, data=), or run= and answer= (with data=), or masks= and dataset= "
        f"(with output=, paths.data=), found {found or 'none of them'}; a run knows its dataset"
    )


def _of_run(folder: RunFolder, config: SubmitConfig) -> Candidate:
    cell = recorded_cell(folder)
    form = _require_server(cell.dataset)
    require_whole(folder)
    data = Path(cell.paths.data if config.data is None else config.data)
    dataset = recorded_dataset(folder, data=config.data)
    require_complete(dataset, cell.dataset, data=data)
    return Candidate(
        form=form,
        dataset=dataset,
        masks=folder.masks,
        output=folder.path / "submission.zip" if config.output is None else Path(config.output),
        folder=folder,
    )


def _of_folder(masks: Path, config: DatasetConfig, command: SubmitConfig) -> Candidate:
    form = _require_server(config)
    if command.output is None:
        raise InputError("output: expected the zip to write, found none; name it with output=FILE.zip")
    _require_folder(masks)
    data = Path(command.paths.data)
    dataset = open_dataset(config, data=data, size=None)
    require_complete(dataset, config, data=data)
    return Candidate(form=form, dataset=dataset, masks=masks, output=Path(command.output), folder=None)


def _require_folder(masks: Path) -> None:
    """What a server looks at, an archive does not hold: mode, palette and compression are those of PNG files."""
    expected = f"{masks}: expected a folder with a folder of PNG files for each sequence, found"
    if RunFolder(masks).run_file.exists():
        raise InputError(f"{expected} a run folder; name it with run= instead of masks= and dataset=")
    if masks.is_file():
        raise InputError(
            f"{expected} a file; these very PNG files are looked at and packed, so unpack a zip and name the folder; "
            "an archive of benchmarks.archive holds no PNG files: name what it was made of"
        )
    if not masks.is_dir():
        raise InputError(f"{expected} nothing of this name; name it with masks=")


def _require_server(dataset: DatasetConfig) -> Submission:
    if dataset.submission is None:
        raise InputError(
            f"dataset: expected one that an evaluation server scores, found {dataset.name}; it is scored here, by "
            "benchmarks.run and benchmarks.score"
        )
    return dataset.submission
