"""Where a dataset lies on disk, and what its layout promises of its files."""

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from benchmarks.config import DatasetConfig, Layout
from benchmarks.datasets.davis import FULL_RESOLUTION, SPLITS, STANDARD, VOID_2017
from benchmarks.datasets.long_video import ONCE, THRICE
from benchmarks.datasets.youtube_vos import FRAMES, VALID
from benchmarks.inspection.remedies import restoration


class Annotated(Enum):
    """Frames of a video that need a mask."""

    EVERY = auto()
    FIRST = auto()
    LISTED = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Where DAVIS has its frames at full resolution.

    Args:
        frames: folder with a folder of frames for each video.
        masks: the same of masks.
        restore: what to do about a file in them that is missing or damaged.
    """

    frames: Path
    masks: Path
    restore: str

    @property
    def name(self) -> str:
        """As in messages."""
        return self.frames.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a dataset lies, and what its layout promises.

    Args:
        frames: folder with a folder of frames for each video.
        masks: the same of masks.
        annotated: which frames need a mask.
        restore: what to do about a file that is missing or damaged.
        lists: files that may name the videos, of which the first that exists counts.
        meta: the list of YouTube-VOS.
        every_frame: whether there are frames between those that it lists.
        scales: where the frames may be at full resolution, of which the first that exists counts.
        single_object: whether masks are 0/255, one object each.
        void: a label that is no object.
    """

    frames: Path
    masks: Path
    annotated: Annotated
    restore: str
    lists: tuple[Path, ...] = ()
    meta: Path | None = None
    every_frame: bool = False
    scales: tuple[Scale, ...] = ()
    single_object: bool = False
    void: int | None = None

    @property
    def full_resolution(self) -> Scale | None:
        """Where the frames are at full resolution; None where they are not there."""
        return next((scale for scale in self.scales if scale.frames.is_dir()), None)


def find_place(config: DatasetConfig, data: Path) -> Place:
    """Where a dataset lies below the folder that holds all datasets."""
    root = data / config.root
    restore = restoration(config, data)
    match config.layout:
        case Layout.DAVIS_2016 | Layout.DAVIS_2017 | Layout.DAVIS_2017_TEST_DEV:
            split = SPLITS[config.layout]
            year = root / split.folder
            return Place(
                frames=year / "JPEGImages" / STANDARD,
                masks=year / "Annotations" / STANDARD,
                annotated=Annotated.FIRST if config.layout is Layout.DAVIS_2017_TEST_DEV else Annotated.EVERY,
                lists=tuple(root / one for one in split.lists),
                restore=restore,
                scales=tuple(
                    Scale(
                        frames=year / "JPEGImages" / name,
                        masks=year / "Annotations" / name,
                        restore=restoration(config, data, full_resolution=True),
                    )
                    for name in FULL_RESOLUTION
                ),
                single_object=split.single_object,
                void=None if split.single_object else VOID_2017,
            )
        case Layout.YOUTUBE_VOS | Layout.YOUTUBE_VOS_SPARSE:
            return Place(
                frames=root / FRAMES[config.layout],
                masks=root / VALID / "Annotations",
                annotated=Annotated.LISTED,
                restore=restore,
                meta=root / VALID / "meta.json",
                every_frame=config.layout is Layout.YOUTUBE_VOS,
            )
        case Layout.LONG_VIDEO | Layout.LONG_VIDEO_X3:
            root /= ONCE if config.layout is Layout.LONG_VIDEO else THRICE
            annotated = Annotated.FIRST
        case Layout.FOLDER | Layout.DEMO:
            annotated = Annotated.ANY
    return Place(frames=root / "JPEGImages", masks=root / "Annotations", annotated=annotated, restore=restore)
