from functools import partial

import pytest

from benchmarks.training.config import BatchShape, LossConfig, OptimiserConfig, Stage, TrainingConfig
from benchmarks.training.schedule import average_decay, hard_fraction, learning_rate, place_of


def test_every_clip_is_seen_once_and_in_order(small_training: partial[TrainingConfig]) -> None:
    small = BatchShape(size=32, frames=3, objects=(1, 2, 1))
    large = BatchShape(size=48, frames=4, objects=(1, 3))
    config = small_training(
        iterations=10,
        stages=(
            Stage(until=0.5, batches=(large, small)),
            Stage(until=1.0, batches=(small, large, large)),
        ),
    )
    places = [place_of(iteration, config) for iteration in range(10)]
    seen = [place.first_clip + slot for place in places for slot in range(len(place.batch.objects))]
    assert seen == list(range(len(seen)))
    assert [place.stage for place in places] == [0] * 5 + [1] * 5
    assert [place.batch for place in places] == [large, small, large, small, large, small, large, large, small, large]
    with pytest.raises(ValueError, match="below 10"):
        place_of(10, config)


def test_the_rate_rises_and_falls() -> None:
    rate = partial(learning_rate, config=OptimiserConfig(peak=1.0, floor=0.1, warm_up=10), iterations=110)
    assert rate(0) == pytest.approx(0.1)
    assert rate(9) == pytest.approx(1)
    assert rate(60) == pytest.approx(0.55)
    assert rate(110) == pytest.approx(0.1)


@pytest.mark.parametrize(("progress", "expected"), [(0, 1), (0.3, 1), (0.5, 0.625), (0.7, 0.25), (1, 0.25)])
def test_hard_pixels_become_fewer_between_two_points(progress: float, expected: float) -> None:
    assert hard_fraction(float(progress), LossConfig()) == pytest.approx(expected)


def test_the_average_forgets_fast_in_the_beginning() -> None:
    config = OptimiserConfig(average=0.999)
    assert average_decay(0, config) == pytest.approx(0.1)
    assert average_decay(100_000, config) == 0.999


@pytest.mark.parametrize("ends", [(0.5,), (0.5, 0.5, 1.0), ()])
def test_stages_that_leave_out_a_part_are_refused(
    small_training: partial[TrainingConfig], ends: tuple[float, ...]
) -> None:
    stages = tuple(Stage(until=end, batches=(BatchShape(size=32, frames=2, objects=(1,)),)) for end in ends)
    with pytest.raises(ValueError, match="stages whose ends rise to 1"):
        small_training(stages=stages)
