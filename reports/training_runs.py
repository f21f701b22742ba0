"""Training runs of one variant: runs that differ in their checkpoint and in nothing else that decides masks."""

from collections.abc import Mapping, Sequence

import msgspec

from evaluators import DatasetScore
from reports.records import RunRecord
from reports.spread import Source, Spread, spread_of


def all_but_checkpoint(run: RunRecord, score: DatasetScore | None) -> bytes:
    """What training runs of one variant have in common: all that decides their masks, and what of these was scored."""
    sequences = () if score is None else score.sequences
    scored = [(one.name, one.protocol, [each.label for each in one.objects]) for one in sequences]
    return msgspec.json.encode((run.recipe, scored))


def spread_by_heading(runs: Sequence[Mapping[str, float | None]]) -> dict[str, Spread | None]:
    """The spread of each figure over training runs; None where one of them lacks it.

    Args:
        runs: for each training run its figures by heading, the same headings in all. A checkpoint belongs here once:
            inference is deterministic, so a repeat says nothing of training.
    """
    spreads: dict[str, Spread | None] = {}
    for heading in runs[0]:
        values = [value for figures in runs if (value := figures[heading]) is not None]
        spreads[heading] = spread_of(values, source=Source.TRAINING_RUNS) if len(values) == len(runs) else None
    return spreads
