from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from benchmarks.config import Autocast, PrecisionConfig
from benchmarks.datasets import Sequence
from benchmarks.errors import InputError
from benchmarks.frames import read_frames
from benchmarks.masks import read_mask, read_palette
from benchmarks.progress import RunProgress
from benchmarks.runner import resize_probabilities, run_sequence
from reports.records import SequenceRecord
from xmem import MemoryConfig, ModelConfig, Tracker, XMem
from xmem.untrained import draw_state_dict

MEMORY = MemoryConfig(memorise_every=2, top_k=10)


@pytest.fixture(scope="module")
def network() -> XMem:
    network = XMem(
        ModelConfig(
            key_dim=8,
            value_dim=16,
            sensory_dim=8,
            key_width=4,
            key_blocks=(1, 1, 1),
            value_width=4,
            value_blocks=(1, 1, 1),
            decoder_dims=(16, 8, 8),
            sensory_update_dim=8,
        )
    )
    network.load_state_dict(draw_state_dict(network.config))
    return network


@pytest.fixture
def sequence(tmp_path: Path, write_video: Callable[..., None]) -> Sequence:
    """Seven frames: none given for the first two, object 7 from the third on, object 200 from the fifth on."""
    write_video(tmp_path / "frames", tmp_path / "masks", frames=7, labels=(7, 200))
    early = tmp_path / "masks/00002.png"
    mask = read_mask(early)
    image = Image.fromarray(np.where(mask == 7, 7, 0).astype(np.uint8))
    image.putpalette(bytes(range(256)) * 3)
    image.save(early)
    return Sequence(
        name="dog",
        frames=tuple(sorted((tmp_path / "frames").iterdir())),
        prompts={"00002": early, "00004": tmp_path / "masks/00004.png"},
        truth={},
    )


@pytest.fixture
def run(network: XMem, quiet: RunProgress, tmp_path: Path) -> Callable[..., SequenceRecord]:
    torch.set_num_threads(1)

    def run(sequence: Sequence, *, size: int | None = None, precision: Autocast | None = None) -> SequenceRecord:
        return run_sequence(
            sequence,
            network,
            masks=tmp_path / "out",
            memory=MEMORY,
            precision=PrecisionConfig(name="fp32" if precision is None else "bf16", autocast=precision),
            size=size,
            progress=quiet,
        )

    return run


def step_by_step(
    network: XMem, sequence: Sequence, *, size: int | None = None, bfloat16: bool = False
) -> tuple[dict[str, np.ndarray], tuple[tuple[int, int], ...]]:
    """Masks from the third frame on, by its name, and memory after each, written out."""
    tracker = Tracker(network, MEMORY, video_length=len(sequence.frames))
    masks, sizes = {}, []
    for frame in list(read_frames(sequence, size=size))[2:]:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            probabilities = tracker.step(frame.image, frame.prompt, last=frame.name == "00006")
        enlarged = F.interpolate(probabilities[None], (48, 64), mode="bilinear", align_corners=False)[0]
        masks[frame.name] = np.array([0, *tracker.labels], np.uint8)[enlarged.argmax(0).numpy()]
        sizes.append(tracker.memory_size)
    return masks, tuple(sizes)


@pytest.mark.parametrize("size", [None, 32])
def test_masks_are_the_trackers_most_probable_labels_at_the_written_size(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, tmp_path: Path, size: int | None
) -> None:
    record = run(sequence, size=size)
    masks, sizes = step_by_step(network, sequence, size=size)
    for name, mask in masks.items():
        assert np.array_equal(read_mask(tmp_path / f"out/{name}.png"), mask)
    assert {7, 200} <= set(np.unique(masks["00006"]))
    assert (record.labels, record.memory) == ((7, 200), sizes)


def test_frames_before_the_first_prompt_are_background_and_not_timed(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    record = run(sequence)
    assert record.skipped == 2
    assert len(record.frames) == 7
    assert len(record.milliseconds) == len(record.memory) == 5
    for name in ("00000", "00001"):
        assert np.array_equal(read_mask(tmp_path / f"out/{name}.png"), np.zeros((48, 64), np.uint8))


def test_masks_have_the_palette_of_the_first_prompt(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    run(sequence)
    assert {read_palette(path) for path in (tmp_path / "out").iterdir()} == {bytes(range(256)) * 3}


def test_bfloat16_runs_on_the_cpu_and_is_not_fp32(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, tmp_path: Path
) -> None:
    record = run(sequence, precision=Autocast.BFLOAT16)
    assert len(record.milliseconds) == 5
    half, _ = step_by_step(network, sequence, bfloat16=True)
    full, _ = step_by_step(network, sequence)
    for name, mask in half.items():
        assert np.array_equal(read_mask(tmp_path / f"out/{name}.png"), mask)
    assert any(not np.array_equal(half[name], full[name]) for name in full)


def test_frames_without_any_object_are_an_error(run: Callable[..., SequenceRecord], sequence: Sequence) -> None:
    for path in sequence.prompts.values():
        Image.fromarray(np.zeros((48, 64), np.uint8)).save(path)
    with pytest.raises(InputError, match="expected a mask that shows at least one object"):
        run(sequence)


def test_probabilities_are_resized_between_pixel_centres() -> None:
    probabilities = torch.tensor([[[0.0, 1.0]]])
    assert resize_probabilities(probabilities, (1, 4)).flatten().tolist() == [0.0, 0.25, 0.75, 1.0]
    assert resize_probabilities(probabilities, (1, 2)) is probabilities


def test_a_mask_that_cannot_be_written_is_an_error_even_if_it_is_the_last(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    occupied = tmp_path / "out/00006.png"
    occupied.mkdir(parents=True)
    with pytest.raises(InputError, match=f"^{occupied}: cannot write there: Is a directory"):
        run(sequence)
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []
