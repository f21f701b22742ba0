"""A cell is run: each repeat, sequence by sequence. What is finished already is not done again."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from benchmarks.artifacts import sole_writer, write_record
from benchmarks.cell import Cell
from benchmarks.checkpoints import trust_checkpoint
from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.finished import has_masks_of_first, is_finished, is_whole
from benchmarks.progress import RunProgress
from reports.determinism import MaskDifference, judge_repeats
from reports.records import SequenceRecord
from reports.run_folder import RepeatFolder, RunFolder
from reports.wording import counted

if TYPE_CHECKING:
    from benchmarks.segmenter import Segmenter


def _tell_nobody(_name: str) -> None: ...


def run_cell(cell: Cell, progress: RunProgress, *, tell_finished: Callable[[str], None] = _tell_nobody) -> None:
    """Segment every sequence that is not finished yet, as often as was asked for.

    Args:
        cell: to run.
        progress: told of every frame.
        tell_finished: told the name of each sequence as soon as its masks of the first repeat are complete, at once
            where they were before.

    Raises:
        InputError: the checkpoint or input is unusable, or the folder cannot be written to. Finished sequences remain
            finished.
        RunFolderError: what an earlier run left is damaged.
    """
    with _segmenter(cell) as segmenter:
        trust_checkpoint(cell.config.variant, cell.checkpoint.name, cell.config.paths)  # it could be used, now or then
        with sole_writer(cell.folder.path):
            _write_run(cell)
            for number in range(1, cell.config.repeats + 1):
                tell = tell_finished if number == 1 else _tell_nobody
                _run_repeat(cell, number, segmenter, progress, tell_finished=tell)
            if cell.config.repeats > 1:
                _judge(cell.folder, progress)


def _segmenter(cell: Cell) -> "AbstractContextManager[Segmenter | None]":
    """None where nothing is left to run: it needs torch, which takes two seconds to import."""
    if not cell.left:
        return nullcontext()
    from benchmarks.segmenter import open_segmenter  # noqa: PLC0415 - as said

    return open_segmenter(cell)


def _run_repeat(
    cell: Cell,
    number: int,
    segmenter: "Segmenter | None",
    progress: RunProgress,
    *,
    tell_finished: Callable[[str], None],
) -> None:
    """All sequences once: first those that are finished before are told, then the others are run."""
    unfinished = []
    for views in zip(*(dataset.sequences for dataset in cell.passes), strict=True):
        name = views[0].name
        # Looked at again: another process may have finished it, and a repeat may no longer have the masks of the first.
        if segmenter is None or is_finished(cell.folder, cell.config, (number, name)):
            progress.start(_title([name], number))
            progress.advance(len(views[0].frames))
            progress.say(f"{_title([name], number)}: finished before")
            tell_finished(name)
        else:
            unfinished.append(views)
    if segmenter is None:
        return
    for wave in segmenter.waves(unfinished):
        _run_wave(cell, number, wave, segmenter, progress)
        for views in wave:
            tell_finished(views[0].name)


def _run_wave(
    cell: Cell, number: int, wave: list[tuple[Sequence, ...]], segmenter: "Segmenter", progress: RunProgress
) -> None:
    """Some sequences together. Of a later repeat only masks are kept that differ from those of the first."""
    title, folder = _title([views[0].name for views in wave], number), cell.folder.repeat(number)
    progress.start(title)
    segmenter.make_ready(progress)
    began = time.perf_counter()
    records = segmenter.segment(number, wave, progress)
    seconds = time.perf_counter() - began
    for record in records:
        write_record(folder.sequence_file(record.name), record)
        if number > 1 and has_masks_of_first(cell.folder, record):
            _remove_masks(folder, record.name)
        for remark in record.remarks if number == 1 else ():
            progress.say(f"{record.name}: {remark}")
    frames = sum(len(views[0].frames) for views in wave)
    progress.say(f"{title}: {counted(frames, 'frame')} in {seconds:.1f} s")


def _title(names: list[str], number: int) -> str:
    return ", ".join(names) if number == 1 else f"{', '.join(names)}, repeat {number}"


def _remove_masks(folder: RepeatFolder, name: str) -> None:
    shutil.rmtree(folder.masks / name)
    with suppress(OSError):  # others are in it
        folder.masks.rmdir()


def _judge(folder: RunFolder, progress: RunProgress) -> None:
    """Write down whether all repeats had the same masks, those of earlier commands too as far as they are whole."""
    names = folder.read_run().dataset.sequences
    differences: list[MaskDifference] = []
    for number in count(2):
        records = folder.read_sequences(repeat=number)
        whole = [is_whole(folder, (number, record.name)) for record in records]
        if whole.count(True) < len(names):
            break
        differences += _differences(folder, number, records)
    record = judge_repeats(number - 1, differences)
    if record != folder.read_determinism():
        write_record(folder.determinism_file, record)
    progress.say(f"masks of repeats: {record.verdict}")


def _differences(folder: RunFolder, number: int, records: list[SequenceRecord]) -> Iterator[MaskDifference]:
    """Of each sequence whose masks are not those of the first repeat."""
    for record in records:
        if has_masks_of_first(folder, record):
            continue
        masks = [where.masks / record.name for where in (folder, folder.repeat(number))]
        for frame in record.frames:
            first, other = (folder / f"{frame}.png" for folder in masks)
            if first.read_bytes() != other.read_bytes():
                yield MaskDifference(repeat=number, sequence=record.name, frame=frame)
                break


def _write_run(cell: Cell) -> None:
    """A run that is continued stays the run that was begun, but says what was asked of it last."""
    record = cell.record
    if cell.folder.run_file.exists():
        found = cell.folder.read_run()
        if found.digest != record.digest:
            raise InputError(
                f"{cell.folder.run_file}: expected the run {record.digest}, found {found.digest}; "
                "move the folder away, or choose another paths.runs="
            )
        # To run one of several training runs again on its own does not take it out of their mean.
        listed, asked = (set(one.cell["variant"]["checkpoints"]) for one in (found, record))
        recipe = record.recipe if listed <= asked else found.recipe
        record = replace(
            found, recipe=recipe, cell=record.cell, dataset=record.dataset, circumstances=record.circumstances
        )
        if recipe == found.recipe and listed > asked:
            record = replace(record, cell={**record.cell, "variant": found.cell["variant"]})
        # What was kept, and what was repeated, is there still.
        kept = {key: max(found.cell[key], record.cell[key]) for key in ("keep_probabilities", "repeats")}
        record = replace(record, cell={**record.cell, **kept})
        if record == found:
            return
    write_record(cell.folder.run_file, record)
