"""A card on two pages: in short, and in full with every sequence and the picture of training."""

from collections.abc import Iterator, Sequence

from reports.card.record import Card, MeasuredRecord, TrainingRecord, WeightsRecord, code_of
from reports.marks import Marks
from reports.table import Part, Section, Table, markdown_parts, markdown_sections, percent
from reports.wording import counted

COMMAND = "make card"
SHORT = Marks(name="card", command=COMMAND)
FULL = Marks(name="card in full", command=COMMAND)

FIGURES = ("J&F", "J", "F")
FIGURES_NOTE = "J&F, J and F in percent: means over objects."


def short_card(card: Card) -> str:
    """What it is worth in a table, a row for each run; what it was trained on in a sentence."""
    headers = ["dataset", "sequences", *FIGURES, "settings", "device"]
    rows = [
        [one.dataset, _share(one), *_figures(one.j_and_f, one.j, one.f), _settings(one), one.device]
        for one in card.measured
    ]
    return markdown_parts([Table(headers=headers, rows=rows), f"{_all_training(card.rounds)} {_size(card.weights)}"])


def full_card(card: Card) -> str:
    """All that is in the card: the file, rounds of training with a picture, and a table of sequences for each run."""
    sections = [
        Section(title="File", parts=(tuple(_weights_lines(card.weights)),)),
        *(
            Section(
                title=f"Training, round {number}" if len(card.rounds) > 1 else "Training",
                parts=(tuple(_training_lines(one)), _picture(card.weights, number)),
            )
            for number, one in enumerate(card.rounds, 1)
        ),
        *(Section(title=_title(one), parts=tuple(_run_parts(one))) for one in card.measured),
    ]
    return markdown_sections(sections)


def curve_name(weights: WeightsRecord, number: int) -> str:
    """The file of the picture of a round of training (from 1), beside the page that has the card in full."""
    return f"{weights.variant}_training_{number}.svg"


def _picture(weights: WeightsRecord, number: int) -> str:
    return f"![Loss and held-out J&F over the iterations of training]({curve_name(weights, number)})"


def _all_training(rounds: Sequence[TrainingRecord]) -> str:
    """The sentence on training; that clips are drawn is true of whatever this project trains."""
    return (
        f"Trained on drawn video alone{f', in {len(rounds)} rounds' if len(rounds) > 1 else ''}: "
        f"{sum(one.iterations for one in rounds):,} iterations, {sum(one.clips for one in rounds):,} clips, "
        f"{sum(one.hours for one in rounds):.1f} hours on "
        f"{', '.join(dict.fromkeys(device for one in rounds for device in one.devices))}."
    )


def _size(weights: WeightsRecord) -> str:
    return f"{weights.parameters:,} parameters, {weights.bytes / 1e6:.1f} MB."


def _weights_lines(weights: WeightsRecord) -> Iterator[str]:
    yield f"`{weights.file}`: {_size(weights)}"
    yield f"Kept after iteration {weights.iteration:,}: held-out J&F {percent(weights.held_out)}."
    yield f"SHA-256 `{weights.sha256}`"


def _training_lines(training: TrainingRecord) -> Iterator[str]:
    if training.begun_from is not None:
        yield f"Begun from weights with SHA-256 `{training.begun_from}`."
    yield _all_training([training])
    if training.iterations < training.planned:
        yield f"Not finished: {training.planned:,} iterations were planned."
    sessions = counted(training.sessions, "session")
    yield f"{sessions}, the first on {training.started}; torch {', '.join(training.torch)}, seed {training.seed}."
    yield f"By {', '.join(training.code)}."
    if (best := training.best) is not None:
        j_and_f, j, f = _figures(best.j_and_f, best.j, best.f)
        yield f"Best on held-out clips after {best.iteration:,} iterations: J&F {j_and_f}, J {j}, F {f}."
    yield f"SHA-256 of the log `{training.log_sha256}`"


def _title(run: MeasuredRecord) -> str:
    return f"{run.dataset}, {_settings(run)}, on {run.device}"


def _run_parts(run: MeasuredRecord) -> Iterator[Part]:
    """The table, and what must be known to read it."""
    rows = [[one.name, str(one.objects), *_figures(one.j_and_f, one.j, one.f)] for one in run.sequences]
    objects = sum(one.objects for one in run.sequences)
    rows.append(["**all**", str(objects), *_figures(run.j_and_f, run.j, run.f)])
    yield Table(headers=["sequence", "objects", *FIGURES], rows=rows)
    code = code_of(run.commit, modified=run.modified)
    yield (f"{_share(run)} sequences. {FIGURES_NOTE}", *run.notes, f"Run `{run.digest}`, by {code}.")


def _share(run: MeasuredRecord) -> str:
    return f"{len(run.sequences)} of {run.split}"


def _settings(run: MeasuredRecord) -> str:
    return ", ".join([run.precision, run.resolution, *run.memory])


def _figures(*fractions: float) -> list[str]:
    return [percent(fraction) for fraction in fractions]
