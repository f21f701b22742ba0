"""Which runs a card speaks of, and what it takes from their records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.card.record import CardError, MeasuredRecord, SequenceFigures, WeightsRecord
from reports.cell_table import repeat_notes
from reports.result import Result
from reports.wording import counted

OWN_VIDEOS = "folder"  # the dataset that is another for everybody


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRuns:
    """What runs came to.

    Attributes:
        measured: a record each, by dataset.
        ignored: why others are left out, a line each; of other variants one for all.
    """

    measured: tuple[MeasuredRecord, ...]
    ignored: tuple[str, ...]


def measured_runs(results: Sequence[Result], weights: WeightsRecord) -> MeasuredRuns:
    """The newest finished run of these very weights in each cell, on each device, over the same sequences.

    Raises:
        CardError: there is none.
    """
    of_variant = [one for one in results if one.run.cell["variant"]["name"] == weights.variant]
    reasons = {id(one): _why_ignored(one, weights) for one in of_variant}
    usable = sorted((one for one in of_variant if reasons[id(one)] is None), key=lambda one: one.run.began)
    newest = {_cell(one): one for one in usable}
    for one in usable:
        if newest[_cell(one)] is not one:
            reasons[id(one)] = f"{newest[_cell(one)].name} is of the same cell, and newer"
    ignored = [f"{one.run.dataset.name}/{one.name}: ignored: {why}" for one in of_variant if (why := reasons[id(one)])]
    if others := len(results) - len(of_variant):
        ignored.append(f"{counted(others, 'run')} of other variants than {weights.variant}: ignored")
    if not newest:
        raise CardError(_nothing(weights, ignored))
    chosen = sorted(newest.values(), key=lambda one: (one.run.dataset.name, one.run.name, one.run.began))
    return MeasuredRuns(measured=tuple(map(_record, chosen)), ignored=tuple(ignored))


def _why_ignored(result: Result, weights: WeightsRecord) -> str | None:
    """Why a run of the variant says nothing of these weights; None where it does."""
    if result.run.checkpoint.sha256 != weights.sha256:
        return f"of other weights (SHA-256 {result.run.checkpoint.sha256[:8]}..., not {weights.sha256[:8]}...)"
    if result.run.dataset.name == OWN_VIDEOS:
        return "over videos of one's own, which nobody else can check"
    asked, finished = set(result.run.dataset.sequences), {record.name for record in result.records}
    if finished != asked:
        return f"{len(finished)} of {counted(len(asked), 'sequence')} finished; run the cell again to continue"
    if result.score is None or {sequence.name for sequence in result.score.sequences} != asked:
        return "not every sequence was scored"
    return None


def _cell(result: Result) -> tuple[str, ...]:
    return (result.run.dataset.name, result.run.name, result.run.devices, *sorted(result.run.dataset.sequences))


def _record(result: Result) -> MeasuredRecord:
    run, score = result.run, result.score
    if score is None:
        raise ValueError(f"expected a scored run, got {result.name}")
    precision = str(run.cell["precision"]["name"])
    # The name of a cell has its resolution after these, and then the memory settings that are not the usual ones.
    chosen = run.name.removeprefix(f"{run.cell['variant']['name']}-{precision}-")
    resolution, *memory = chosen.split("-")
    return MeasuredRecord(
        dataset=run.dataset.name,
        split=run.dataset.whole,
        precision=precision,
        resolution=resolution,
        memory=tuple(memory),
        device=run.devices,
        j_and_f=score.j_and_f,
        j=score.j_mean,
        f=score.f_mean,
        sequences=tuple(
            SequenceFigures(name=one.name, objects=len(one.objects), j_and_f=one.j_and_f, j=one.j_mean, f=one.f_mean)
            for one in score.sequences
        ),
        notes=tuple(_notes(result)),
        digest=run.digest,
        commit=run.environment.commit,
        modified=run.environment.modified,
    )


def _notes(result: Result) -> Iterator[str]:
    if result.lack is not None:
        yield f"Not the whole dataset: {result.lack}."
    yield from repeat_notes(result)


def _nothing(weights: WeightsRecord, ignored: Sequence[str]) -> str:
    found = "; ".join(ignored) or "none at all"
    return (
        f"expected a finished run of {weights.file} (SHA-256 {weights.sha256[:8]}...), found {found}; make one: "
        f"python -m benchmarks.run variant={weights.variant} dataset=demo"
    )
