import copy
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from jaxtyping import config
from PIL import Image

from benchmarks import runner, session
from benchmarks.artifacts import sha256_of_files
from benchmarks.background_writer import BackgroundWriter
from benchmarks.config import Autocast, Engine, EngineConfig, PassConfig, PrecisionConfig
from benchmarks.datasets import Sequence
from benchmarks.engine import make_ready
from benchmarks.ensemble import mean_prediction, most_probable
from benchmarks.errors import InputError
from benchmarks.frames import Frame, read_frames
from benchmarks.masks import encode_mask, read_mask, read_palette
from benchmarks.probabilities import read_prediction
from benchmarks.progress import RunProgress
from benchmarks.runner import Pass, Video, run_sequences
from benchmarks.session import resize_probabilities
from benchmarks.stopwatch import Stopwatch
from reports.records import SequenceRecord
from xmem import MemoryConfig, Tracker, XMem
from xmem.engine import CompilerError
from xmem.inference import tracker
from xmem.inference.stages import run_steps

RunPasses = Callable[..., SequenceRecord]

MEMORY = MemoryConfig(memorise_every=2, top_k=10)


@pytest.fixture
def network(tiny_network: XMem) -> XMem:
    return tiny_network


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
def run_passes(network: XMem, quiet: RunProgress, tmp_path: Path) -> RunPasses:
    torch.set_num_threads(1)

    def run(
        passes: list[Pass],
        *,
        precision: Autocast | None = None,
        probabilities: Path | None = None,
        memory: MemoryConfig = MEMORY,
        by: XMem = network,
        masks: str = "out",
    ) -> SequenceRecord:
        (record,) = run_sequences(
            [Video(passes=passes, masks=tmp_path / masks, probabilities=probabilities)],
            by,
            memory=memory,
            precision=PrecisionConfig(name="fp32" if precision is None else "bf16", autocast=precision),
            seed=0,
            together=1,
            progress=quiet,
        )
        return record

    return run


@pytest.fixture
def run(run_passes: RunPasses) -> Callable[..., SequenceRecord]:
    def run(
        sequence: Sequence,
        *passes: PassConfig,
        size: int | None = None,
        **settings: Any,
    ) -> SequenceRecord:
        configs = passes or (PassConfig(size=size),)
        return run_passes([Pass(sequence=sequence, config=one) for one in configs], **settings)

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


def test_probabilities_are_made_smaller_without_antialiasing() -> None:
    probabilities = torch.tensor([[[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]]])
    assert resize_probabilities(probabilities, (1, 2)).flatten().tolist() == [0.0, 0.0]  # only pixels 1 and 4 are read


def test_a_mask_that_cannot_be_written_is_an_error_even_if_it_is_the_last(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    occupied = tmp_path / "out/00006.png"
    occupied.mkdir(parents=True)
    with pytest.raises(InputError, match=f"^{occupied}: cannot write there: Is a directory"):
        run(sequence)
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


def test_a_mirrored_pass_sees_mirrored_frames_and_gives_masks_the_right_way_round(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, tmp_path: Path
) -> None:
    run(sequence, PassConfig(size=None, flip=True))
    tracker = Tracker(network, MEMORY, video_length=7)
    for frame in list(read_frames(sequence, size=None))[2:]:
        prompt = None if frame.prompt is None else frame.prompt.flip(-1)
        probabilities = tracker.step(frame.image.flip(-1), prompt, last=frame.name == "00006").flip(-1)
        expected = np.array([0, *tracker.labels], np.uint8)[probabilities.argmax(0).numpy()]
        assert np.array_equal(read_mask(tmp_path / f"out/{frame.name}.png"), expected)


def test_several_passes_are_averaged_before_the_most_probable_label_is_taken(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    passes = (PassConfig(size=None), PassConfig(size=32, flip=True))
    record = run(sequence, *passes, probabilities=tmp_path / "mean")
    parts = []
    for index, one in enumerate(passes):
        run(sequence, one, probabilities=tmp_path / f"part{index}")
        parts.append(tmp_path / f"part{index}")
    run(sequence, *passes)
    assert len(record.milliseconds) == len(record.memory) == 5
    for name in record.frames:
        expected = mean_prediction([read_prediction(part / f"{name}.zst") for part in parts])
        found = read_prediction(tmp_path / f"mean/{name}.zst")
        assert found.labels == expected.labels
        assert torch.equal(found.probabilities, expected.probabilities)
        assert np.array_equal(read_mask(tmp_path / f"out/{name}.png"), most_probable(expected).mask())


def test_memory_of_several_passes_is_that_of_all_together(
    run: Callable[..., SequenceRecord], sequence: Sequence
) -> None:
    alone = [run(sequence, PassConfig(size=size)).memory for size in (None, 32)]
    together = run(sequence, PassConfig(size=None), PassConfig(size=32)).memory
    assert together == tuple((a[0] + b[0], a[1] + b[1]) for a, b in zip(*alone, strict=True))


def test_a_pass_to_which_an_object_is_too_small_leaves_it_to_the_others(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    small = read_mask(sequence.prompts["00004"])
    small[small == 200] = 0
    small[45, 63] = 200  # one pixel, which a nearest resize to half the size never reads
    Image.fromarray(small).save(sequence.prompts["00004"])
    alone = run(sequence, PassConfig(size=24))
    assert alone.labels == (7,)
    both = run(sequence, PassConfig(size=24), PassConfig(size=None), probabilities=tmp_path / "mean")
    assert both.labels == (7, 200)
    assert read_prediction(tmp_path / "mean/00006.zst").probabilities[2].max() <= 0.5


def test_probabilities_are_kept_only_where_asked_for_and_their_hash_is_recorded(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    assert run(sequence).probabilities_sha256 is None
    record = run(sequence, probabilities=tmp_path / "kept")
    files = sorted((tmp_path / "kept").iterdir())
    assert [path.stem for path in files] == list(record.frames)
    assert record.probabilities_sha256 == sha256_of_files(files)


def test_only_frames_that_are_to_be_written_are_but_all_are_run_and_timed(
    run: Callable[..., SequenceRecord], sequence: Sequence, tmp_path: Path
) -> None:
    complete = run(sequence)
    masks = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    shutil.rmtree(tmp_path / "out")
    record = run(replace(sequence, written=frozenset({"00003", "00006"})))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        name: masks[name] for name in ("00003.png", "00006.png")
    }
    assert record.frames == ("00003", "00006")
    assert (len(record.milliseconds), record.memory) == (5, complete.memory)


def test_mapping_step_and_enlargement_are_timed_and_upload_argmax_download_and_writing_are_not(
    run: Callable[..., SequenceRecord], sequence: Sequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed: dict[str, set[bool]] = defaultdict(set)  # of each kind of work, whether the watch was running
    running = False

    class Watch(Stopwatch):
        @contextmanager
        def running(self) -> Iterator[None]:
            nonlocal running
            with super().running():
                running = True
                yield
                running = False

    class Uploaded(torch.Tensor):
        def to(self, *args: Any, **settings: Any) -> torch.Tensor:
            timed["upload"].add(running)
            return self.as_subclass(torch.Tensor).to(*args, **settings)

    def watched(kind: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **settings: Any) -> Any:
            timed[kind].add(running)
            return work(*args, **settings)

        return noted

    def on_their_way(*args: Any, **settings: Any) -> Iterator[Frame]:
        for frame in read_frames(*args, **settings):
            prompt = None if frame.prompt is None else frame.prompt.as_subclass(Uploaded)
            yield replace(frame, image=frame.image.as_subclass(Uploaded), prompt=prompt)

    monkeypatch.setattr(session, "Stopwatch", Watch)
    monkeypatch.setattr(runner, "read_frames", on_their_way)
    monkeypatch.setattr(session, "run_steps", watched("step", run_steps))
    monkeypatch.setattr(session, "resize_probabilities", watched("enlargement", resize_probabilities))
    monkeypatch.setattr(runner, "most_probable", watched("argmax and download", most_probable))
    monkeypatch.setattr(tracker, "read_prompt", watched("mask mapping", tracker.read_prompt))
    monkeypatch.setattr(BackgroundWriter, "submit", watched("writing", BackgroundWriter.submit))
    run(sequence, size=32)
    assert {kind for kind, inside in timed.items() if inside == {True}} == {"mask mapping", "step", "enlargement"}
    assert {kind for kind, inside in timed.items() if inside == {False}} == {"upload", "argmax and download", "writing"}


def test_an_engine_makes_ready_before_the_first_step_of_every_number_of_objects_is_timed(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[tuple[int, ...] | str] = []

    class Watch(Stopwatch):
        @contextmanager
        def running(self) -> Iterator[None]:
            events.append("step")
            with super().running():
                yield

    def prepare(height: int, width: int, *, objects: int, images: int | None) -> None:
        assert images is None
        events.append((height, width, objects))

    monkeypatch.setattr(network, "prepare", prepare)
    monkeypatch.setattr(session, "Stopwatch", Watch)
    run(sequence, size=32)
    height, width = next(read_frames(sequence, size=32)).image.shape[-2:]
    assert events == [(height, width, 1), "step", "step", (height, width, 2), "step", "step", "step"]


def test_a_compiler_that_fails_on_the_way_is_an_error_in_one_line(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(*_size: int, objects: int, **_settings: int | None) -> None:
        raise CompilerError(f"expected a compiler, found none for {objects}\nand much more")

    monkeypatch.setattr(network, "prepare", prepare)
    with pytest.raises(InputError, match=r"^expected a compiler, found none for 1; install one \(g\+\+\), or take "):
        run(sequence)


def test_the_wall_clock_runs_from_the_first_frame_read_to_the_last_mask_on_disk(
    run: Callable[..., SequenceRecord], sequence: Sequence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_to_begin(*args: Any, **settings: Any) -> Iterator[Frame]:
        time.sleep(0.15)
        yield from read_frames(*args, **settings)

    def slow_to_end(mask: np.ndarray, *, palette: bytes) -> bytes:
        time.sleep(0.03)
        return encode_mask(mask, palette=palette)

    monkeypatch.setattr(runner, "read_frames", slow_to_begin)
    monkeypatch.setattr(runner, "encode_mask", slow_to_end)
    record = run(sequence)
    assert record.wall_seconds is not None
    assert record.wall_seconds >= 0.15 + 7 * 0.03


def test_the_length_of_the_video_decides_what_long_term_memory_forgets(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, tmp_path: Path
) -> None:
    memory = MemoryConfig(
        memorise_every=1, top_k=10, min_working_frames=1, max_working_frames=2, prototypes=4, max_long_term=8
    )
    run(sequence, memory=memory, probabilities=tmp_path / "kept")
    found = read_prediction(tmp_path / "kept/00006.zst").probabilities
    last = {}
    for length in (7, None):
        tracker = Tracker(network, memory, video_length=length)
        for frame in list(read_frames(sequence, size=None))[2:]:
            last[length] = tracker.step(frame.image, frame.prompt, last=frame.name == "00006")
    assert torch.equal(found, last[7])
    assert not torch.equal(last[7], last[None]), "the least used is not the oldest here"


@pytest.mark.parametrize("missing", [3, 6])
def test_passes_over_different_frames_are_not_averaged(run_passes: RunPasses, sequence: Sequence, missing: int) -> None:
    frames = sequence.frames[:missing] + sequence.frames[missing + 1 :]
    passes = [
        Pass(sequence=sequence, config=PassConfig(size=None)),
        Pass(sequence=replace(sequence, frames=frames), config=PassConfig(size=32)),
    ]
    with pytest.raises(InputError, match=r"expected the frames of .*, found others; passes of several sizes need"):
        run_passes(passes)


def test_probabilities_that_are_no_numbers_are_an_error_and_no_background(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence
) -> None:
    bias = network.state_dict()["decoder.pred.bias"]
    before = bias.clone()
    bias.fill_(float("nan"))
    try:
        with pytest.raises(InputError, match=r"^sequence dog, frame 0000[23]: expected probabilities, .*=fp32"):
            run(sequence)
    finally:
        bias.copy_(before)


NO_CHECKS = pytest.mark.skipif(not config.jaxtyping_disable, reason="torch's compiler cannot read checked functions")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("engine", [Engine.EAGER, pytest.param(Engine.GRAPHS, marks=NO_CHECKS)])
def test_a_gpu_writes_the_masks_of_the_cpu(
    run: Callable[..., SequenceRecord], network: XMem, sequence: Sequence, tmp_path: Path, engine: Engine
) -> None:
    run(sequence)
    settings = {"engine": EngineConfig(name=engine), "precision": PrecisionConfig(name="fp32")}
    record = run(sequence, by=make_ready(copy.deepcopy(network), torch.device("cuda"), **settings), masks="gpu")
    assert len(record.frames) == 7
    for frame in record.frames:
        ours, theirs = (read_mask(tmp_path / folder / f"{frame}.png") for folder in ("gpu", "out"))
        assert np.mean(ours == theirs) >= 0.999
