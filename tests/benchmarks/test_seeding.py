import random
from contextlib import suppress

import numpy as np
import pytest
import torch

from benchmarks.seeding import seeded


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))  # noqa: NPY002, S311


def test_every_generator_gives_the_same_again_for_a_seed_and_other_numbers_for_another() -> None:
    drawn = []
    for seed in (7, 7, 8):
        with seeded(seed):
            drawn.append(draw())
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(drawn[0], drawn[2], strict=True))


def test_outside_numbers_go_on_as_if_nothing_had_been() -> None:
    with seeded(3):
        undisturbed = [draw(), draw()]
    with seeded(3):
        first = draw()
        with suppress(KeyError), seeded(9):
            draw()
            raise KeyError
        assert [first, draw()] == undisturbed


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_outermost_seeds_are_taken(seed: int) -> None:
    with seeded(seed):
        assert draw()
