"""Scores of repeats whose masks differ, of which there is a real spread."""

from dataclasses import replace

from benchmarks.artifacts import write_record
from benchmarks.datasets import Dataset
from benchmarks.mask_sources import folder_masks
from benchmarks.scoring import score_masks, scoring_pool
from evaluators import DatasetScore, overall, summarise_sequences
from reports.run_folder import RunFolder


def score_repeats(dataset: Dataset, folder: RunFolder, first: DatasetScore) -> None:
    """Score each repeat that does not have the masks of the first; only sequences that differ are looked at.

    Args:
        dataset: sequences that can be scored.
        folder: of a finished run.
        first: scores of its first repeat.

    Raises:
        InputError: a mask is missing or unusable, or the scores cannot be written.
        ScoringError: masks do not fit the truth.
    """
    determinism = folder.read_determinism()
    differing: dict[int, set[str]] = {}
    for one in () if determinism is None else determinism.differences:
        differing.setdefault(one.repeat, set()).add(one.sequence)
    for number, names in differing.items():
        write_record(folder.repeat(number).scores_file, _score(dataset, folder, first, number=number, names=names))


def _score(dataset: Dataset, folder: RunFolder, first: DatasetScore, *, number: int, names: set[str]) -> DatasetScore:
    part = replace(dataset, sequences=tuple(one for one in dataset.sequences if one.name in names))
    if not part.sequences:
        return first
    with scoring_pool(part) as pool:
        again = score_masks(part, folder_masks(folder.repeat(number).masks), protocol=first.protocol, pool=pool)
    anew = {one.name: one for one in again.sequences}
    score = summarise_sequences([anew.get(one.name, one) for one in first.sequences])
    return score if first.overall is None else replace(score, overall=overall(score, seen=first.overall.seen))
