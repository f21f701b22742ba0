import torch

from xmem import normalise


def test_a_frame_is_normalised_per_channel_and_laid_out_channels_first() -> None:
    image = torch.tensor([[[0, 128, 255], [255, 0, 51]]], dtype=torch.uint8)
    expected = torch.tensor(
        [
            [[(0 - 0.485) / 0.229, (1 - 0.485) / 0.229]],
            [[(128 / 255 - 0.456) / 0.224, (0 - 0.456) / 0.224]],
            [[(1 - 0.406) / 0.225, (0.2 - 0.406) / 0.225]],
        ]
    )
    torch.testing.assert_close(normalise(image), expected)


def test_the_frame_itself_is_left_as_it_was() -> None:
    image = torch.randint(0, 256, (4, 6, 3), dtype=torch.uint8)
    before = image.clone()
    assert normalise(image).is_contiguous()
    assert torch.equal(image, before)
