"""Downloads that survive what networks do: resumed where they broke off, whole or not there at all."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from benchmarks.acquisition.checksums import Checksum
from benchmarks.acquisition.partial_file import CHUNK, PartialFile, WholeRecord, open_part
from benchmarks.acquisition.transfer_progress import TransferProgress
from benchmarks.acquisition.web import BrokenOffError, ask, describe
from benchmarks.artifacts import make_folder
from benchmarks.errors import InputError

MAX_ATTEMPTS = 100  # in all, for a server that gives a little each time
MAX_PAUSE = 30.0  # seconds

CONTENT_RANGE = re.compile(r"bytes (?P<start>[0-9]{1,18})-[0-9]{1,18}/(?P<total>[0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much a server may try us.

    Args:
        timeout: seconds that it may be silent.
        attempts: how often in a row it may be asked in vain.
        pause: seconds before the second attempt; they double from one to the next.
    """

    timeout: float = 30.0
    attempts: int = 5
    pause: float = 1.0


def download(
    url: str,
    path: Path,
    *,
    accept: Callable[[Path, Checksum], None],
    patience: Patience,
    progress: TransferProgress,
) -> None:
    """Fetch a file. Until it is complete and accepted it is called NAME.part; the next call continues that.

    Args:
        url: where it is.
        path: where it belongs.
        accept: sees the complete file before it gets its name, and raises InputError where it is not the right one.
        patience: with the server.
        progress: where to show it.

    Raises:
        InputError: it is not to be had, not accepted, or the disk refuses it.
    """
    make_folder(path.parent)
    with open_part(path, url=url) as part:
        _complete(part, name=path.name, patience=patience, progress=progress)
        try:
            accept(part.path, part.checksum)
        except InputError:
            part.remove()
            raise
        part.move_to(path)


def _complete(part: PartialFile, *, name: str, patience: Patience, progress: TransferProgress) -> None:
    in_vain, furthest, reason = 0, part.size, ""
    for _ in range(MAX_ATTEMPTS):
        try:
            _continue(part, name=name, timeout=patience.timeout, progress=progress)
        except BrokenOffError as error:
            in_vain = 0 if part.size > furthest else in_vain + 1
            furthest, reason = max(furthest, part.size), str(error)
        else:
            return
        if in_vain >= patience.attempts:
            break
        progress.say(f"{name}: {reason} after {part.size:,} bytes; trying again")
        time.sleep(min(patience.pause * 2 ** max(in_vain - 1, 0), MAX_PAUSE))
    expected = "a file" if part.whole is None else f"{part.whole.length:,} bytes"
    raise InputError(
        f"{part.url}: expected {expected}, found {part.size:,} bytes, because {reason}; check the network, and run the "
        "same command again: it continues there"
    )


def _continue(part: PartialFile, *, name: str, timeout: float, progress: TransferProgress) -> None:
    """One attempt at what is missing; nothing is asked where nothing is (killed before the file got its name)."""
    if part.complete:
        return
    with ask(part.url, headers=_conditions(part), timeout=timeout) as response:
        length = _require_fit(part, response)
        progress.begin(name, total=length, done=part.size)
        while part.size < length:
            chunk = _read(response, min(CHUNK, length - part.size))
            part.append(chunk)
            progress.advance(len(chunk))


def _conditions(part: PartialFile) -> dict[str, str]:
    """Only what is missing, and only if the file is still the one that was begun."""
    if part.whole is None or part.whole.validator is None or part.size == 0:
        return {}
    return {"Range": f"bytes={part.size}-", "If-Range": part.whole.validator}


def _require_fit(part: PartialFile, response: HTTPResponse) -> int:
    """Make sure that what follows belongs behind what is there, be it that nothing is; the length of the whole."""
    if response.status == HTTPStatus.OK:
        length = response.length
        if length is None:
            raise InputError(
                f"{part.url}: expected an answer that says its length, found none, by which a part would pass for the "
                "whole; download it by hand"
            )
        part.begin(WholeRecord(url=part.url, validator=_validator(response), length=length))
        return length
    whole, offered = part.whole, CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    fits = (
        whole is not None
        and response.status == HTTPStatus.PARTIAL_CONTENT
        and offered is not None
        and (int(offered["start"]), int(offered["total"])) == (part.size, whole.length)
        and _validator(response) in (None, whole.validator)
    )
    if whole is None or not fits:
        part.clear()
        raise BrokenOffError("the server offered something other than what is missing")
    return whole.length


def _validator(response: HTTPResponse) -> str | None:
    """What a server knows this very content by; a weak ETag only promises something like it."""
    tag: str | None = response.headers["ETag"]
    return tag if tag is not None and tag.startswith('"') else response.headers["Last-Modified"]


def _read(response: HTTPResponse, size: int) -> bytes:
    """What has arrived, at most `size` bytes; at the end of a body that is too short there is no error but this."""
    try:
        chunk = response.read1(size)
    except (OSError, HTTPException) as error:
        raise BrokenOffError(f"the connection failed ({describe(error)})") from error
    if not chunk:
        raise BrokenOffError("the connection was closed")
    return chunk
