"""Score masks that already exist, whoever made them: a folder, a run folder, a zip, or an archive of masks.

python -m benchmarks.score masks=PATH dataset=davis16_val
"""

import shlex
import sys
from datetime import datetime
from pathlib import Path

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import ScoreConfig, to_config


def main(composed: DictConfig) -> None:
    """Score, tabulate and record the masks that were named."""
    config = to_config(composed, ScoreConfig)
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.datasets import describe_dataset, open_dataset  # noqa: PLC0415
    from benchmarks.mask_sources import open_masks, record_file  # noqa: PLC0415
    from benchmarks.progress import RunProgress  # noqa: PLC0415
    from benchmarks.scoring import require_scorable, score_overall, scoring_pool  # noqa: PLC0415
    from reports.cell_table import score_table, shortfall_notes  # noqa: PLC0415
    from reports.mask_records import ScoredRecord  # noqa: PLC0415

    data = Path(config.paths.data)
    dataset = open_dataset(config.dataset, data=data, size=None, names=config.sequences)
    console = Console()
    with open_masks(Path(config.masks)) as masks:
        scorable = require_scorable(dataset, protocol=config.dataset.scoring)
        with (
            scoring_pool(scorable.dataset, processes=config.processes) as pool,
            RunProgress(console, frames=scorable.frames) as progress,
        ):
            progress.start("scoring")
            score = score_overall(
                scorable.dataset, masks, config=config.dataset, data=data, pool=pool, advance=progress.advance
            )
        record = ScoredRecord(
            command=shlex.join(sys.orig_argv),
            scored=datetime.now().astimezone().isoformat(timespec="seconds"),
            masks=masks.origin,
            dataset=describe_dataset(config.dataset, [dataset], data=data.resolve()),
            unscored=scorable.unscored,
            score=score,
        )
    options = (config.sequences, config.dataset.seen_categories, config.dataset.scoring)
    path = record_file(Path(config.paths.runs) / "scored", [masks.origin], record.dataset, *options)
    write_record(path, record)
    table = [f"{config.masks} on {dataset.name}", score_table(record.score), *shortfall_notes(record.dataset)]
    lines = [*scorable.explain(), "\n\n".join([*table, f"per object and frame: {path}"])]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="score")
