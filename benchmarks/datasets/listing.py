"""Looking at folders of a dataset: what is there, and a clear word about what is not."""

import re
from pathlib import Path

from benchmarks.errors import InputError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png")
MASK_ENDINGS = (".png",)

FRAME_LINE = re.compile(r"/?JPEGImages/[^/]+/(?P<sequence>[^/]+)/[^/]+\.jpg\b")


def require_folder(path: Path, *, title: str, source: str | None) -> Path:
    """The folder itself, or an error that says where the dataset can be had and where it belongs."""
    if not path.is_dir():
        where = f"get it from {source}, and unpack it" if source else "put it there"
        raise InputError(
            f"{path}: expected a folder of {title}, found none; {where} so that this folder exists, "
            "or name the folder that holds your datasets with paths.data="
        )
    return path


def list_images(folder: Path, *, endings: tuple[str, ...]) -> dict[str, Path]:
    """Image files of a folder by name without ending, sorted by file name; hidden files are left out.

    Raises:
        InputError: two files differ in their ending only.
    """
    images: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in endings or path.name.startswith("."):
            continue
        require_utf8(path)
        if path.stem in images:
            raise InputError(f"{path}: expected one image per frame, found {images[path.stem].name} too; remove one")
        images[path.stem] = path
    return images


def require_utf8(path: Path) -> None:
    """Names end up in records, which are UTF-8.

    Raises:
        InputError: the name is not.
    """
    try:
        path.name.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path.parent}: expected names in UTF-8, found {path.name!a}; rename it") from error


def read_sequence_list(path: Path) -> tuple[str, ...]:
    """Sequence names, one a line; or a line per frame, as in the archive of DAVIS 2016 (`/JPEGImages/480p/dog/...`).

    Raises:
        InputError: the list is empty or no text, or a name is not that of a plain folder (a path could leave the
            dataset).
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected names of sequences, one a line, cannot read it: {error}") from error
    names = tuple(dict.fromkeys(_sequence_name(line.strip()) for line in lines if line.strip()))
    for name in names:
        if Path(name).name != name or name == "..":
            raise InputError(f"{path}: expected names of sequences, one a line, found {name!r}")
    if not names:
        raise InputError(f"{path}: expected names of sequences, one a line, found none")
    return names


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
