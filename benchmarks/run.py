"""Run one cell, or sweep over many with -m: frames in, masks, scores and a table out.

python -m benchmarks.run variant=xmem dataset=davis17_val precision=fp32 resolution=480p
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import CellConfig, to_config


def main(composed: DictConfig) -> None:
    """Segment, score and tabulate the cell that was composed."""
    config = to_config(composed, CellConfig)
    # What follows needs torch and OpenCV, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_atomically, write_record  # noqa: PLC0415
    from benchmarks.cell import prepare_cell, run_cell  # noqa: PLC0415
    from benchmarks.device import own_threads  # noqa: PLC0415
    from benchmarks.progress import RunProgress  # noqa: PLC0415
    from benchmarks.scoring import score_dataset, with_truth  # noqa: PLC0415
    from reports.cell_table import run_table  # noqa: PLC0415

    console = Console()
    with own_threads():
        cell = prepare_cell(config)
        device = cell.record.environment.gpu or cell.record.environment.cpu
        frames = sum(len(sequence.frames) for sequence in cell.dataset.sequences)
        with RunProgress(console, frames=frames) as progress:
            progress.say(f"{cell.folder.path} on {device}")
            run_cell(cell, progress)
        scorable = with_truth(cell.dataset)
        if scorable.sequences:
            score = score_dataset(scorable, cell.folder.masks, protocol=config.dataset.scoring)
            write_record(cell.folder.scores_file, score)
        else:  # scores of a time when there was truth say nothing of today
            cell.folder.scores_file.unlink(missing_ok=True)
        if len(scorable.sequences) < len(cell.dataset.sequences):
            names = [sequence.name for sequence in cell.dataset.sequences if sequence not in scorable.sequences]
            console.print(f"Not scored, for want of truth in every frame: {', '.join(names)}", highlight=False)
        table = run_table(cell.folder)
        write_atomically(cell.folder.table_file, table.encode())
        console.print(f"\n{table}", markup=False, highlight=False, soft_wrap=True)
        if config.variant.untrained:
            console.print("These weights are drawn at random, not trained: the scores mean nothing.", highlight=False)


if __name__ == "__main__":
    run_with_hydra(main, config_name="run")
