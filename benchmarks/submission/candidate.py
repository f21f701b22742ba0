"""Masks that may go to an evaluation server: where they are, and what they are of."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.config import DatasetConfig, Submission, SubmitConfig
from benchmarks.datasets import Dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.recorded import recorded_cell, recorded_dataset
from benchmarks.submission.submitted_run import require_whole
from reports.run_folder import RunFolder


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
        InputError: options do not go together, the dataset has no server, or a run is not whole or was changed.
        RunFolderError: the run's record is damaged.
    """
    if config.run is not None and config.masks is None and config.dataset is None:
        return _of_run(RunFolder(Path(config.run)), config)
    if config.run is None and config.masks is not None and config.dataset is not None and config.answer is None:
        return _of_folder(Path(config.masks), config.dataset, config)
    given = [name for name in ("run", "masks", "dataset", "answer") if getattr(config, name) is not None]
    raise InputError(
        "configuration: expected run=, or run= and answer=, or masks= and dataset=, found "
        f"{' and '.join(f'{name}=' for name in given) or 'none of them'}; a run knows its dataset"
    )


def _of_run(folder: RunFolder, config: SubmitConfig) -> Candidate:
    form = _require_server(recorded_cell(folder).dataset)
    require_whole(folder)
    return Candidate(
        form=form,
        dataset=recorded_dataset(folder, data=config.data),
        masks=folder.masks,
        output=folder.path / "submission.zip" if config.output is None else Path(config.output),
        folder=folder,
    )


def _of_folder(masks: Path, dataset: DatasetConfig, config: SubmitConfig) -> Candidate:
    form = _require_server(dataset)
    if config.output is None:
        raise InputError("output: expected the zip to write, found none; name it with output=FILE.zip")
    return Candidate(
        form=form,
        dataset=open_dataset(dataset, data=Path(config.paths.data), size=None),
        masks=masks,
        output=Path(config.output),
        folder=None,
    )


def _require_server(dataset: DatasetConfig) -> Submission:
    if dataset.submission is None:
        raise InputError(
            f"dataset: expected one that an evaluation server scores, found {dataset.name}; it is scored here, by "
            "benchmarks.run and benchmarks.score"
        )
    return dataset.submission
