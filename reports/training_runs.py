"""Training runs of one variant: runs that differ in their checkpoint and in nothing else that decides masks."""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from evaluators import DatasetScore
from reports.records import RunRecord
from reports.result import Result


def all_but_checkpoint(run: RunRecord, score: DatasetScore | None) -> bytes:
    """What training runs of one variant have in common: all that decides their masks, and what of these was scored."""
    sequences = () if score is None else score.sequences
    scored = [(one.name, one.protocol, [each.label for each in one.objects]) for one in sequences]
    return msgspec.json.encode((run.recipe, scored))


def group_alike(results: Iterable[Result]) -> list[list[Result]]:
    """Runs with all in common but their checkpoint, together; in the order in which they come."""
    alike: dict[bytes, list[Result]] = {}
    for result in results:
        alike.setdefault(all_but_checkpoint(result.run, result.score), []).append(result)
    return list(alike.values())


def exchanged(group: Sequence[Result]) -> list[str]:
    """Names of checkpoints that were other files in other runs: these are no training runs of one variant."""
    files = Counter(name for name, _ in {(one.checkpoint, one.run.checkpoint.sha256) for one in group})
    return sorted(name for name, count in files.items() if count > 1)


def training_runs(results: Iterable[Result]) -> list[list[Result]]:
    """Groups of runs over which a mean is one of training: each checkpoint once, by its newest run.

    Where a checkpoint was exchanged under its name, every run is on its own.
    """
    groups: list[list[Result]] = []
    for group in group_alike(results):
        if exchanged(group):
            groups += [[one] for one in group]
        else:
            newest = {one.run.checkpoint.sha256: one for one in sorted(group, key=lambda one: one.run.began)}
            groups.append(list(newest.values()))
    return groups
