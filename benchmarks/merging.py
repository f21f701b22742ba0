"""Passes that were computed apart, perhaps on two machines, become the masks of one multi-scale run."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import torch

from benchmarks.artifacts import make_folder, sha256_of, sha256_of_files, sole_writer, write_record
from benchmarks.background_writer import BackgroundWriter
from benchmarks.computer import describe_computer, peak_memory_bytes
from benchmarks.config import CellConfig, ResolutionConfig, to_plain
from benchmarks.datasets import Dataset
from benchmarks.ensemble import mean_prediction, most_probable
from benchmarks.environment import describe_environment
from benchmarks.errors import InputError
from benchmarks.masks import encode_mask, read_palette
from benchmarks.probabilities import read_prediction
from benchmarks.recorded import probabilities_untouched, recorded_cell
from reports.records import MergedPart, RunRecord, SequenceRecord
from reports.run_folder import RunFolder, run_folder

CPU = torch.device("cpu")


def merge_runs(
    folders: Sequence[RunFolder], dataset: Dataset, *, resolution: ResolutionConfig, runs: Path
) -> RunFolder:
    """Average what the runs kept (`keep_probabilities=true`), and write the masks as a run of its own.

    Args:
        folders: of the runs, which differ in nothing but their passes.
        dataset: the sequences of the runs.
        resolution: all of its passes must be there, each in one of the runs.
        runs: the folder that holds all run folders.

    Raises:
        InputError: a pass, a sequence or a frame is missing, damaged, or there twice; or the runs do not go together.
        RunFolderError: a record is damaged.
    """
    cells = [recorded_cell(folder) for folder in folders]
    records = [folder.read_run() for folder in folders]
    _require_alike(folders, cells, records)
    _require_passes(folders, cells, resolution)
    _require_same_input(folders, cells, records)
    if dataset.fingerprint() != records[0].dataset.fingerprints[0]:
        raise InputError(
            f"{records[0].dataset.name}: expected the frames and prompts that {folders[0].path} was run on, found "
            "others; name the folder of datasets that was used with data="
        )
    finished = {name: _finished(folders, name) for name in records[0].dataset.sequences}
    record = _describe(replace(cells[0], resolution=resolution, keep_probabilities=False), cells, records)
    merged = run_folder(runs, record)
    with sole_writer(merged.path):
        write_record(merged.run_file, record)
        for sequence in dataset.sequences:
            palette = read_palette(next(iter(sequence.prompts.values())))
            parts = [(folder, len(cell.resolution.each_pass)) for folder, cell in zip(folders, cells, strict=True)]
            write_record(
                merged.sequence_file(sequence.name),
                _merge_sequence(parts, finished[sequence.name], merged, palette=palette),
            )
    return merged


def _merge_sequence(
    parts: Sequence[tuple[RunFolder, int]], record: SequenceRecord, merged: RunFolder, *, palette: bytes
) -> SequenceRecord:
    """A run of several passes kept their mean: it counts as often as it has passes."""
    masks = merged.masks / record.name
    make_folder(masks)
    files = [masks / f"{frame}.png" for frame in record.frames]
    labels: tuple[int, ...] = ()
    with BackgroundWriter() as writer:
        for frame, file in zip(record.frames, files, strict=True):
            predictions = [
                prediction
                for folder, passes in parts
                for prediction in [read_prediction(folder.probabilities / record.name / f"{frame}.zst")] * passes
            ]
            mean = mean_prediction(predictions)
            labels = mean.labels
            writer.submit(file, partial(encode_mask, most_probable(mean).mask(), palette=palette))
        writer.flush()
    return replace(
        record,
        labels=labels,
        milliseconds=(),
        memory=(),
        wall_seconds=None,
        peak_memory_bytes=peak_memory_bytes(CPU),
        use=None,
        masks_sha256=sha256_of_files(files),
        probabilities_sha256=None,
    )


def _require_alike(folders: Sequence[RunFolder], cells: Sequence[CellConfig], records: Sequence[RunRecord]) -> None:
    first = _deciding(cells[0], records[0])
    for folder, cell, record in zip(folders, cells, records, strict=True):
        for what, value in _deciding(cell, record).items():
            if value != first[what]:
                raise InputError(
                    f"{folder.run_file}: expected the {what} of {folders[0].path}, found another; "
                    "merge runs that differ in their passes only"
                )


def _deciding(cell: CellConfig, record: RunRecord) -> dict[str, object]:
    """What decides masks beside the passes, and the machine, of which there may be several."""
    return {
        "variant": cell.variant.name,
        "checkpoint": record.checkpoint.sha256,
        "dataset": cell.dataset.name,
        "sequences": record.dataset.sequences,
        "scoring": cell.dataset.scoring,
        "precision": cell.precision,
        "engine": cell.engine,
        "videos": cell.videos,
        "memory": cell.memory,
        "code": record.environment.code_sha256,
    }


def _require_passes(folders: Sequence[RunFolder], cells: Sequence[CellConfig], resolution: ResolutionConfig) -> None:
    found = [one.name for cell in cells for one in cell.resolution.each_pass]
    wanted = [one.name for one in resolution.each_pass]
    if sorted(found) != sorted(wanted):
        where = ", ".join(str(folder.path) for folder in folders)
        raise InputError(
            f"runs: expected the passes {', '.join(wanted)}, each once, found {', '.join(found)} in {where}; "
            "run what is missing with keep_probabilities=true, or name other passes with resolution.passes=[...]"
        )


def _require_same_input(
    folders: Sequence[RunFolder], cells: Sequence[CellConfig], records: Sequence[RunRecord]
) -> None:
    """Passes of one size read the same files, be they mirrored or not."""
    seen: dict[int | None, tuple[str, RunFolder]] = {}
    for folder, cell, record in zip(folders, cells, records, strict=True):
        for one, fingerprint in zip(cell.resolution.each_pass, record.dataset.fingerprints, strict=True):
            known, first = seen.setdefault(one.size, (fingerprint, folder))
            if known != fingerprint:
                raise InputError(
                    f"{folder.run_file}: expected the frames and prompts of {first.path}, found others; run both on "
                    "the same copy of the dataset"
                )


def _finished(folders: Sequence[RunFolder], name: str) -> SequenceRecord:
    """The sequence's record in the first run, once all runs are found to have kept the same frames of it, whole."""
    records = [_finished_in(folder, name) for folder in folders]
    for folder, record in zip(folders, records, strict=True):
        if record.frames != records[0].frames:
            raise InputError(
                f"{folder.sequence_file(name)}: expected the frames of {folders[0].sequence_file(name)}, found others; "
                "run both on the same dataset"
            )
    return records[0]


def _finished_in(folder: RunFolder, name: str) -> SequenceRecord:
    record = folder.read_sequence(name)
    if record is None or not probabilities_untouched(folder, record):
        raise InputError(
            f"{folder.probabilities / name}: expected the probabilities of every frame as they were written, found "
            "others or not all; run the same cell again with keep_probabilities=true"
        )
    return record


def _describe(cell: CellConfig, cells: Sequence[CellConfig], records: Sequence[RunRecord]) -> RunRecord:
    fingerprints = {
        one.name: fingerprint
        for part, record in zip(cells, records, strict=True)
        for one, fingerprint in zip(part.resolution.each_pass, record.dataset.fingerprints, strict=True)
    }
    return replace(
        records[0],
        name=cell.name,
        digest=sha256_of(["merged", sorted(record.digest for record in records)]),
        recipe=sha256_of(["merged", sorted(record.recipe for record in records)]),
        command=shlex.join(sys.orig_argv),
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        cell=to_plain(cell),
        dataset=replace(
            records[0].dataset, fingerprints=tuple(fingerprints[one.name] for one in cell.resolution.each_pass)
        ),
        environment=describe_environment(describe_computer(CPU)),
        circumstances=None,
        merged_from=tuple(MergedPart(digest=one.digest, environment=one.environment) for one in records),
    )
