"""What an evaluation server was given, and what it answered; never to be mixed with scores computed here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from reports.consistency import GivenFigure

# Names that tables use, by those of the fields below; of each server the mean first, and then its parts.
HEADINGS: Mapping[str, str] = {
    "j_and_f": "J&F",
    "j": "J",
    "f": "F",
    "g": "G",
    "j_seen": "J-seen",
    "f_seen": "F-seen",
    "j_unseen": "J-unseen",
    "f_unseen": "F-unseen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRecord:
    """A zip of masks, made for a server.

    Args:
        dataset: that the masks are of.
        format: `davis` or `youtube_vos`: how the zip is laid out.
        written: date and time with time zone (ISO 8601).
        zip: where it was written.
        zip_sha256: of the file.
        masks: how many it holds.
        masks_sha256: over all of them (`combine_hashes`).
    """

    dataset: str
    format: str
    written: str
    zip: str
    zip_sha256: str
    masks: int
    masks_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DavisFigures:
    """What the server of DAVIS computes, as fractions; None where the answer does not say."""

    j_and_f: float | None = None
    j: float | None = None
    f: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class YouTubeVosFigures:
    """What the server of YouTube-VOS computes, as fractions; None where the answer does not say."""

    g: float | None = None
    j_seen: float | None = None
    f_seen: float | None = None
    j_unseen: float | None = None
    f_unseen: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRecord:
    """A server's answer.

    Args:
        recorded: date and time with time zone (ISO 8601).
        masks_sha256: over the masks that were submitted (`combine_hashes`).
        text: as the server gave it.
        text_sha256: of its bytes.
        units: by field of the figures that were given, what one step of the last digit is worth, as a fraction.
        davis: the figures in it, of a submission to DAVIS.
        youtube_vos: the same of one to YouTube-VOS; exactly one of both is there.
    """

    recorded: str
    masks_sha256: str
    text: str
    text_sha256: str
    units: Mapping[str, float]
    davis: DavisFigures | None = None
    youtube_vos: YouTubeVosFigures | None = None

    def __post_init__(self) -> None:
        if (self.davis is None) == (self.youtube_vos is None):
            raise ValueError("expected figures of DAVIS or of YouTube-VOS")
        if self.units.keys() != {name for name, figure in self._by_field.items() if figure is not None}:
            raise ValueError(f"expected units of the figures that were given, found those of {sorted(self.units)}")

    @property
    def figures(self) -> Mapping[str, float | None]:
        """The figures by the names that tables use: a mean, then its parts."""
        return {HEADINGS[name]: figure for name, figure in self._by_field.items()}

    @property
    def given(self) -> Mapping[str, GivenFigure]:
        """Those that are not None, as they were given."""
        return {
            HEADINGS[name]: GivenFigure(value=figure, unit=self.units[name])
            for name, figure in self._by_field.items()
            if figure is not None
        }

    @property
    def _by_field(self) -> Mapping[str, float | None]:
        figures = self.youtube_vos if self.davis is None else self.davis
        return {} if figures is None else {part.name: getattr(figures, part.name) for part in fields(figures)}


def combine_hashes(masks_sha256: Mapping[str, str]) -> str:
    """A hash over all masks, given one over those of each sequence by its name (`SequenceRecord.masks_sha256`)."""
    lines = (f"{name} {sha256}\n" for name, sha256 in sorted(masks_sha256.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
