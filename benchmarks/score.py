"""Score masks that already exist, whoever made them.

python -m benchmarks.score masks=DIR dataset=davis16_val
"""

from hashlib import sha256
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
    from benchmarks.datasets import open_dataset  # noqa: PLC0415
    from benchmarks.scoring import score_dataset, with_truth  # noqa: PLC0415
    from reports.cell_table import score_table  # noqa: PLC0415

    masks = Path(config.masks)
    dataset = open_dataset(config.dataset, data=Path(config.paths.data), size=None, names=config.sequences)
    scorable = with_truth(dataset)
    score = score_dataset(scorable if scorable.sequences else dataset, masks, protocol=config.dataset.scoring)
    unscored = sorted({sequence.name for sequence in dataset.sequences} - {one.name for one in score.sequences})
    where = sha256(f"{masks.resolve()}\n{Path(config.paths.data).resolve()}\n{config.sequences}".encode()).hexdigest()[
        :8
    ]
    record = Path(config.paths.runs) / "scored" / config.dataset.name / f"{masks.resolve().name}-{where}.json"
    write_record(record, score)
    if unscored:
        Console().print(f"Not scored, for want of truth in every frame: {', '.join(unscored)}", highlight=False)
    table = f"{masks} on {dataset.name}\n\n{score_table(score)}\n\nper object and frame: {record}"
    Console().print(table, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="score")
