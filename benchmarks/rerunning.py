"""A run once more, from nothing but its own record, into a folder of its own."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from benchmarks.cell import Cell, prepare_cell
from benchmarks.config import PathsConfig, RerunConfig
from benchmarks.errors import InputError
from benchmarks.recorded import absent_data_explained, recorded_cell
from benchmarks.reproduction import run_and_score
from reports.records import DatasetRecord
from reports.run_comparison import RunComparison
from reports.run_folder import RunFolder

RERUNS = "reruns"  # below the folder of runs, too deep in it to be found among them


def rerun(config: RerunConfig, console: Console) -> RunFolder:
    """Run again what a record says, on the very data and weights that it names.

    Returns:
        The new folder.

    Raises:
        InputError: there is no such run, it was merged, or its data or weights are gone or others.
        RunFolderError: its record is damaged.
    """
    folder = RunFolder(Path(config.run))
    cell = recorded_cell(folder)
    run = folder.read_run()
    if run.merged_from:
        raise InputError(f"{folder.path}: expected a run, found one that was merged of several; rerun these")
    checkpoint = Path(run.checkpoint.path)
    paths = PathsConfig(
        data=cell.paths.data if config.data is None else config.data,
        weights=str(checkpoint.parent) if config.weights is None else config.weights,
        runs=str(_new_place(config, folder)),
        lock=cell.paths.lock,
    )
    # What came with the code then may be another file now: the folder that is named is where it is.
    variant = cell.variant if config.weights is None else replace(cell.variant, shipped=False)
    again = replace(cell, paths=paths, variant=variant)
    with absent_data_explained():
        prepared = prepare_cell(again, checkpoint.name)
    _require_same(folder, prepared)
    run_and_score(prepared, console)
    return prepared.folder


def _new_place(config: RerunConfig, folder: RunFolder) -> Path:
    """A folder that nobody has used: what is there already would not be run."""
    root = folder.path.resolve().parent.parent / RERUNS if config.output is None else Path(config.output)
    return root / f"{folder.path.resolve().name}-{datetime.now().astimezone():%Y%m%dT%H%M%S%f}"


def _require_same(folder: RunFolder, cell: Cell) -> None:
    """Raises InputError where weights or data are not those of the record, so that it would be another run."""
    then, now = folder.read_run(), cell.record
    if now.checkpoint.sha256 != then.checkpoint.sha256:
        raise InputError(
            f"{now.checkpoint.path}: expected the checkpoint that {folder.path} ran with (SHA-256 "
            f"{then.checkpoint.sha256[:12]}...), found another ({now.checkpoint.sha256[:12]}...); name the folder that "
            "has it with weights="
        )
    if (change := _change(then.dataset, now.dataset)) is not None:
        raise InputError(
            f"{now.dataset.root}: expected the frames and prompts that {folder.path} was run on, found others "
            f"({change}); name the folder that has them with data="
        )


def _change(then: DatasetRecord, now: DatasetRecord) -> str | None:
    """What of the data is not as it was, as far as a record can tell; None where all is."""
    if now.sequences != then.sequences:
        gone, new = sorted(set(then.sequences) - set(now.sequences)), sorted(set(now.sequences) - set(then.sequences))
        parts = [f"{what}: {', '.join(names)}" for what, names in (("gone", gone), ("new", new)) if names]
        return "; ".join(parts) or "sequences in another order"
    if now.frames != then.frames:
        return f"{now.frames} frames instead of {then.frames}"
    changed = [
        str(number)
        for number, (before, after) in enumerate(zip(then.fingerprints, now.fingerprints, strict=True), 1)
        if before != after
    ]
    if not changed:
        return None
    what = "the name or length of a frame, or a prompt"
    return (
        what if len(now.fingerprints) == 1 else f"{what}, for pass {' and '.join(changed)} of {len(now.fingerprints)}"
    )


def verdict(compared: RunComparison) -> str:
    """One line: whether the rerun, which is the second and finished, has the masks of the run."""
    count, again = len(compared.compared), compared.second.sequences
    if compared.disagreements:
        return f"Not reproduced: masks differ in {len(compared.disagreements)} of {count} sequences."
    if count < again:
        return (
            f"Reproduced as far as the run was finished: masks are identical in {count} of {again} sequences; "
            "the run has none of the others."
        )
    return "Reproduced: all masks are identical."
