"""A cell is run: each repeat, sequence by sequence. What is finished already is not done again."""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import count

from benchmarks.artifacts import sole_writer, write_record
from benchmarks.cell import Cell
from benchmarks.config import Engine
from benchmarks.device import memory_errors_explained
from benchmarks.engine import make_ready
from benchmarks.errors import InputError
from benchmarks.frames import image_size
from benchmarks.progress import RunProgress
from benchmarks.recorded import masks_untouched, probabilities_untouched
from benchmarks.runner import Pass, Video, run_sequences
from reports.determinism import MaskDifference, judge_repeats
from reports.records import SequenceRecord
from reports.run_folder import RepeatFolder, RunFolder
from reports.wording import counted
from xmem import XMem


def run_cell(cell: Cell, progress: RunProgress) -> None:
    """Segment every sequence that is not finished yet, as often as was asked for.

    Raises:
        InputError: input is unusable, or the folder cannot be written to. Finished sequences remain finished.
        RunFolderError: what an earlier run left is damaged.
    """
    with sole_writer(cell.folder.path):
        _write_run(cell)
        network = cache(lambda: _make_ready(cell, progress))  # a run that is finished needs none
        for number in range(1, cell.config.repeats + 1):
            unfinished = [video for video in _videos(cell, number) if not _was_finished(cell, number, video, progress)]
            for wave in waves(unfinished, videos_at_once=cell.config.videos):
                _run_wave(cell, number, wave, network(), progress)
        if cell.config.repeats > 1:
            _judge(cell.folder, progress)


def _make_ready(cell: Cell, progress: RunProgress) -> XMem:
    engine = cell.config.engine
    if engine.name is not Engine.EAGER:
        progress.say(f"engine={engine.name}: made ready, which takes minutes where it has to be compiled")
    return make_ready(cell.network, cell.device, engine=engine, precision=cell.config.precision)


def waves(videos: Sequence[Video], *, videos_at_once: int) -> list[list[Video]]:
    """Which videos are segmented together, as many in each wave as in the others or one less.

    Videos of a wave begin together and end one by one, so they have about the same length, and those of one image size
    are one batch.
    """
    if videos_at_once == 1:
        return [[video] for video in videos]
    alike = sorted(videos, key=lambda video: (image_size(video.sequence.frames[0]), len(video.sequence.frames)))
    count = -(-len(alike) // videos_at_once)
    return [alike[len(alike) * wave // count : len(alike) * (wave + 1) // count] for wave in range(count)]


def _videos(cell: Cell, number: int) -> Iterator[Video]:
    """All sequences, as they are segmented in one repeat; of a later one no probabilities are kept."""
    folder = cell.folder.repeat(number)
    kept = folder.probabilities if cell.config.keep_probabilities and number == 1 else None
    for views in zip(*(dataset.sequences for dataset in cell.passes), strict=True):
        passes = [
            Pass(sequence=sequence, config=one)
            for sequence, one in zip(views, cell.config.resolution.each_pass, strict=True)
        ]
        name = views[0].name
        yield Video(passes=passes, masks=folder.masks / name, probabilities=None if kept is None else kept / name)


def _run_wave(cell: Cell, number: int, videos: Sequence[Video], network: XMem, progress: RunProgress) -> None:
    """Segment some sequences together. Of a later repeat only masks are kept that differ from those of the first."""
    folder, names = cell.folder.repeat(number), [video.sequence.name for video in videos]
    progress.start(_title(", ".join(names), number))
    began = time.perf_counter()
    with memory_errors_explained(f"sequence {', '.join(names)}"):
        records = run_sequences(
            videos,
            network,
            memory=cell.config.memory,
            precision=cell.config.precision,
            seed=cell.config.seed + number - 1,
            together=cell.config.videos,
            progress=progress,
        )
    seconds = time.perf_counter() - began
    for record in records:
        write_record(folder.sequence_file(record.name), record)
        if number > 1 and _has_masks_of_first(cell.folder, record):
            _remove_masks(folder, record.name)
        for remark in record.remarks if number == 1 else ():
            progress.say(f"{record.name}: {remark}")
    frames = sum(len(video.sequence.frames) for video in videos)
    progress.say(f"{_title(', '.join(names), number)}: {counted(frames, 'frame')} in {seconds:.1f} s")


def _title(sequence: str, number: int) -> str:
    return sequence if number == 1 else f"{sequence}, repeat {number}"


def _was_finished(cell: Cell, number: int, video: Video, progress: RunProgress) -> bool:
    """Whether it needs not be run; says so where that is so."""
    name = video.sequence.name
    if not _is_finished(cell.folder, number, name, with_probabilities=video.probabilities is not None):
        return False
    progress.start(_title(name, number))
    progress.advance(len(video.sequence.frames))
    progress.say(f"{_title(name, number)}: finished before")
    return True


def _is_finished(folder: RunFolder, number: int, name: str, *, with_probabilities: bool) -> bool:
    """Whether the sequence has a record, and its files are the very ones that were written."""
    repeat = folder.repeat(number)
    record = repeat.read_sequence(name)
    if record is None:
        return False
    if number > 1 and _has_masks_of_first(folder, record):
        return True
    if not masks_untouched(repeat, record):
        return False
    return not with_probabilities or probabilities_untouched(repeat, record)


def _has_masks_of_first(folder: RunFolder, record: SequenceRecord) -> bool:
    first = folder.read_sequence(record.name)
    return first is not None and first.masks_sha256 == record.masks_sha256


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
        whole = [_is_finished(folder, number, record.name, with_probabilities=False) for record in records]
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
        if _has_masks_of_first(folder, record):
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
        record = replace(found, recipe=recipe, cell=record.cell, dataset=record.dataset)
        if recipe == found.recipe and listed > asked:
            record = replace(record, cell={**record.cell, "variant": found.cell["variant"]})
        # What was kept, and what was repeated, is there still.
        kept = {key: max(found.cell[key], record.cell[key]) for key in ("keep_probabilities", "repeats")}
        record = replace(record, cell={**record.cell, **kept})
        if record == found:
            return
    write_record(cell.folder.run_file, record)
