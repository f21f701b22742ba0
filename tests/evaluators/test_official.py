"""Scores are those of the official DAVIS tool: to the last bit where it was run, to its 3 decimals where published."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from evaluators import (
    DatasetScore,
    FramePair,
    ScoringProtocol,
    boundary_f,
    jaccard,
    score_sequence,
    statistics,
    summarise_sequences,
)

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "metrics"
DAVIS_ROOT = Path(os.environ.get("DAVIS_ROOT") or ROOT.parent / "shared" / "data")
SERIES: dict[str, Any] = json.loads((GOLDEN / "statistics.json").read_text())
DAVIS_SAMPLE = ("blackswan", "bmx-trees", "car-shadow", "dog", "drift-straight", "libby", "scooter-black", "soapbox")


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image, dtype=np.uint8)


def pairs_of(predictions: Path, annotations: Path) -> list[FramePair]:
    return [
        FramePair(
            name=truth.stem,
            read_predicted=partial(read, predictions / truth.name),
            read_truth=partial(read, truth),
        )
        for truth in sorted(annotations.glob("*.png"))
    ]


def test_every_golden_pair_scores_the_official_j_and_f() -> None:
    golden = np.load(GOLDEN / "pairs.npz")
    names = json.loads(str(golden["names"]))
    assert len(names) == 153
    for index, name in enumerate(names):
        height, width = golden[f"shape_{index:03d}"]
        predicted, truth = (
            np.unpackbits(golden[f"{which}_{index:03d}"], count=height * width).reshape(height, width).astype(bool)
            for which in ("pred", "gt")
        )
        assert jaccard(predicted, truth) == golden["J"][index], name
        assert boundary_f(predicted, truth) == golden["F"][index], name


@pytest.mark.parametrize("frames", SERIES)
def test_every_golden_series_has_the_official_statistics(frames: str) -> None:
    ours = statistics(np.array(SERIES[frames]["values"]))
    assert [ours.mean, ours.recall, ours.decay_official] == SERIES[frames]["mean_recall_decay"]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GOLDEN / "dataset" / "expected.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def golden_dataset() -> DatasetScore:
    dataset = GOLDEN / "dataset"
    return summarise_sequences(
        [
            score_sequence(
                name,
                pairs_of(dataset / "predictions" / name, dataset / "Annotations" / "480p" / name),
                protocol=ScoringProtocol.DAVIS_2017,
            )
            for name in (dataset / "ImageSets" / "2017" / "val.txt").read_text().split()
        ]
    )


@pytest.mark.parametrize("score", ["J", "F"])
def test_every_object_of_the_golden_dataset_has_the_official_statistics(
    golden_dataset: DatasetScore, expected: dict[str, Any], score: str
) -> None:
    ours = {
        f"{sequence.name}_{one.label}": one.j_statistics if score == "J" else one.f_statistics
        for sequence in golden_dataset.sequences
        for one in sequence.objects
    }
    assert {name: one.mean for name, one in ours.items()} == expected[score]["M_per_object"]
    assert [one.mean for one in ours.values()] == expected[score]["M"]
    assert [one.recall for one in ours.values()] == expected[score]["R"]
    assert [one.decay for one in ours.values()] == expected[score]["D"]


def test_the_golden_dataset_has_the_official_means(golden_dataset: DatasetScore, expected: dict[str, Any]) -> None:
    assert expected["global"] == {
        "J&F-Mean": golden_dataset.j_and_f,
        "J-Mean": golden_dataset.j_mean,
        "J-Recall": golden_dataset.j_recall,
        "J-Decay": golden_dataset.j_decay,
        "F-Mean": golden_dataset.f_mean,
        "F-Recall": golden_dataset.f_recall,
        "F-Decay": golden_dataset.f_decay,
    }
    assert golden_dataset.j_decay_official == golden_dataset.j_decay
    assert golden_dataset.f_decay_official == golden_dataset.f_decay


@pytest.mark.data
@pytest.mark.parametrize("sequence", DAVIS_SAMPLE)
@pytest.mark.parametrize("method", ["stm", "osvos"])
def test_published_masks_have_their_published_scores_on_every_frame(method: str, sequence: str) -> None:
    predictions = DAVIS_ROOT / "davis16_results" / method / sequence
    annotations = DAVIS_ROOT / "DAVIS" / "2016" / "Annotations" / "480p" / sequence
    published_file = DAVIS_ROOT / "davis16_results" / f"{method}_per_frame.json"
    missing = [str(path) for path in (predictions, annotations, published_file) if not path.exists()]
    if missing:
        pytest.skip(f"not here: {', '.join(missing)}")
    published = json.loads(published_file.read_text())[sequence]
    score = score_sequence(sequence, pairs_of(predictions, annotations), protocol=ScoringProtocol.DAVIS_2016)
    (one,) = score.objects
    assert [f"{value:.3f}" for value in one.j] == published["J"]
    assert [f"{value:.3f}" for value in one.f] == published["F"]
