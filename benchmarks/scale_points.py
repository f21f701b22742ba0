"""Points of a scaling sweep, each in a process of its own: what one leaves, or dies of, is not the next one's."""

import resource
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from statistics import median

import torch
from torch import Tensor

from benchmarks.computer import describe_computer, peak_memory_bytes
from benchmarks.config import ScalingConfig
from benchmarks.device import check_precision, choose_device, compute_capability, computing, memory_errors_explained
from benchmarks.engine import check_engine, compiler_errors_explained, make_ready
from benchmarks.environment import describe_environment
from benchmarks.errors import InputError
from benchmarks.stopwatch import Stopwatch
from benchmarks.weights import find_network
from reports.scaling_table import result_text
from reports.speed_records import ScalePoint, ScaleResult, ScalingRecord
from xmem import MemoryConfig, Tracker, normalise

GIB = 2**30
OUT_OF_MEMORY = "out of memory"


def measure_scaling(config: ScalingConfig, *, tell: Callable[[str], None]) -> ScalingRecord:
    """Measure one point after another, and tell of each.

    Raises:
        InputError: weights, device, engine or precision are not to be had.
    """
    device = choose_device(config.device)
    check_precision(config.precision, compute_capability(device))
    check_engine(config.engine, device)
    find_network(config.variant, config.variant.checkpoints[0], config.paths)  # drawn ones are drawn once, here
    results = []
    for point in points_of(config):
        results.append(_in_process_of_its_own(point, config))
        tell(result_text(results[-1]))
    return ScalingRecord(
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        variant=config.variant.name,
        precision=config.precision.name,
        engine=config.engine.name,
        memory_limit_bytes=None if config.memory_gib is None else int(config.memory_gib * GIB),
        results=tuple(results),
        environment=describe_environment(describe_computer(device)),
    )


def points_of(config: ScalingConfig) -> Iterator[ScalePoint]:
    """The axes one after another, each through the first value of the others."""
    (first_length, *lengths), (first_count, *counts), (first_size, *sizes) = (
        config.lengths,
        config.object_counts,
        config.sizes,
    )
    yield ScalePoint(frames=first_length, objects=first_count, size=first_size)
    yield from (ScalePoint(frames=length, objects=first_count, size=first_size) for length in lengths)
    yield from (ScalePoint(frames=first_length, objects=count, size=first_size) for count in counts)
    yield from (ScalePoint(frames=first_length, objects=first_count, size=size) for size in sizes)


def _in_process_of_its_own(point: ScalePoint, config: ScalingConfig) -> ScaleResult:
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, point, config))
    process.start()
    sender.close()
    try:
        answer = receiver.recv()
    except EOFError:
        answer = None
    process.join()
    if isinstance(answer, ScaleResult):
        return answer
    if process.exitcode == -signal.SIGKILL:  # as the system ends what wants more than there is
        return ScaleResult(point=point, failure=f"{OUT_OF_MEMORY}: killed by the system")
    raise InputError(answer or f"expected a result of {point}, found that its process ended with {process.exitcode}")


def _send(sender: Connection, point: ScalePoint, config: ScalingConfig) -> None:
    """In the new process: measure, and answer with a result or with an error's message."""
    try:
        with memory_errors_explained(OUT_OF_MEMORY):
            answer: ScaleResult | str = measure_point(point, config)
    except MemoryError:  # of NumPy, and of C++ beneath torch
        answer = ScaleResult(point=point, failure=OUT_OF_MEMORY)
    except InputError as error:
        said = str(error)
        answer = ScaleResult(point=point, failure=OUT_OF_MEMORY) if said.startswith(OUT_OF_MEMORY) else said
    sender.send(answer)


def measure_point(point: ScalePoint, config: ScalingConfig) -> ScaleResult:
    """Track stripes through noise: what is seen decides no time.

    Raises:
        InputError: memory ran out, or what was there is gone.
    """
    device = choose_device(config.device)
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    _, loaded = find_network(config.variant, config.variant.checkpoints[0], config.paths)
    network = make_ready(loaded, device, engine=config.engine, precision=config.precision)
    if config.memory_gib is not None:
        _limit_memory(int(config.memory_gib * GIB), device)
    tracker = Tracker(network, MemoryConfig(), video_length=point.frames)
    generator = torch.Generator().manual_seed(0)
    height, width = point.size, point.width
    stopwatch = Stopwatch(device)
    with computing(config.precision, device):
        with compiler_errors_explained():
            network.prepare(height, width, objects=point.objects)
        for frame in range(point.frames):
            noise = torch.randint(256, (height, width, 3), generator=generator, dtype=torch.uint8)
            image = normalise(noise.to(device))
            prompt = _stripes(height, width, objects=point.objects).to(device) if frame == 0 else None
            with stopwatch.running():
                tracker.step(image, prompt)
    milliseconds = stopwatch.milliseconds()
    return ScaleResult(
        point=point,
        milliseconds=median(milliseconds[len(milliseconds) // 2 :]),
        memory=tracker.memory_size,
        peak_memory_bytes=peak_memory_bytes(device),
    )


def _limit_memory(limit: int, device: torch.device) -> None:
    """Let what goes beyond fail, as it would on a smaller machine."""
    if device.type == "cuda":
        torch.cuda.set_per_process_memory_fraction(min(1.0, limit / torch.cuda.mem_get_info(device)[1]), device)
    else:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _stripes(height: int, width: int, *, objects: int) -> Tensor:
    """Labels of upright stripes, background between them."""
    columns = torch.arange(width) * (2 * objects + 1) // width
    labels = torch.where(columns % 2 == 1, (columns + 1) // 2, 0)
    return labels.expand(height, width)
