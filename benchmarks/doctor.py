"""Look whether datasets and checkpoints are complete and sound, and name a remedy for all that is not.

python -m benchmarks.doctor
python -m benchmarks.doctor dataset=davis17_val thorough=true

Status 0: what is there is sound, and what was named is there. 1: it is not. 2: the command was mistaken.
"""

import sys

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import DatasetConfig, DoctorConfig, VariantConfig, compose_options, to_config

UNSOUND = 1


def main(composed: DictConfig) -> None:
    """Look through what was named, or through all that there is."""
    config = to_config(composed, DoctorConfig)
    # What follows needs torch and OpenCV, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from benchmarks.inspection.diagnosis import diagnose_checkpoints, diagnose_dataset  # noqa: PLC0415
    from benchmarks.inspection.diagnosis_table import advice, checkpoint_table, dataset_table  # noqa: PLC0415

    console = Console()
    data = Path(config.paths.data)
    with console.status("", refresh_per_second=4) as status:  # drawn on a terminal only
        datasets = [
            diagnose_dataset(one, data, thorough=config.thorough, on_video=lambda text: status.update(Text(text)))
            for one in _datasets(config)
        ]
        checkpoints = [found for one in _variants(config) for found in diagnose_checkpoints(one, config.paths)]
    tables = [dataset_table(datasets)] if datasets else []
    tables += [checkpoint_table(checkpoints)] if checkpoints else []
    text = "\n\n".join([*tables, "\n".join(advice(datasets, checkpoints))]).rstrip()
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    unsound = [one for one in datasets if one.defects and (one.found is not None or config.dataset is not None)]
    unfit = [one for one in checkpoints if one.defects and (not one.absent or config.variant is not None)]
    if unsound or unfit:
        sys.exit(UNSOUND)


def _datasets(config: DoctorConfig) -> list[DatasetConfig]:
    """The dataset that was named; every one, where nothing was."""
    if config.dataset is None and config.variant is None:
        return [one.dataset for one in compose_options("doctor", "dataset", DoctorConfig) if one.dataset is not None]
    return [] if config.dataset is None else [config.dataset]


def _variants(config: DoctorConfig) -> list[VariantConfig]:
    """The variant that was named; every one, where nothing was."""
    if config.dataset is None and config.variant is None:
        return [one.variant for one in compose_options("doctor", "variant", DoctorConfig) if one.variant is not None]
    return [] if config.variant is None else [config.variant]


if __name__ == "__main__":
    run_with_hydra(main, config_name="doctor")
