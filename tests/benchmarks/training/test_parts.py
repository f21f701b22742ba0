"""The stages that share an image's work, against the network's own."""

import pytest
import torch

from benchmarks.training.aggregation import aggregate_clips, sum_of_others
from benchmarks.training.parts import DecoderPart, ImagePart, ImageParts, ValuePart
from xmem import ModelConfig, XMem
from xmem.inference.aggregation import aggregate, with_others
from xmem.untrained import draw_state_dict

FRAMES, CLIPS = 3, 2
OWNER = torch.tensor([0, 0, 1])
OF_CLIP = (slice(0, 2), slice(2, 3))


@pytest.fixture(scope="module")
def network() -> XMem:
    sizes = ModelConfig(
        key_dim=8,
        value_dim=32,
        sensory_dim=8,
        key_width=4,
        key_blocks=(1, 2, 1),
        value_width=8,
        value_blocks=(1, 1, 1),
        decoder_dims=(32, 16, 16),
        sensory_update_dim=8,
    )
    network = XMem(sizes)
    network.load_state_dict(draw_state_dict(sizes))
    return network.requires_grad_(requires_grad=False)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def image_parts(network: XMem, images: torch.Tensor) -> ImageParts:
    parts: ImageParts = ImagePart(network)(images, CLIPS)
    return parts


@pytest.mark.parametrize("frame", range(FRAMES))
def test_keys_are_those_of_the_network(network: XMem, frame: int) -> None:
    images = drawn(FRAMES * CLIPS, 3, 32, 48)
    parts = image_parts(network, images)
    encoded = network.encode_key(images[frame * CLIPS : frame * CLIPS + 1])
    for name in ("key", "shrinkage", "selection"):
        found = getattr(parts, name)[frame * CLIPS : frame * CLIPS + 1]
        torch.testing.assert_close(found, getattr(encoded, name), rtol=1e-4, atol=1e-5)


def test_values_are_those_of_the_network(network: XMem) -> None:
    images, masks = drawn(FRAMES * CLIPS, 3, 32, 48), torch.sigmoid(drawn(3, 32, 48))
    here = slice(CLIPS, 2 * CLIPS)  # the second frame
    others = sum_of_others(masks, OWNER, clips=CLIPS)
    values = ValuePart(network)(images[here], image_parts(network, images).value_fusion[here], OWNER, masks, others)
    for clip, objects in enumerate(OF_CLIP):
        image = images[here][clip : clip + 1]
        expected = network.encode_value(image, network.encode_key(image).f16, with_others(masks[objects]))
        torch.testing.assert_close(values[objects], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("update_sensory", [True, False])
def test_logits_and_sensory_state_are_those_of_the_network(network: XMem, update_sensory: bool) -> None:
    images, readout, sensory = drawn(FRAMES * CLIPS, 3, 32, 48), drawn(3, 32, 2, 3), drawn(3, 8, 2, 3)
    parts = image_parts(network, images)
    later = slice(CLIPS, 2 * CLIPS)  # the third frame, the second of the later ones
    logits, updated = DecoderPart(network)(
        parts.decoder_fusion[later], parts.skip8[later], parts.skip4[later], OWNER, readout, sensory, update_sensory
    )
    for clip, objects in enumerate(OF_CLIP):
        encoded = network.encode_key(images[2 * CLIPS + clip][None])
        expected = network.segment(encoded, readout[objects], sensory[objects], update_sensory=update_sensory)
        torch.testing.assert_close(logits[objects], expected[0], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(updated[objects], expected[1], rtol=1e-4, atol=1e-4)


def test_clips_are_aggregated_as_one_is() -> None:
    logits = 3 * drawn(3, 16, 16)
    aggregated = aggregate_clips(logits, OWNER, clips=CLIPS)
    for clip, objects in enumerate(OF_CLIP):
        expected = aggregate(torch.sigmoid(logits[objects]))
        background = torch.exp(aggregated.background - aggregated.log_total)[clip]
        torch.testing.assert_close(aggregated.probabilities()[objects], expected[1:], rtol=1e-3, atol=1e-6)
        torch.testing.assert_close(background, expected[0], rtol=1e-3, atol=1e-6)


def test_saturated_logits_have_finite_losses_and_gradients() -> None:
    logits = torch.tensor([-200.0, 200.0, 0.0]).view(3, 1, 1).expand(3, 4, 4).clone().requires_grad_()
    aggregated = aggregate_clips(logits, OWNER, clips=CLIPS)
    aggregated.log_total.sum().backward()
    assert bool(aggregated.log_total.isfinite().all())
    assert logits.grad is not None
    assert bool(logits.grad.isfinite().all())
