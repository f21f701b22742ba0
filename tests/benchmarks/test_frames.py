import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.frames import Frame, read_frames, read_image, resize_image, resize_prompt, scaled_size
from xmem.image import normalise

ORIENTATION = 0x0112


def photograph(mode: str = "RGB") -> Image.Image:
    """Gradients, edges and noise at sizes that are no multiple of a JPEG block."""
    height, width = 75, 101
    y, x = np.mgrid[:height, :width]
    planes = np.stack([3 * y + x, x * y // 7, 255 * ((x // 9 + y // 5) % 2)], axis=-1)
    noise = np.random.default_rng(0).integers(0, 40, planes.shape)
    return Image.fromarray(((planes + noise) % 256).astype(np.uint8)).convert(mode)


def rotated() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return exif


JPEGS: dict[str, tuple[str, dict[str, Any]]] = {
    "4:4:4": ("RGB", {"subsampling": 0, "quality": 95}),
    "4:2:2": ("RGB", {"subsampling": 1}),
    "4:2:0": ("RGB", {"subsampling": 2}),
    "coarse": ("RGB", {"quality": 5}),
    "progressive": ("RGB", {"progressive": True, "subsampling": 2}),
    "restart markers": ("RGB", {"restart_marker_blocks": 3}),
    "stored as RGB": ("RGB", {"keep_rgb": True}),
    "rotated by EXIF": ("RGB", {"exif": rotated()}),
    "grey": ("L", {}),
    "CMYK": ("CMYK", {}),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_is_decoded_exactly_as_pillow_does(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "00000.jpg"
    mode, settings = JPEGS[kind]
    photograph(mode).save(path, "JPEG", **settings)
    with Image.open(path) as image:
        assert np.array_equal(read_image(path), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_png_is_decoded_exactly_as_pillow_does(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "00000.png"
    photograph(mode).save(path)
    with Image.open(path) as image:
        assert np.array_equal(read_image(path), np.asarray(image.convert("RGB")))


def test_a_jpeg_with_bytes_after_its_end_is_a_jpeg_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "00000.jpg"
    photograph().save(path)
    before = read_image(path)
    with path.open("ab") as file:
        file.write(b"\0\0appended by a camera")
    assert np.array_equal(read_image(path), before)


@pytest.mark.data
def test_real_frames_are_decoded_exactly_as_pillow_does(data_root: Path) -> None:
    paths = sorted((data_root / "DAVIS/2016/JPEGImages/480p").glob("*/*.jpg"))[::40]
    assert paths
    for path in paths:
        with Image.open(path) as image:
            assert np.array_equal(read_image(path), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_truncated_frame_is_named_in_one_line(tmp_path: Path, ending: str, kept: float) -> None:
    path = tmp_path / f"00000.{ending}"
    photograph().save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError, match=f"^{path}: expected a frame, found a damaged image") as refusal:
        read_image(path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"a text\n", b"\xff\xd8\xff\xd9", bytes(1000)])
def test_what_is_no_image_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "00000.jpg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected a frame, found a"):
        read_image(path)


def test_a_missing_frame_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    path = tmp_path / "00000.jpg"
    with pytest.raises(
        InputError, match=rf"^{path}: expected a frame, found what cannot be read \(No such file .*\); restore"
    ):
        read_image(path)
    path.mkdir()
    with pytest.raises(
        InputError, match=f"^{path}: expected a frame, found a folder; remove it, or put the file in its place$"
    ):
        read_image(path)


def test_a_header_that_promises_gigapixels_is_named(tmp_path: Path) -> None:
    path = tmp_path / "00000.jpg"
    photograph().save(path)
    content = bytearray(path.read_bytes())
    size = content.index(b"\xff\xc0") + 5
    content[size : size + 4] = b"\xff\x00\xff\x00"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: expected a frame, found a damaged image"):
        read_image(path)


@given(data=st.data(), kind=st.sampled_from(["JPEG", "PNG"]))
def test_whatever_bytes_a_frame_has_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    stream = io.BytesIO()
    photograph().save(stream, kind)
    content = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.jpg"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(InputError):
        read_image(path)


@pytest.mark.parametrize(
    ("size", "shorter_side", "expected"),
    [
        ((480, 854), 480, (480, 854)),
        ((480, 854), None, (480, 854)),
        ((1080, 1920), 480, (480, 853)),
        ((1920, 1080), 480, (853, 480)),
        ((1080, 1920), 720, (720, 1280)),
        ((480, 854), 600, (600, 1067)),
        ((720, 1280), 480, (480, 853)),
        ((500, 500), 480, (480, 480)),
        ((480, 480), 480, (480, 480)),
        ((33, 100), 16, (16, 48)),
        ((208, 312), 480, (480, 720)),  # 480 / 208 * 312 is a little less than 720
    ],
)
def test_the_shorter_side_is_scaled_and_the_longer_rounded_down(
    size: tuple[int, int], shorter_side: int | None, expected: tuple[int, int]
) -> None:
    assert scaled_size(size, shorter_side=shorter_side) == expected


SIDES = st.integers(1, 5000)


@given(height=SIDES, width=SIDES, shorter_side=st.integers(16, 2000))
def test_a_scaled_size_has_the_shorter_side_and_nearly_the_shape(height: int, width: int, shorter_side: int) -> None:
    new_height, new_width = scaled_size((height, width), shorter_side=shorter_side)
    assert min(new_height, new_width) == shorter_side
    assert scaled_size((width, height), shorter_side=shorter_side) == (new_width, new_height)
    exact = shorter_side * max(height, width) / min(height, width)
    assert exact - 1 < max(new_height, new_width) <= exact
    assert (new_height >= new_width) == (height >= width) or new_height == new_width
    assert scaled_size((new_height, new_width), shorter_side=shorter_side) == (new_height, new_width)


@given(
    labels=st.lists(st.integers(0, 255), min_size=1, max_size=4),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    target=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_a_resized_prompt_invents_no_label(labels: list[int], size: tuple[int, int], target: tuple[int, int]) -> None:
    mask = torch.from_numpy(np.random.default_rng(0).choice(np.array(labels, np.uint8), size))
    resized = resize_prompt(mask, target)
    assert tuple(resized.shape) == target
    assert set(resized.unique().tolist()) <= set(labels)
    if target[0] >= size[0] and target[1] >= size[1]:
        assert set(resized.unique().tolist()) == set(mask.unique().tolist())


def test_a_prompt_is_resized_to_the_pixel_above_and_left() -> None:
    mask = torch.arange(16, dtype=torch.uint8).reshape(4, 4) + 240
    assert resize_prompt(mask, (2, 2)).tolist() == [[240, 242], [248, 250]]
    doubled = resize_prompt(mask, (8, 8))
    assert torch.equal(doubled[::2, ::2], mask)
    assert torch.equal(doubled[1::2, 1::2], mask)
    assert resize_prompt(mask, (4, 4)) is mask


@given(size=st.tuples(st.integers(2, 30), st.integers(2, 30)), target=st.tuples(st.integers(2, 30), st.integers(2, 30)))
def test_an_image_is_resized_bilinearly_between_pixel_centres_without_antialiasing(
    size: tuple[int, int], target: tuple[int, int]
) -> None:
    assume(size != target)
    image = torch.from_numpy(np.random.default_rng(1).normal(size=(3, *size)).astype(np.float32))
    resized = resize_image(image, target)
    row, column = (torch.linspace(0, side - 1, side)[side // 2] for side in target)
    y = float(torch.clamp((row + 0.5) * size[0] / target[0] - 0.5, 0, size[0] - 1))
    x = float(torch.clamp((column + 0.5) * size[1] / target[1] - 0.5, 0, size[1] - 1))
    top, left = int(y), int(x)
    bottom, right = min(top + 1, size[0] - 1), min(left + 1, size[1] - 1)
    above = image[:, top, left] * (1 - x + left) + image[:, top, right] * (x - left)
    below = image[:, bottom, left] * (1 - x + left) + image[:, bottom, right] * (x - left)
    expected = above * (1 - y + top) + below * (y - top)
    assert torch.allclose(resized[:, target[0] // 2, target[1] // 2], expected, atol=1e-4)


@pytest.fixture
def video(tmp_path: Path) -> Callable[..., Sequence]:
    """A sequence of these masks, one a frame, all of them prompts; None is a frame without a mask."""

    def make(*masks: np.ndarray | None, size: tuple[int, int] = (20, 30), **settings: Any) -> Sequence:
        frames, prompts = [], {}
        for index, mask in enumerate(masks):
            frames.append(tmp_path / f"{index:05d}.png")
            colour = np.full((*size, 3), 10 * index, np.uint8)
            Image.fromarray(colour).save(frames[-1])
            if mask is not None:
                path = tmp_path / f"mask-{index:05d}.png"
                Image.fromarray(mask).save(path)
                prompts[f"{index:05d}"] = path
        return Sequence(name="dog", frames=tuple(frames), prompts=prompts, truth={}, **settings)

    return make


def columns(*labels: int, size: tuple[int, int] = (20, 30)) -> np.ndarray:
    """A mask whose first columns have these labels, four pixels each."""
    mask = np.zeros(size, np.uint8)
    for index, label in enumerate(labels):
        mask[:, 4 * index : 4 * index + 4] = label
    return mask


def prompts_of(sequence: Sequence, *, size: int | None = None) -> list[np.ndarray | None]:
    return [None if frame.prompt is None else frame.prompt.numpy() for frame in read_frames(sequence, size=size)]


def test_a_frame_is_normalised_then_resized(video: Callable[..., Sequence], tmp_path: Path) -> None:
    sequence = video(columns(1), None)
    photograph().resize((30, 20)).save(tmp_path / "00001.png")
    frames = list(read_frames(sequence, size=32))
    assert [(frame.name, frame.image.shape, frame.written_size) for frame in frames] == [
        ("00000", (3, 32, 48), (20, 30)),
        ("00001", (3, 32, 48), (20, 30)),
    ]
    pixels = torch.from_numpy(read_image(sequence.frames[1]))
    expected = F.interpolate(normalise(pixels)[None], (32, 48), mode="bilinear", align_corners=False)[0]
    assert torch.equal(frames[1].image, expected)
    assert torch.equal(list(read_frames(sequence, size=None))[1].image, normalise(pixels))


def test_a_late_object_is_given_alone_and_a_known_one_never_again(video: Callable[..., Sequence]) -> None:
    first, both, three = columns(5), columns(5, 9), columns(9, 5, 7)
    given = prompts_of(video(first, both, None, three, both))
    assert [prompt is None for prompt in given] == [False, False, True, False, True]
    assert np.array_equal(given[0], first)
    assert np.array_equal(given[1], columns(0, 9))
    assert np.array_equal(given[3], columns(0, 0, 7))


def test_frames_before_the_first_prompt_have_none(video: Callable[..., Sequence]) -> None:
    given = prompts_of(video(None, columns(), columns(3)))
    assert [prompt is None for prompt in given] == [True, True, False]


def test_masks_without_an_object_are_an_error_that_names_the_first(video: Callable[..., Sequence]) -> None:
    sequence = video(columns(), None)
    with pytest.raises(InputError, match=f"^{sequence.prompts['00000']}: expected a mask that shows at least one obj"):
        prompts_of(sequence)


def test_void_is_no_object(video: Callable[..., Sequence]) -> None:
    (given,) = prompts_of(video(columns(255, 2), void=255))
    assert np.array_equal(given, columns(0, 2))
    (given,) = prompts_of(video(columns(255, 2)))
    assert np.array_equal(given, columns(255, 2))
    with pytest.raises(InputError, match="found only background"):
        prompts_of(video(columns(255), void=255))


def test_whatever_labels_a_single_object_has_it_is_object_1(video: Callable[..., Sequence]) -> None:
    given = prompts_of(video(columns(255, 7), columns(3), single_object=True))
    assert np.array_equal(given[0], columns(1, 1))
    assert given[1] is None


def test_an_object_too_small_for_the_size_is_not_given_later_when_it_is_scored(video: Callable[..., Sequence]) -> None:
    speck = columns(1, size=(40, 60))
    speck[21, 51] = 2
    grown = speck.copy()
    grown[20:30, 40:60] = 2
    given = prompts_of(video(speck, grown, size=(40, 60)), size=20)
    assert given[0] is not None
    assert np.unique(given[0]).tolist() == [0, 1]
    assert given[1] is None, "its first appearance was the frame before"
    given = prompts_of(video(speck, grown, size=(40, 60)), size=None)
    assert np.array_equal(given[0], speck)
    assert given[1] is None


def test_a_first_mask_that_vanishes_in_the_resize_is_an_error_that_names_it(video: Callable[..., Sequence]) -> None:
    speck = columns(size=(40, 60))
    speck[21, 51] = 1
    sequence = video(speck, None, size=(40, 60))
    with pytest.raises(InputError, match=f"^{sequence.prompts['00000']}: .* at the size at which frames are segmented"):
        prompts_of(sequence, size=20)


@pytest.mark.parametrize("threads", [2, 3, 9])
def test_threads_decode_the_same_frames_in_the_same_order(
    video: Callable[..., Sequence], tmp_path: Path, threads: int
) -> None:
    sequence = video(columns(1), *[None] * 6)
    for number, path in enumerate(sequence.frames):
        Image.new("RGB", (30, 20), (number, 2 * number, 3 * number)).save(path)
    one, several = (list(read_frames(sequence, size=16, threads=count)) for count in (1, threads))
    assert [frame.name for frame in several] == [frame.name for frame in one]
    assert all(torch.equal(ours.image, theirs.image) for ours, theirs in zip(several, one, strict=True))
    sequence.frames[4].unlink()
    frames = read_frames(sequence, size=16, threads=threads)
    assert [next(frames).name for _ in range(4)] == ["00000", "00001", "00002", "00003"]
    with pytest.raises(InputError, match=f"^{tmp_path}/00004.png: expected a frame, found what cannot be read"):
        next(frames)


def test_a_frame_of_another_size_is_named_once_those_before_it_were_given(
    video: Callable[..., Sequence], tmp_path: Path
) -> None:
    sequence = video(columns(1), None, None)
    Image.new("RGB", (31, 20)).save(tmp_path / "00001.png")
    frames = read_frames(sequence, size=None)
    assert isinstance(next(frames), Frame)
    with pytest.raises(InputError, match=f"^{tmp_path}/00001.png: expected a frame of 30x20 like the .*, found 31x20"):
        next(frames)


def test_a_mask_of_another_size_than_its_frame_is_named(video: Callable[..., Sequence]) -> None:
    sequence = video(columns(1, size=(30, 20)))
    with pytest.raises(InputError, match=f"^{sequence.prompts['00000']}: .*its frame's size, 30x20, found 20x30"):
        prompts_of(sequence)


def test_a_missing_prompt_is_named(video: Callable[..., Sequence]) -> None:
    sequence = video(columns(1), columns(2))
    sequence.prompts["00001"].unlink()
    with pytest.raises(InputError, match=f"^{sequence.prompts['00001']}: expected a mask, found no such file"):
        prompts_of(sequence)


def test_masks_are_written_at_the_size_of_another_image_where_there_is_one(
    video: Callable[..., Sequence], tmp_path: Path
) -> None:
    Image.new("P", (17, 11)).save(tmp_path / "small.png")
    (frame,) = read_frames(video(columns(1), written_like=tmp_path / "small.png"), size=16)
    assert (frame.written_size, frame.image.shape) == ((11, 17), (3, 16, 24))
    (tmp_path / "small.png").write_bytes(b"")
    with pytest.raises(InputError, match=f"^{tmp_path}/small.png: expected an image"):
        next(read_frames(video(columns(1), written_like=tmp_path / "small.png"), size=16))


def test_a_frame_of_more_than_8_bits_is_refused_not_clipped(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.arange(12, dtype=np.uint16).reshape(3, 4) * 4000).save(path)
    with pytest.raises(InputError, match=f"^{path}: expected a frame of 8 bits per channel, found mode I"):
        read_image(path)
