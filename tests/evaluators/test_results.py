import dataclasses

import msgspec
import numpy as np
import pytest

from evaluators import (
    DatasetScore,
    ObjectScore,
    ScoringError,
    ScoringProtocol,
    SequenceScore,
    Throughput,
    statistics,
    summarise_durations,
    summarise_sequences,
)
from evaluators.results import summarise_objects


def object_of(label: int, frames: int, seed: int = 0) -> ObjectScore:
    j, f = np.random.default_rng((seed, label, frames)).random((2, frames)).tolist()
    return ObjectScore(
        label=label,
        frames=tuple(f"{index:05d}" for index in range(frames)),
        j=tuple(j),
        f=tuple(f),
        j_statistics=statistics(j),
        f_statistics=statistics(f),
    )


def sequence_of(
    name: str, *objects: ObjectScore, protocol: ScoringProtocol = ScoringProtocol.DAVIS_2017
) -> SequenceScore:
    return summarise_objects(name, objects, protocol=protocol)


@pytest.fixture
def dataset() -> DatasetScore:
    return summarise_sequences(
        [sequence_of("cat", object_of(1, 7)), sequence_of("dog", *map(object_of, (1, 2), (9, 9)))]
    )


def test_an_object_counts_once_however_long_and_however_many_share_its_sequence(dataset: DatasetScore) -> None:
    objects = [one for sequence in dataset.sequences for one in sequence.objects]
    assert len(objects) == 3
    assert dataset.j_mean == np.mean([one.j_statistics.mean for one in objects])
    assert dataset.j_recall == np.mean([one.j_statistics.recall for one in objects])
    assert dataset.j_decay == np.mean([one.j_statistics.decay for one in objects])
    assert dataset.f_mean == np.mean([one.f_statistics.mean for one in objects])
    assert dataset.f_recall == np.mean([one.f_statistics.recall for one in objects])
    assert dataset.f_decay == np.mean([one.f_statistics.decay for one in objects])
    assert dataset.j_and_f == (dataset.j_mean + dataset.f_mean) / 2


def test_every_mean_can_be_recomputed_from_the_scores_per_frame(dataset: DatasetScore) -> None:
    for sequence in dataset.sequences:
        for one in sequence.objects:
            assert one.j_statistics == statistics(one.j)
            assert one.f_statistics == statistics(one.f)
        assert summarise_objects(sequence.name, sequence.objects, protocol=sequence.protocol) == sequence
    assert summarise_sequences(dataset.sequences) == dataset


def test_one_object_without_an_official_decay_leaves_the_dataset_without() -> None:
    dataset = summarise_sequences([sequence_of("long", object_of(1, 300)), sequence_of("short", object_of(1, 20))])
    assert dataset.j_decay_official is None
    assert -1 <= dataset.j_decay <= 1


def test_a_wrong_official_decay_is_kept_apart_from_the_right_one() -> None:
    dataset = summarise_sequences([sequence_of("long", object_of(1, 400))])
    assert dataset.j_decay_official is not None
    assert dataset.j_decay_official != dataset.j_decay
    (one,) = dataset.sequences[0].objects
    assert one.f_statistics.decay_official != one.f_statistics.decay
    found = (dataset.j_decay_official, dataset.f_decay_official)
    assert found == (one.j_statistics.decay_official, one.f_statistics.decay_official)


def test_a_dataset_survives_json(dataset: DatasetScore) -> None:
    assert msgspec.json.decode(msgspec.json.encode(dataset), type=DatasetScore) == dataset


def test_a_missing_official_decay_is_null_in_json() -> None:
    dataset = summarise_sequences([sequence_of("long", object_of(1, 300))])
    assert msgspec.to_builtins(dataset)["j_decay_official"] is None
    assert msgspec.json.decode(msgspec.json.encode(dataset), type=DatasetScore) == dataset


@pytest.mark.parametrize("durations", [[10.0], [10.0, 12.0]])
def test_throughput_survives_json(durations: list[float]) -> None:
    record = summarise_durations(durations)
    assert msgspec.json.decode(msgspec.json.encode(record), type=Throughput) == record


def test_records_are_frozen(dataset: DatasetScore) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.j_mean = 1.0  # type: ignore[misc]


def test_two_protocols_in_one_dataset_are_an_error() -> None:
    sequences = [sequence_of(protocol, object_of(1, 5), protocol=protocol) for protocol in ScoringProtocol]
    with pytest.raises(ScoringError, match="one protocol, found davis2016 and davis2017 and first_appearance"):
        summarise_sequences(sequences)


def test_a_dataset_without_sequences_is_an_error() -> None:
    with pytest.raises(ScoringError, match="no sequence at all"):
        summarise_sequences([])


def test_a_sequence_that_comes_twice_is_an_error_that_names_it() -> None:
    with pytest.raises(ScoringError, match="sequence dog: expected once, found 2 times"):
        summarise_sequences([sequence_of(name, object_of(1, 5)) for name in ("dog", "cat", "dog")])


def test_a_sequence_without_objects_is_an_error_that_names_it() -> None:
    with pytest.raises(ScoringError, match=r"sequence dog: .* at least one object"):
        sequence_of("dog")
