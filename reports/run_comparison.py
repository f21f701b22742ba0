"""Two runs, compared: what they came to, in what they were unlike, and where their masks first differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from evaluators import DatasetScore, ScoringError, summarise_sequences
from reports.bootstrap import FigureIntervals, intervals_of_difference
from reports.comparison import Comparison, compare_scores
from reports.mask_disagreement import MaskDisagreement, first_disagreement
from reports.records import RunRecord, SequenceRecord
from reports.result import Result, read_result
from reports.run_folder import RunFolder, RunFolderError
from reports.spread import Spread
from reports.timing import TimingContract, fps_spread, step_contract
from reports.validity import Mode, why_invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Something in which two runs are unlike; values as JSON has them, None where a run has no such thing."""

    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSide:
    """One of two runs.

    Attributes:
        path: its folder.
        sequences: that it has finished.
        devices: what it ran on.
        contract: under which its steps were timed.
        fps: under this contract; None where nothing was timed.
        invalid: why its speed may not stand beside others, a reason each.
        determinism: what came of its repeats; None where there was but one. Scores and masks are those of the first.
    """

    path: str
    sequences: int
    devices: str
    contract: TimingContract
    fps: Spread | None
    invalid: tuple[str, ...]
    determinism: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """All that there is to say of two runs.

    Attributes:
        first: A in tables.
        second: B in tables.
        settings: in which they are unlike: configuration, checkpoint, dataset, environment.
        scores: of every object of the sequences that both have; None where one was not scored, or not alike.
        no_scores: why there are none; None where there are.
        unlike: whether that is because both were scored, but not on the same data by the same protocol.
        intervals: of the differences; None for fewer than two sequences.
        compared: names of the sequences that both have finished.
        disagreements: of the masks of these, a sequence each in which they differ, in the order of A.
    """

    first: RunSide
    second: RunSide
    settings: tuple[Setting, ...]
    scores: Comparison | None
    no_scores: str | None
    unlike: bool
    intervals: FigureIntervals | None
    compared: tuple[str, ...]
    disagreements: tuple[MaskDisagreement, ...]


def compare_runs(first: Path, second: Path) -> RunComparison:
    """Compare two run folders.

    Raises:
        RunFolderError: one of them is none, or damaged.
    """
    folders = [_require_run(path) for path in (first, second)]
    one, other = (read_result(folder) for folder in folders)
    scores, reason = _compare_scores(one, other)
    records = {record.name: record for record in other.records}
    pairs = [(record, records[record.name]) for record in one.records if record.name in records]
    return RunComparison(
        first=_side(first, one),
        second=_side(second, other),
        settings=tuple(_unlike(_settings(one), _settings(other))),
        scores=scores,
        no_scores=reason,
        unlike=scores is None and one.score is not None and other.score is not None,
        intervals=None if scores is None else intervals_of_difference(scores),
        compared=tuple(record.name for record, _ in pairs),
        disagreements=tuple(_disagreements(pairs, folders)),
    )


def _require_run(path: Path) -> RunFolder:
    folder = RunFolder(path)
    if not folder.run_file.is_file():
        raise RunFolderError(f"{path}: expected a run folder, found no run.json in it; name one below runs/")
    return folder


def _side(path: Path, result: Result) -> RunSide:
    contract = step_contract(result.timed)
    return RunSide(
        path=str(path),
        sequences=len(result.records),
        devices=result.run.devices,
        contract=contract,
        fps=fps_spread(result.timed, contract),
        invalid=why_invalid(result, Mode.PERFORMANCE),
        determinism=None if result.determinism is None else result.determinism.verdict,
    )


def _compare_scores(one: Result, other: Result) -> tuple[Comparison | None, str | None]:
    if one.score is None or other.score is None:
        return None, f"{(one if one.score is None else other).name} was not scored"
    try:
        _require_same_data(one.run, other.run)
        return compare_scores(*_of_common_sequences(one.score, other.score)), None
    except ScoringError as error:
        return None, str(error)


def _of_common_sequences(one: DatasetScore, other: DatasetScore) -> tuple[DatasetScore, DatasetScore]:
    """Both as they are where they have the same sequences, else what both have of them; without G, which is of all."""
    names = [{sequence.name for sequence in score.sequences} for score in (one, other)]
    common = set.intersection(*names)
    if not common or names[0] == names[1]:
        return one, other
    first, second = (
        summarise_sequences([sequence for sequence in score.sequences if sequence.name in common])
        for score in (one, other)
    )
    return first, second


def _require_same_data(one: RunRecord, other: RunRecord) -> None:
    """Raises ScoringError where names are the same and what they name is not, which scores alone do not show."""
    if one.dataset.name != other.dataset.name:
        raise ScoringError(
            f"expected runs on one dataset, found {one.dataset.name} and {other.dataset.name}; compare runs on one"
        )
    alike = one.dataset.sequences == other.dataset.sequences and one.cell["resolution"] == other.cell["resolution"]
    if alike and one.dataset.fingerprints != other.dataset.fingerprints:  # at another resolution other files are read
        raise ScoringError(
            f"expected runs on the same frames and prompts, found others in {one.dataset.root} than in "
            f"{other.dataset.root} when they ran; run one of them again"
        )


def _disagreements(
    pairs: Sequence[tuple[SequenceRecord, SequenceRecord]], folders: Sequence[RunFolder]
) -> Iterator[MaskDisagreement]:
    for one, other in pairs:
        if one.masks_sha256 != other.masks_sha256:
            yield first_disagreement(one, other, *(folder.masks / one.name for folder in folders))


def _settings(result: Result) -> dict[str, Any]:
    """All that a run depends on, by dotted name; when it ran, and by which words, is no such thing."""
    run = result.run
    parts = {
        **run.cell,
        "checkpoint": asdict(run.checkpoint),
        "data": msgspec.to_builtins(run.dataset),
        "environment": msgspec.to_builtins(run.environment),
        "merged from": [part.digest for part in run.merged_from],
    }
    return dict(_flatten(parts))


def _flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flatten(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", inner


def _unlike(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Setting]:
    for name in dict.fromkeys([*first, *second]):
        if first.get(name) != second.get(name):
            yield Setting(name=name, first=first.get(name), second=second.get(name))
