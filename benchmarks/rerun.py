"""Repeat a run from its own record, and compare what comes of it: is it reproducible here?

python -m benchmarks.rerun run=runs/davis17_val/xmem-fp32-480p-1a2b3c4d

The exit status is 0 when the rerun worked, whatever the difference; the last line says whether there is one.
"""

from pathlib import Path

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import RerunConfig, to_config

ROWS = 5  # sequences and objects shown at either end


def main(composed: DictConfig) -> None:
    """Run again, and print how both compare."""
    config = to_config(composed, RerunConfig)
    # What follows needs torch and OpenCV, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.rerunning import rerun, verdict  # noqa: PLC0415
    from reports.run_comparison import compare_runs  # noqa: PLC0415
    from reports.run_comparison_table import run_comparison_text  # noqa: PLC0415

    console = Console()
    again = rerun(config, console)
    compared = compare_runs(Path(config.run), again.path)
    text = run_comparison_text(compared, rows=ROWS)
    console.print(f"\n{text}\n\n{verdict(compared)}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="rerun")
