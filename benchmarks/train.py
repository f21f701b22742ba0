"""Train a network on drawn clips, from nothing or from weights; the same command goes on where it was stopped.

python -m benchmarks.train name=mine training.seed=1 training.iterations=10000
"""

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import TrainConfig, to_config


def main(composed: DictConfig) -> tuple[str, ...] | None:
    """Train what was composed."""
    config = to_config(composed, TrainConfig)
    # What follows needs torch, for which `--help` and a mistyped option should not wait.
    from functools import partial  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.artifacts import sole_writer  # noqa: PLC0415
    from benchmarks.device import choose_device  # noqa: PLC0415
    from benchmarks.training.clips import draw_synthetic  # noqa: PLC0415
    from benchmarks.training.trainer import train  # noqa: PLC0415

    tell = partial(Console().print, markup=False, highlight=False, soft_wrap=True)
    folder = Path(config.paths.runs) / "training" / config.name
    with sole_writer(folder):
        finished = train(config.training, draw_synthetic, folder, device=choose_device(config.device), tell=tell)
    tell(f"weights: {folder}")
    return None if finished else ("the rest of the iterations",)


if __name__ == "__main__":
    run_with_hydra(main, config_name="train")
