import pytest
import torch

from benchmarks.training.window import NAMES, Window


def test_a_line_has_means_and_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("benchmarks.training.window.time.monotonic", lambda: clock[0])
    window = Window(started=clock[0])
    for value in (1.0, 3.0):
        window.add(torch.full((len(NAMES),), value), clips=8)
    window.waiting = 1.0
    clock[0] = 114.0
    window.paused(10.0)
    summary = window.summary()
    assert all(summary[name] == 2.0 for name in NAMES)
    assert (summary["seconds"], summary["clips_per_second"], summary["waited"]) == (2.0, 4.0, 0.25)
