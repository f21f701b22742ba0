"""Run one cell, or sweep over many with -m: frames in, masks, scores and a table out.

python -m benchmarks.run variant=xmem dataset=davis17_val precision=fp32 resolution=480p
"""

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import CellConfig, to_config
from benchmarks.errors import InputError


def main(composed: DictConfig) -> tuple[str, ...]:
    """Segment, score and tabulate the cell that was composed, with each of its variant's checkpoints.

    Where it is one of several, what cannot be run is recorded and left out, and the rest runs.

    Returns:
        What was left out, by name.

    Raises:
        InputError: an experiment that is a sweep is not swept.
    """
    _require_sweep()
    config = to_config(composed, CellConfig)
    # What follows needs torch and OpenCV, for which `--help` and a mistyped option should not wait.
    from rich.console import Console  # noqa: PLC0415

    from benchmarks.reproduction import reproduce, reproduce_or_record  # noqa: PLC0415

    console = Console()
    checkpoints = config.variant.checkpoints
    if HydraConfig.get().mode is RunMode.RUN and len(checkpoints) == 1:
        reproduce(config, checkpoints[0], console)
        return ()
    left_out = [reproduce_or_record(config, checkpoint, console) for checkpoint in checkpoints]
    return tuple(record.title for record in left_out if record is not None)


def _require_sweep() -> None:
    """Of an experiment that is a sweep, Hydra would run a single cell without -m, or beside another experiment."""
    hydra = HydraConfig.get()
    chosen = {override.split("=")[0] for override in hydra.overrides.task}
    swept = sorted(set(hydra.sweeper.params or ()) - chosen)
    if swept:
        experiment = hydra.runtime.choices["experiment"]
        raise InputError(
            f"experiment={experiment}: expected -m and one experiment at a time, because it is a sweep over "
            f"{' and '.join(swept)}; run it by itself: python -m benchmarks.run -m experiment={experiment}"
        )


if __name__ == "__main__":
    run_with_hydra(main, config_name="run")
