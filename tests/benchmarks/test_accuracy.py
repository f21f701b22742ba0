"""The accuracy gate: the network that comes with the code is worth today what its card says.

Anything that goes wrong between a frame and its mask moves these figures. That the gate notices is shown by breaking
what it guards.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from reports.card.record import Card, MeasuredRecord, card_file, read_card
from reports.result import read_results

GATE = 0.005  # of J&F, a fraction: half a point
WEIGHTS = Path(__file__).parents[2] / "xmem/weights/xmem_tiny.safetensors"

# Demo clips are too short for long-term memory at the usual interval: remembering every frame, they fill it.
OFTEN = "memory.memorise_every=1"
TWO_CLIPS = ("two-discs-cross", "ring-over-swimmer")

Measure = Callable[..., float]


@pytest.fixture(scope="module")
def card() -> Card:
    return read_card(card_file(WEIGHTS))


@pytest.fixture
def measure(demo: Path, modest: tuple[str, ...], entry_point: Callable[..., tuple[int, str, str]]) -> Measure:
    """J&F of demo clips, all of them if none is named, as `make demo` gets it; in one thread."""
    settings = [one for one in modest if not one.startswith("resolution=")]
    paths = f"paths.data={demo.parent}"
    runs = next(one.removeprefix("paths.runs=") for one in modest if one.startswith("paths.runs="))

    def measure(*overrides: str, clips: Sequence[str] = ()) -> float:
        chosen = (f"sequences=[{','.join(clips)}]",) if clips else ()
        status, _, errors = entry_point(
            "run", "variant=xmem_tiny", "dataset=demo", *settings, paths, *chosen, *overrides
        )
        assert status == 0, errors
        (result,) = read_results(Path(runs)).runs
        assert result.score is not None
        return result.score.j_and_f

    return measure


def recorded(card: Card, dataset: str, *memory: str) -> MeasuredRecord:
    """What the card says of a dataset, in fp32."""
    (found,) = [
        one for one in card.measured if (one.dataset, one.precision, one.memory) == (dataset, "fp32", tuple(memory))
    ]
    return found


def of_clips(record: MeasuredRecord, clips: Sequence[str]) -> float:
    """The record's J&F of some of its sequences: the mean over their objects."""
    chosen = [one for one in record.sequences if one.name in clips]
    assert len(chosen) == len(clips)
    return sum(one.j_and_f * one.objects for one in chosen) / sum(one.objects for one in chosen)


def test_the_demo_scores_what_is_on_record(measure: Measure, card: Card) -> None:
    assert measure() == pytest.approx(recorded(card, "demo").j_and_f, abs=GATE)


def test_the_demo_with_long_term_memory_scores_what_is_on_record(measure: Measure, card: Card) -> None:
    assert measure(OFTEN) == pytest.approx(recorded(card, "demo", "memorise_every_1").j_and_f, abs=GATE)


@pytest.fixture
def broken_top_k(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the k most similar elements the least similar one weighs most."""
    from xmem.memory.similarity import Affinity, top_k_affinity

    def reversed_weights(similarity: Tensor, *, k: int) -> Affinity:
        affinity = top_k_affinity(similarity, k=k)
        return Affinity(weights=affinity.weights.flip(1), elements=affinity.elements)

    monkeypatch.setattr("xmem.XMem.search", staticmethod(reversed_weights))


@pytest.fixture
def broken_sensory_update(monkeypatch: pytest.MonkeyPatch) -> None:
    """The decoder's update is computed and lost."""
    from xmem.network import recurrent

    def forgetful(_transformed: Tensor, sensory: Tensor) -> Tensor:
        return sensory

    monkeypatch.setattr(recurrent, "gated_update", forgetful)


@pytest.fixture
def broken_long_term_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prototypes have the values of nothing."""
    from xmem.memory import bank

    intact = bank.potentiate

    def empty(*given: Tensor) -> Tensor:
        return torch.zeros_like(intact(*given))

    monkeypatch.setattr(bank, "potentiate", empty)


@pytest.mark.usefixtures("broken_top_k")
def test_the_gate_closes_when_the_wrong_elements_are_read(measure: Measure, card: Card) -> None:
    assert abs(measure(clips=TWO_CLIPS) - of_clips(recorded(card, "demo"), TWO_CLIPS)) > GATE


@pytest.mark.usefixtures("broken_sensory_update")
def test_the_gate_closes_when_the_sensory_memory_stands_still(measure: Measure, card: Card) -> None:
    assert abs(measure(clips=TWO_CLIPS) - of_clips(recorded(card, "demo"), TWO_CLIPS)) > GATE


@pytest.mark.usefixtures("broken_long_term_memory")
def test_the_gate_closes_when_long_term_memory_is_empty(measure: Measure, card: Card) -> None:
    record = recorded(card, "demo", "memorise_every_1")
    assert abs(measure(OFTEN, clips=TWO_CLIPS) - of_clips(record, TWO_CLIPS)) > GATE


def test_two_clips_alone_score_what_is_on_record(measure: Measure, card: Card) -> None:
    """So that the faults above are why the gate closes there."""
    assert measure(clips=TWO_CLIPS) == pytest.approx(of_clips(recorded(card, "demo"), TWO_CLIPS), abs=GATE)


@pytest.mark.data
def test_a_real_sequence_scores_what_is_on_record(
    data_root: Path, card: Card, modest: tuple[str, ...], entry_point: Callable[..., tuple[int, str, str]]
) -> None:
    """DAVIS 2016's car-shadow, 40 frames at 480p: nothing of it was ever trained on."""
    runs = next(one.removeprefix("paths.runs=") for one in modest if one.startswith("paths.runs="))
    settings = [one for one in modest if not one.startswith("resolution=")]
    cell = ("variant=xmem_tiny", "dataset=davis16_val", "sequences=[car-shadow]", f"paths.data={data_root}")
    status, _, errors = entry_point("run", *cell, *settings)
    assert status == 0, errors
    (result,) = read_results(Path(runs)).runs
    assert result.score is not None
    assert result.score.j_and_f == pytest.approx(of_clips(recorded(card, "davis16_val"), ["car-shadow"]), abs=GATE)
