"""Fetch a variant's checkpoints or a dataset's archives; where a person has to, say how.

python -m benchmarks.fetch variant=xmem dataset=davis17_val
"""

from collections.abc import Iterator

from omegaconf import DictConfig

from benchmarks.command_line import run_with_hydra
from benchmarks.config import FetchConfig, PathsConfig, VariantConfig, to_config
from benchmarks.errors import InputError


def main(composed: DictConfig) -> None:
    """Fetch what was named, and check it against the lock file."""
    config = to_config(composed, FetchConfig)
    if config.variant is None and config.dataset is None:
        raise InputError("expected variant=NAME or dataset=NAME to fetch, found neither; --help lists the names")
    # What follows needs OpenCV and Pillow, for which `--help` and a mistyped option should not wait.
    from pathlib import Path  # noqa: PLC0415

    from rich.console import Console  # noqa: PLC0415

    from benchmarks.acquisition import Means, Patience, acquire_dataset, acquire_variant  # noqa: PLC0415
    from benchmarks.acquisition.transfer_progress import TransferProgress  # noqa: PLC0415

    with TransferProgress(Console()) as progress:
        means = Means(
            lock=Path(config.paths.lock),
            patience=Patience(timeout=config.timeout, attempts=config.attempts),
            progress=progress,
        )
        if config.variant is not None and config.variant.shipped:
            for line in _look_at_shipped(config.variant, config.paths):
                progress.say(line)
        elif config.variant is not None:
            acquire_variant(config.variant, weights=Path(config.paths.weights), means=means)
        if config.dataset is not None:
            acquire_dataset(
                config.dataset,
                data=Path(config.paths.data),
                full_resolution=config.full_resolution,
                keep=config.keep,
                means=means,
            )


def _look_at_shipped(variant: VariantConfig, paths: PathsConfig) -> Iterator[str]:
    """A line for each checkpoint that comes with the code: it is there, and a network of its variant is in it.

    Raises:
        InputError: it is not.
    """
    from benchmarks.weights import find_network  # noqa: PLC0415, needs torch, which nothing else here waits for

    for name in variant.checkpoints:
        path, _ = find_network(variant, name, paths)
        yield f"{path}: comes with the code, and is sound: nothing to fetch"


if __name__ == "__main__":
    run_with_hydra(main, config_name="fetch")
