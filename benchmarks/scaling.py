"""How time and memory grow with the length of a video, its objects and its size; where memory ends is a result too.

python -m benchmarks.scaling variant=xmem_tiny lengths=[50,400] object_counts=[1,5,20] sizes=[240,480,1080]
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import ScalingConfig, to_config


def main(composed: DictConfig) -> None:
    """Measure what was composed; print the table and write the record."""
    config = to_config(composed, ScalingConfig)
    # What follows needs torch, for which `--help` and a mistyped option should not wait.
    from datetime import datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.scale_points import measure_scaling  # noqa: PLC0415
    from reports.scaling_table import scaling_table  # noqa: PLC0415

    console = Console()
    record = measure_scaling(config, tell=lambda line: console.print(line, markup=False, highlight=False))
    path = Path(config.paths.runs) / "scaling" / f"{datetime.now().astimezone():%Y%m%dT%H%M%S}.json"
    write_record(path, record)
    console.print(f"{scaling_table(record)}\n\nrecord: {path}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="scaling")
