import time

import pytest
import torch

from benchmarks.stopwatch import Stopwatch


def test_every_stretch_has_its_duration_in_order_and_nothing_between_counts() -> None:
    watch = Stopwatch(torch.device("cpu"))
    assert watch.milliseconds() == ()
    began = time.perf_counter()
    for seconds in (0.02, 0.001, 0.04):
        with watch.running():
            time.sleep(seconds)
        time.sleep(0.01)
    elapsed = 1000 * (time.perf_counter() - began)
    first, second, third = watch.milliseconds()
    assert first >= 20
    assert second >= 1
    assert third >= 40
    assert first + second + third <= elapsed - 30


def test_a_stretch_that_failed_is_not_counted() -> None:
    watch = Stopwatch(torch.device("cpu"))

    def fail() -> None:
        with watch.running():
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with watch.running():
        pass
    assert len(watch.milliseconds()) == 1


@pytest.mark.gpu
def test_on_cuda_the_devices_own_time_counts() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device("cuda")
    watch = Stopwatch(device)
    matrix = torch.ones(4096, 4096, device=device)
    torch.cuda.synchronize()
    began = time.perf_counter()
    with watch.running():
        for _ in range(20):
            matrix = matrix @ matrix / 4096
    submitted = 1000 * (time.perf_counter() - began)
    (elapsed,) = watch.milliseconds()
    assert elapsed > submitted
