"""What a card says, as typed records, and the file that holds it beside the weights."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

SCHEMA = 2  # of a card; raised when its meaning changes
REMEDY = "make the card again, with --log"


class CardError(ValueError):
    """A card cannot be made, or is not what this version makes; the message names the file and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsRecord:
    """The file that the card is of.

    Args:
        file: its name, without a folder.
        sha256: of its content.
        bytes: its size.
        parameters: numbers that were trained; statistics of normalisation are none.
        iteration: of training, after which they were kept.
        held_out: their J&F on clips that were never trained on, a fraction in [0, 1].
    """

    file: str
    sha256: str
    bytes: int
    parameters: int
    iteration: int
    held_out: float

    @property
    def variant(self) -> str:
        """The variant that runs it: named as the file is."""
        return Path(self.file).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class BestHeldOut:
    """The best score on clips that were never trained on, fractions in [0, 1].

    Args:
        iteration: after which it was scored.
        j_and_f: mean of both of the following.
        j: region similarity, mean over objects.
        f: contour accuracy, likewise.
    """

    iteration: int
    j_and_f: float
    j: float
    f: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """What a log tells of training. Iterations that a restart repeated count once.

    Args:
        started: date and time with time zone (ISO 8601) of the first session.
        sessions: how often it was started or gone on with.
        devices: of all sessions, each once, in the order of their first use.
        torch: versions, likewise.
        code: commits, likewise, in words.
        seed: of the last session.
        iterations: that were done.
        planned: that the last session was asked for.
        begun_from: SHA-256 of the weights that it began from; None where it began from nothing.
        clips: seen in these iterations, one seen twice counting twice.
        hours: that these iterations took, without scoring.
        best: of the held-out scores; None where nothing was scored.
        log_sha256: of the log.
        curve_sha256: of the picture of it.
    """

    started: str
    sessions: int
    devices: tuple[str, ...]
    torch: tuple[str, ...]
    code: tuple[str, ...]
    seed: int
    iterations: int
    planned: int
    begun_from: str | None
    clips: int
    hours: float
    best: BestHeldOut | None
    log_sha256: str
    curve_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFigures:
    """Means over the objects of one sequence, fractions in [0, 1]."""

    name: str
    objects: int
    j_and_f: float
    j: float
    f: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRecord:
    """A finished run of the weights; figures are means over all objects, fractions in [0, 1].

    Args:
        dataset: its name.
        split: how many sequences the whole dataset has; those that were measured are below.
        precision: of the numbers.
        resolution: name of it.
        memory: settings of memory that are not the paper's.
        device: that computed, by model name.
        j_and_f: mean of both of the following.
        j: region similarity.
        f: contour accuracy.
        sequences: each of those that were measured.
        notes: what must be known to read the figures.
        digest: of the run: SHA-256 over all that decides masks and scores.
        commit: of the code that ran; None outside a checkout.
        modified: whether that checkout had uncommitted changes; None outside a checkout.
    """

    dataset: str
    split: int
    precision: str
    resolution: str
    memory: tuple[str, ...]
    device: str
    j_and_f: float
    j: float
    f: float
    sequences: tuple[SequenceFigures, ...]
    notes: tuple[str, ...]
    digest: str
    commit: str | None
    modified: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that is known of the weights.

    Args:
        schema: of this file.
        weights: the file.
        rounds: of training, the first from nothing, each further one from weights.
        measured: what it was found to be worth, by dataset.
    """

    schema: int
    weights: WeightsRecord
    rounds: tuple[TrainingRecord, ...]
    measured: tuple[MeasuredRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versioned:
    """The part that every version has: enough to tell whether the rest can be read."""

    schema: int


def code_of(commit: str | None, *, modified: bool | None) -> str:
    """Which code ran, in words."""
    if commit is None:
        return "code outside a checkout"
    return f"commit `{commit}`{' with uncommitted changes' if modified else ''}"


def card_file(weights: Path) -> Path:
    """Where the card of these weights is."""
    return weights.with_suffix(".json")


def card_bytes(card: Card) -> bytes:
    """The content of its file: the same for the same card."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n"


def read_card(path: Path) -> Card:
    """The card that is in a file.

    Raises:
        CardError: there is none, or it is damaged or of another schema.
    """
    try:
        content = path.read_bytes()
        found = msgspec.json.decode(content, type=_Versioned).schema
        if found != SCHEMA:
            raise CardError(f"{path}: expected a card of schema {SCHEMA}, found {found}; {REMEDY}")
        return msgspec.json.decode(content, type=Card)
    except OSError as error:
        raise CardError(f"{path}: expected a card, cannot read it: {error.strerror}; {REMEDY}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CardError(f"{path}: expected a card, found a damaged or foreign file ({error}); {REMEDY}") from error
