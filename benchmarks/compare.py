"""Compare two sets of masks that already exist: where they agree, and which of them scores better.

python -m benchmarks.compare masks=PATH other=PATH dataset=davis16_val
"""

import shlex
import sys
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import CompareConfig, to_config


def main(composed: DictConfig) -> None:
    """Compare, tabulate and record the masks that were named."""
    config = to_config(composed, CompareConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.agreement import compare_masks  # noqa: PLC0415
    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.datasets import describe_dataset, open_dataset  # noqa: PLC0415
    from benchmarks.mask_sources import open_masks, record_file  # noqa: PLC0415
    from benchmarks.scoring import find_scorable, score_overall, scoring_pool  # noqa: PLC0415
    from reports.cell_table import shortfall_notes  # noqa: PLC0415
    from reports.comparison import compare_scores  # noqa: PLC0415
    from reports.comparison_table import comparison_table  # noqa: PLC0415
    from reports.mask_records import ComparedRecord  # noqa: PLC0415

    data = Path(config.paths.data)
    dataset = open_dataset(config.dataset, data=data, size=None, names=config.sequences)
    with open_masks(Path(config.masks)) as masks, open_masks(Path(config.other)) as other:
        agreements = compare_masks(dataset, masks, other)
        scorable = find_scorable(dataset, protocol=config.dataset.scoring)
        comparison = None
        if scorable.dataset.sequences:
            scores = []
            for one in (masks, other):
                with scoring_pool(scorable.dataset) as pool:
                    scores.append(score_overall(scorable.dataset, one, config=config.dataset, data=data, pool=pool))
            comparison = compare_scores(*scores)
    record = ComparedRecord(
        command=shlex.join(sys.orig_argv),
        compared=datetime.now().astimezone().isoformat(timespec="seconds"),
        masks=masks.origin,
        other=other.origin,
        dataset=describe_dataset(config.dataset, [dataset], data=data.resolve()),
        unscored=scorable.unscored,
        agreements=agreements,
        comparison=comparison,
    )
    origins = [record.masks, record.other]
    options = (config.sequences, config.dataset.seen_categories, config.dataset.scoring)
    path = record_file(Path(config.paths.runs) / "compared", origins, record.dataset, *options)
    write_record(path, record)
    title = f"A: {config.masks}\nB: {config.other}\non {dataset.name}"
    table = [title, comparison_table(agreements, comparison), *shortfall_notes(record.dataset)]
    lines = [*scorable.explain(), "\n\n".join([*table, f"per object: {path}"])]
    Console().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="compare")
