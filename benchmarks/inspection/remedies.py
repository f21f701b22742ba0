"""What a user can do about a dataset or a checkpoint that is not as it should be."""

from pathlib import Path

from benchmarks.checkpoints import RESTORE_SHIPPED
from benchmarks.config import DatasetConfig, Layout, PathsConfig, VariantConfig
from benchmarks.datasets.long_video import ONCE, THRICE


def acquisition(config: DatasetConfig, data: Path) -> str:
    """What to do where a dataset is absent, in one line.

    Args:
        config: which dataset.
        data: the folder that holds all datasets.
    """
    match config.layout:
        case Layout.DEMO:
            return "the first run on it makes it"
        case Layout.FOLDER:
            return (
                "put frames into JPEGImages/<video> and masks into Annotations/<video>, and name the folder of both "
                "with paths.data="
            )
        case Layout.LONG_VIDEO_X3 if (data / config.root / ONCE).is_dir():
            return "the first run on it makes it of 1X"
        case Layout.LONG_VIDEO_X3:
            return f"it is made of 1X: {_fetch(ONCE, data)}, which says how to get that by hand"
    return f"{_fetch(config.name, data)}{'' if config.archives else ', which says how to get it by hand'}"


def restoration(config: DatasetConfig, data: Path, *, full_resolution: bool = False) -> str:
    """What to do where a part of a dataset is missing or damaged.

    Args:
        config: which dataset.
        data: the folder that holds all datasets.
        full_resolution: whether it is a part that only sizes other than 480p need.
    """
    root = data / config.root
    match config.layout:
        case Layout.DEMO:
            return f"remove {root}; the next run makes it anew"
        case Layout.LONG_VIDEO_X3:
            return f"remove {root / THRICE}; the next run makes it anew of 1X"
        case Layout.FOLDER:
            return "restore or replace them"
    if not config.archives:
        return f"unpack {config.title} again"
    own_archive = full_resolution and any(archive.full_resolution for archive in config.archives)
    fetch = f"{_fetch(config.name, data)}{' full_resolution=true' if own_archive else ''}"
    return f"remove what is wrong; {fetch} brings back what is missing"


def checkpoint_acquisition(config: VariantConfig, paths: PathsConfig) -> str:
    """What to do where a checkpoint is absent."""
    if config.shipped:
        return RESTORE_SHIPPED
    if config.untrained:
        return "the first run makes it"
    if config.source is None:
        return "put it there"
    return f"python -m benchmarks.fetch variant={config.name} paths.weights={paths.weights}"


def _fetch(dataset: str, data: Path) -> str:
    return f"python -m benchmarks.fetch dataset={dataset} paths.data={data}"
