"""Run a very long video, and note memory and time per frame on the way.

python -m benchmarks.endurance frames=10000
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import EnduranceConfig, to_config


def main(composed: DictConfig) -> None:
    """Run what was composed; print the table and write the record."""
    config = to_config(composed, EnduranceConfig)
    # What follows needs torch, for which `--help` and a mistyped option should not wait.
    from datetime import datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.device import own_threads  # noqa: PLC0415
    from benchmarks.long_run import measure_long_run  # noqa: PLC0415
    from reports.endurance_table import endurance_table  # noqa: PLC0415

    console = Console()
    with own_threads(config.threads):
        record = measure_long_run(config, console)
    path = Path(config.paths.runs) / "endurance" / f"{datetime.now().astimezone():%Y%m%dT%H%M%S}.json"
    write_record(path, record)
    console.print(f"{endurance_table(record)}\n\nrecord: {path}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="endurance")
