"""What the rewritten network gives is what the network gives, and what the reference gives."""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from xmem import ModelConfig, Tracker, XMem, normalise
from xmem.engine import CompilerError, rewrite
from xmem.engine.fusing import SharedFusionBlock
from xmem.engine.winograd import WinogradConv2d, compile_transforms
from xmem.network.fusion import FusionBlock

LARGEST_DIFFERENCE = 2e-3  # of a probability, as of the network itself
MEAN_DIFFERENCE = 1e-4
AGREEMENT = 0.999

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")


@pytest.fixture(scope="module")
def network(drawn_network: Callable) -> XMem:
    return drawn_network(ModelConfig())


@pytest.fixture(scope="module")
def rewritten(network: XMem) -> XMem:
    return rewrite(network, compiled=False)


@pytest.mark.parametrize("name", ["basic", "long_term_consolidation", "no_sensory", "odd_size_async_deep_update"])
def test_it_gives_what_the_reference_gives(
    name: str, scenario: Callable, drawn_network: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With tiles for all convolutions they are made for: those of the golden networks are narrow."""
    monkeypatch.setattr("xmem.engine.rewriting.WIDE", 1)
    golden = scenario(name)
    network = rewrite(drawn_network(golden.model, golden.salt), compiled=False)
    tracker = Tracker(network, golden.memory, video_length=len(golden.frames))
    for t, frame in enumerate(golden.frames):
        probabilities = tracker.step(normalise(torch.from_numpy(frame)), golden.prompts.get(t)).numpy()
        index_mask = np.array([0, *tracker.labels])[probabilities.argmax(axis=0)]
        assert np.mean(index_mask == golden.index_masks[t]) >= AGREEMENT, f"frame {t}"
        channels = [0] + [1 + golden.labels.index(label) for label in tracker.labels]
        difference = np.abs(probabilities[:, ::2, ::2] - golden.probabilities[t][channels].astype(np.float32))
        assert difference.max() <= LARGEST_DIFFERENCE, f"frame {t}"
        assert difference.mean() <= MEAN_DIFFERENCE, f"frame {t}"


@torch.inference_mode()
def test_every_stage_gives_the_same(network: XMem, rewritten: XMem) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 80, 112, generator=generator)
    masks = torch.rand(2, 80, 112, generator=generator)
    encoded, encoded_by_it = network.encode_key(image), rewritten.encode_key(image)
    for part in ("key", "shrinkage", "selection", "f16", "f8", "f4"):
        _require_close(getattr(encoded_by_it, part), getattr(encoded, part))
    value = network.encode_value(image, encoded.f16, masks)
    _require_close(rewritten.encode_value(image, encoded.f16, masks), value)
    sensory = torch.randn(2, 64, 5, 7, generator=generator)
    _require_close(rewritten.reinforce(value, sensory), network.reinforce(value, sensory))
    for ours, theirs in zip(
        rewritten.segment(encoded, value, sensory, update_sensory=True),
        network.segment(encoded, value, sensory, update_sensory=True),
        strict=True,
    ):
        _require_close(ours, theirs)


def test_no_norm_and_no_wide_convolution_is_left(rewritten: XMem) -> None:
    kinds = {type(module) for module in rewritten.modules()}
    assert {WinogradConv2d, SharedFusionBlock} <= kinds
    assert not {nn.BatchNorm2d, FusionBlock} & kinds


def test_the_network_stays_what_it_was(network: XMem) -> None:
    before = copy.deepcopy(network.state_dict())
    rewrite(network, compiled=False)
    rewrite(network, dtype=torch.bfloat16)
    assert {type(module) for module in network.modules()} >= {nn.BatchNorm2d, FusionBlock}
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


@torch.inference_mode()
def test_narrow_formats_round_weights_once_and_use_no_tiles(network: XMem) -> None:
    narrow = rewrite(network, dtype=torch.bfloat16)
    convolutions = [module for module in narrow.modules() if isinstance(module, nn.Conv2d)]
    assert {one.weight.dtype for one in convolutions} == {torch.bfloat16}
    assert not any(isinstance(module, WinogradConv2d) for module in narrow.modules())
    image = torch.randn(1, 3, 80, 112, generator=torch.Generator().manual_seed(0))
    exact = network.encode_key(image).key
    with torch.autocast("cpu", dtype=torch.bfloat16):
        usual, ours = (one.encode_key(image).key.float() for one in (network, narrow))
    assert (ours - exact).pow(2).mean() < 1.5 * (usual - exact).pow(2).mean()


def test_a_network_in_training_mode_is_refused(network: XMem) -> None:
    training = copy.deepcopy(network).train()
    with pytest.raises(ValueError, match=r"expected a network in eval mode, got one in training mode"):
        rewrite(training)


def test_a_network_elsewhere_is_refused() -> None:
    with torch.device("meta"):
        elsewhere = XMem(ModelConfig())
    with pytest.raises(ValueError, match="expected a network on the CPU, got one on meta"):
        rewrite(elsewhere)


@needs_compiler
@torch.inference_mode()
@pytest.mark.parametrize("size", [(30, 54), (7, 9), (1, 1), (61, 110)])
def test_compiled_transforms_give_what_the_written_ones_give(size: tuple[int, int]) -> None:
    compile_transforms()
    conv = nn.Conv2d(40, 24, 3, padding=1)
    x = torch.randn(2, 40, *size, generator=torch.Generator().manual_seed(0))
    _require_close(WinogradConv2d(conv, compiled=True)(x), WinogradConv2d(conv)(x))


def test_a_compiler_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    code = "from xmem.engine.winograd import compile_transforms; compile_transforms()"
    environment = os.environ | {"CXX": "/nonexistent", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{CompilerError.__name__}: expected a C++ compiler that torch can use, found " in done.stderr
    assert "No working C++ compiler" in done.stderr


def _require_close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    assert (ours - theirs).abs().max() <= 2e-4 * theirs.std()
