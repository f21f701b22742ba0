"""Merge passes that were computed apart with keep_probabilities=true into one multi-scale run.

python -m benchmarks.merge 'runs=[runs/davis17_val/xmem-fp32-720p-1234abcd,runs/davis17_val/xmem-fp32-720p_flip-...]'
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import MergeConfig, to_config


def main(composed: DictConfig) -> None:
    """Merge the runs that were named, score and tabulate what comes of it."""
    config = to_config(composed, MergeConfig)
    # What follows needs torch and OpenCV, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.merging import merge_runs  # noqa: PLC0415
    from benchmarks.recorded import recorded_cell, recorded_dataset  # noqa: PLC0415
    from benchmarks.reproduction import score_and_tabulate  # noqa: PLC0415
    from benchmarks.scoring import scoring_pool  # noqa: PLC0415
    from reports.run_folder import RunFolder  # noqa: PLC0415

    folders = [RunFolder(Path(run)) for run in config.runs]
    dataset = recorded_dataset(folders[0], data=config.data)
    merged = merge_runs(folders, dataset, resolution=config.resolution, runs=Path(config.paths.runs))
    with scoring_pool(dataset) as pool:
        score_and_tabulate(recorded_cell(merged), dataset, merged, Console(), pool=pool)


if __name__ == "__main__":
    run_with_hydra(main, config_name="merge")
