"""Time the stages of the core in every engine and precision, beside each other.

python -m benchmarks.speed engines=[eager,compiled] precisions=[fp32,bf16] objects=[1,2,5]
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import Engine, SpeedConfig, compose_cell, to_config

PRECISIONS = ("fp32", "tf32", "bf16", "amp")


def main(composed: DictConfig) -> None:
    """Time what was composed; print the table and write the record."""
    config = to_config(composed, SpeedConfig)
    engines = tuple(Engine) if config.engines is None else config.engines
    precisions = PRECISIONS if config.precisions is None else config.precisions
    cells = [compose_cell(f"engine={engine}", f"precision={one}") for engine in engines for one in precisions]
    # What follows needs torch, for which `--help` and a mistyped option should not wait.
    from datetime import datetime  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import write_record  # noqa: PLC0415
    from benchmarks.device import choose_device, has_precision  # noqa: PLC0415
    from benchmarks.engine import has_engine  # noqa: PLC0415
    from benchmarks.stages import Way, time_stages  # noqa: PLC0415
    from reports.speed_table import speed_table  # noqa: PLC0415

    ways = [Way(engine=cell.engine, precision=cell.precision) for cell in cells]
    device = choose_device(config.device)
    if config.engines is None:
        ways = [way for way in ways if has_engine(device, way.engine)]
    if config.precisions is None:
        ways = [way for way in ways if has_precision(device, way.precision)]
    record = time_stages(config, ways)
    path = Path(config.paths.runs) / "speed" / f"{datetime.now().astimezone():%Y%m%dT%H%M%S}.json"
    write_record(path, record)
    Console().print(f"{speed_table(record)}\n\nrecord: {path}", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    run_with_hydra(main, config_name="speed")
