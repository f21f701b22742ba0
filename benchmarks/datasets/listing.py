"""Looking at folders of a dataset: what is there, and a clear word about what is not."""

import re
from collections.abc import Sequence
from os.path import commonprefix
from pathlib import Path
from string import digits

from benchmarks.config import DatasetConfig
from benchmarks.errors import InputError, MismatchError
from benchmarks.names import is_plain_name
from benchmarks.regular_file import require_regular_file

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png")
MASK_ENDINGS = (".png",)

FRACTION = re.compile(r"[0-9]\.$")  # before the digits of one
FRAME_LINE = re.compile(r"/?JPEGImages/[^/]+/(?P<sequence>[^/]+)/[^/]+\.jpg\b")


class AbsentFolderError(MismatchError):
    """A dataset, or a folder of it, is not there at all."""


def require_folder(path: Path, config: DatasetConfig, *, holds: str = "") -> Path:
    """The folder itself, or an error that says where the dataset can be had and where it belongs.

    Args:
        path: of the folder.
        config: of the dataset.
        holds: what of the dataset is in it; empty where it is all of it.

    Raises:
        AbsentFolderError: it is not there.
    """
    if not path.is_dir():
        fetch = f"run python -m benchmarks.fetch dataset={config.name}, or get it from {config.source} and unpack it"
        raise AbsentFolderError(
            str(path),
            expected=f"a folder of {f'{holds} of ' if holds else ''}{config.title}",
            found="none",
            remedy=f"{fetch if config.source else 'put it there'} so that this folder exists, "
            "or name the folder that holds your datasets with paths.data=",
        )
    return path


def list_images(folder: Path, *, endings: tuple[str, ...]) -> dict[str, Path]:
    """Image files of a folder by name without ending, sorted by file name; hidden files are left out.

    Raises:
        MismatchError: two files differ in their ending only, or what has such a name is no file.
    """
    images: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in endings or path.name.startswith("."):
            continue
        require_utf8(path)
        require_regular_file(path, expected="an image")
        if (twin := images.get(path.stem)) is not None:
            raise MismatchError(
                str(path), expected="one image per frame", found=f"{twin.name} too", remedy="remove one of them"
            )
        images[path.stem] = path
    return images


def by_number(names: Sequence[str]) -> list[str]:
    """Names that are alike but for one whole number in the order of these numbers: frame_2 before frame_10.

    Other names as they are: with fractions or hexadecimal digits in them, it is open what their order means.
    """
    before = commonprefix(list(names)).rstrip(digits)  # noqa: RUF071  (characters are meant, not folders)
    after = commonprefix([name[::-1] for name in names])[::-1].lstrip(digits)  # noqa: RUF071
    numbers = {name: name[len(before) : len(name) - len(after)] for name in names}
    if FRACTION.search(before) or not all(number.isascii() and number.isdecimal() for number in numbers.values()):
        return list(names)
    return sorted(names, key=lambda name: int(numbers[name]))


def list_videos(folder: Path) -> list[Path]:
    """The folder of each video, by name; hidden ones are left out.

    Raises:
        InputError: there is none.
    """
    videos = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not videos:
        raise InputError(
            f"{folder}: expected a folder of frames for each video, found none; put each in its own folder"
        )
    for video in videos:
        require_utf8(video)
    return videos


def require_utf8(path: Path) -> None:
    """Names end up in records, which are UTF-8.

    Raises:
        MismatchError: the name is not.
    """
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise MismatchError(
            str(path.parent), expected="names in UTF-8", found=f"{path.name!a}", remedy="rename it"
        ) from error


def read_sequence_list(path: Path) -> tuple[str, ...]:
    """Sequence names, one a line; or a line per frame, as in the archive of DAVIS 2016 (`/JPEGImages/480p/dog/...`).

    Raises:
        InputError: the list is empty or no text, or a name is not that of a plain folder (a path could leave the
            dataset).
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # editors of some systems mark UTF-8
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected names of sequences, one a line, cannot read it: {error}") from error
    names = tuple(dict.fromkeys(_sequence_name(line.strip()) for line in lines if line.strip()))
    for name in names:
        require_plain_name(name, path)
    if not names:
        raise InputError(f"{path}: expected names of sequences, one a line, found none")
    return names


def require_plain_name(name: str, listed_in: Path) -> None:
    """A sequence's name becomes a folder's.

    Raises:
        InputError: it is a path, which could leave the dataset.
    """
    if not is_plain_name(name):
        raise InputError(f"{listed_in}: expected plain names of sequences, found {name!r}")


def _sequence_name(line: str) -> str:
    frame = FRAME_LINE.match(line)
    return frame["sequence"] if frame else line


def require_matching_names(frames: dict[str, Path], masks: dict[str, Path], *, folder: Path) -> None:
    """Every mask needs its frame.

    Raises:
        InputError: naming the first masks without one.
    """
    lost = [name for name in masks if name not in frames]
    if lost:
        raise InputError(
            f"{folder}: expected a frame for every mask, found none for {_some(lost)}; "
            "restore the missing frames, or remove these masks"
        )


def require_every_mask(frames: dict[str, Path], masks: dict[str, Path], *, folder: Path) -> None:
    """Every frame needs its mask, unless there is just the first: scores over fewer frames pass for those over all.

    Raises:
        InputError: naming the first frames without one.
    """
    lost = [name for name in frames if name not in masks]
    if lost and len(masks) > 1:
        raise InputError(
            f"{folder}: expected a mask for every frame, found none for {_some(lost)}; restore the missing masks"
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
