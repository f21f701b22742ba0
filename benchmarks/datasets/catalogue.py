"""From a dataset's configuration to its sequences."""

from pathlib import Path

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.davis import davis_sequences
from benchmarks.datasets.folder import folder_sequences
from benchmarks.datasets.long_video import long_video_sequences
from benchmarks.datasets.sequence import Dataset, Lookups
from benchmarks.datasets.youtube_vos import youtube_vos_sequences
from benchmarks.errors import InputError


def open_dataset(
    config: DatasetConfig, *, data: Path, size: int | None, names: tuple[str, ...] | None = None
) -> Dataset:
    """Look up the sequences that are wanted; only folders and lists are read.

    Args:
        config: which dataset.
        data: the folder that holds all datasets.
        size: shorter side at which frames will be segmented, which decides the frames that DAVIS offers.
        names: sequences that are wanted; None is all of them.

    Raises:
        InputError: the dataset or a part of it is missing, or a name is not among its sequences.
    """
    lookups = _lookups(config, data / config.root, size=size)
    unknown = [name for name in names or () if name not in lookups]
    if unknown:
        raise InputError(
            f"sequences: expected names of {config.title}, found {', '.join(unknown)}; it has {', '.join(lookups)}"
        )
    chosen = tuple(look_up() for name, look_up in lookups.items() if names is None or name in names)
    return Dataset(name=config.name, sequences=chosen, available=len(lookups))


def _lookups(config: DatasetConfig, root: Path, *, size: int | None) -> Lookups:
    match config.layout:
        case Layout.DAVIS_2016 | Layout.DAVIS_2017 | Layout.DAVIS_2017_TEST_DEV:
            return davis_sequences(root, config, size=size)
        case Layout.YOUTUBE_VOS | Layout.YOUTUBE_VOS_SPARSE:
            return youtube_vos_sequences(root, config)
        case Layout.LONG_VIDEO | Layout.LONG_VIDEO_X3:
            return long_video_sequences(root, config)
        case Layout.FOLDER:
            return folder_sequences(root, config)
        case Layout.DEMO:
            if not root.exists():
                from benchmarks.demo import write_demo  # noqa: PLC0415 - drawing needs OpenCV, looking does not

                write_demo(root)
            return folder_sequences(root, config)
