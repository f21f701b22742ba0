import pytest
import torch

from benchmarks.training.aggregation import aggregate_clips
from benchmarks.training.loss import carried_loss, cross_entropy, dice, hardest

OWNER = torch.tensor([0, 0, 1])


def test_cross_entropy_is_that_of_the_true_label() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 4, 5, generator=generator)
    labels = torch.randint(0, 3, (2, 4, 5), generator=generator)
    labels[1].clamp_(max=1)  # the second clip has one object
    truth = torch.stack([labels[0] == 1, labels[0] == 2, labels[1] == 1]).float()
    found = cross_entropy(aggregate_clips(logits, OWNER, clips=2), truth)
    for clip, objects in enumerate((slice(0, 2), slice(2, 3))):
        p = torch.sigmoid(logits[objects])
        p = torch.cat([(1 - p).prod(dim=0, keepdim=True), p])
        probabilities = torch.softmax(torch.log(p / (1 - p)), dim=0)
        expected = -torch.log(probabilities.gather(0, labels[clip][None]))[0]
        torch.testing.assert_close(found[clip], expected, rtol=1e-4, atol=1e-5)


def test_the_hardest_quarter_is_what_remains() -> None:
    loss = torch.arange(8.0).view(1, 2, 4).expand(2, 2, 4)
    assert float(hardest(loss, fraction=1.0)) == 3.5
    assert float(hardest(loss, fraction=0.25)) == 6.5


def test_dice_is_nothing_for_a_perfect_mask_and_for_an_absent_object() -> None:
    truth = torch.zeros(2, 4, 4)
    truth[0, :2] = 1
    assert float(dice(truth, truth)) == pytest.approx(0, abs=1e-6)
    assert float(dice(1 - truth, truth)) > 0.8


def test_a_mask_that_is_carried_quite_wrongly_has_a_bounded_gradient() -> None:
    carried = torch.tensor([[0.0, 1.0, 1 - 1e-7, 1e-30]], requires_grad=True)
    carried_loss(carried, torch.tensor([[1.0, 0.0, 0.5, 0.5]])).backward()
    assert carried.grad is not None
    assert float(carried.grad.abs().max()) < 1000
