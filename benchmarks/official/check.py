"""One cross-check: the same masks scored here and by the official package."""

import shlex
import sys
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.config import CheckOfficialConfig
from benchmarks.datasets import describe_dataset, open_dataset
from benchmarks.errors import InputError
from benchmarks.mask_sources import open_masks, record_file
from benchmarks.official.checkout import (
    HOW_TO_GET,
    OfficialFigures,
    commit_of,
    require_checkout,
    run_official,
)
from benchmarks.official.layout import lay_out
from benchmarks.scoring import require_scorable, score_masks, scoring_pool
from evaluators import DatasetScore, ScoringProtocol
from reports.official_check import OfficialCheckRecord, pair_figures
from reports.run_folder import find_runs

PROTOCOLS = (ScoringProtocol.DAVIS_2016, ScoringProtocol.DAVIS_2017)


def check(config: CheckOfficialConfig) -> tuple[OfficialCheckRecord, Path]:
    """Score masks twice.

    Returns:
        What came of it, and the file where that belongs: other masks or sequences have another.

    Raises:
        InputError: the package, masks or truth are missing or unusable, or the package knows no such protocol.
        ScoringError: masks do not fit the truth.
    """
    checkout = require_checkout(None if config.official is None else Path(config.official))
    if config.dataset.scoring not in PROTOCOLS:
        raise InputError(
            f"dataset={config.dataset.name}: expected a dataset that davis2017-evaluation can score, found protocol "
            f"{config.dataset.scoring}; take a DAVIS dataset or a long video"
        )
    path = _newest_run(config) if config.masks is None else Path(config.masks)
    dataset = open_dataset(config.dataset, data=Path(config.paths.data), size=None, names=config.sequences)
    dataset = require_scorable(dataset, protocol=config.dataset.scoring).dataset
    with open_masks(path) as masks, TemporaryDirectory(prefix="official-") as scratch:
        began = time.perf_counter()
        with scoring_pool(dataset) as pool:
            score = score_masks(dataset, masks, protocol=config.dataset.scoring, pool=pool)
        scored = time.perf_counter()
        laid_out = lay_out(dataset, masks, Path(scratch))
        handed_over = time.perf_counter()
        official = run_official(checkout, python=config.python or sys.executable, root=Path(scratch), masks=laid_out)
        ended = time.perf_counter()
    _require_same_objects(checkout, ours := _ours(score), official)
    described = describe_dataset(config.dataset, [dataset], data=Path(config.paths.data).resolve())
    place = record_file(Path(config.paths.runs) / "checked", [masks.origin], described, config.sequences)
    record = OfficialCheckRecord(
        command=shlex.join(sys.orig_argv),
        checked=datetime.now().astimezone().isoformat(timespec="seconds"),
        masks=str(path),
        dataset=dataset.name,
        official=str(checkout),
        commit=commit_of(checkout),
        seconds_ours=scored - began,
        seconds_official=ended - handed_over,
        figures=pair_figures(ours, {name: _official(official[name]) for name in ours}),
    )
    return record, place


def _require_same_objects(checkout: Path, ours: Collection[str], official: Collection[str]) -> None:
    if alone := sorted(set(ours) ^ set(official)):
        raise InputError(
            f"{checkout}: expected figures of the {len(ours)} objects that are scored here, found "
            f"{', '.join(alone[:5])}{', ...' if len(alone) > 5 else ''} scored by one side only; {HOW_TO_GET}"
        )


def _newest_run(config: CheckOfficialConfig) -> Path:
    folders = [one for one in find_runs(Path(config.paths.runs)) if one.path.parent.name == config.dataset.name]
    finished = [one for one in folders if one.scores_file.exists()]
    if not finished:
        raise InputError(
            f"{config.paths.runs}: expected a run on {config.dataset.name} that is scored, found none; name masks "
            "with masks=PATH"
        )
    return max(finished, key=lambda one: one.read_run().began).path


def _ours(score: DatasetScore) -> dict[str, tuple[float | None, ...]]:
    """By the names that the package gives to objects: it counts them, as its protocols number them here."""
    return {
        f"{sequence.name}_{one.label}": (
            *(one.j_statistics.mean, one.j_statistics.recall, one.j_statistics.decay_official),
            *(one.f_statistics.mean, one.f_statistics.recall, one.f_statistics.decay_official),
        )
        for sequence in score.sequences
        for one in sequence.objects
    }


def _official(one: OfficialFigures) -> tuple[float | None, ...]:
    return (one.j_mean, one.j_recall, one.j_decay, one.f_mean, one.f_recall, one.f_decay)
