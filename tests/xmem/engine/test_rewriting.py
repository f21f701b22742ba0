"""What the rewritten network gives is what the network gives, and what the reference gives."""

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch import nn

from xmem import ModelConfig, XMem
from xmem.engine import CompilerError, rewrite
from xmem.engine.fusing import SharedDecoder, SharedFusionBlock, SharedValueEncoder
from xmem.engine.narrow import SingleChannelConv2d, has_single_channel
from xmem.engine.native import NativeConv2d, is_native, select_top_k
from xmem.engine.residual import FusedResidualBlock
from xmem.engine.rewriting import WIDE, exchange
from xmem.engine.winograd import WinogradConv2d, is_suited
from xmem.inference.aggregation import with_others
from xmem.network.fusion import FusionBlock, ResidualBlock

CPU = torch.device("cpu")

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler")


@pytest.fixture(scope="module")
def network(drawn_network: Callable) -> XMem:
    return drawn_network(ModelConfig())


@pytest.fixture(scope="module")
def rewritten(network: XMem) -> XMem:
    return rewrite(copy.deepcopy(network), CPU, tiles=True)


@pytest.mark.parametrize("name", ["basic", "long_term_consolidation", "no_sensory", "odd_size_async_deep_update"])
def test_it_gives_what_the_reference_gives(
    name: str,
    scenario: Callable,
    drawn_network: Callable,
    require_outputs_of_reference: Callable,
) -> None:
    golden = scenario(name)
    require_outputs_of_reference(
        rewrite(copy.deepcopy(drawn_network(golden.model, golden.salt)), CPU, tiles=True), golden
    )


def test_tiles_in_torch_give_what_the_reference_gives(
    scenario: Callable, drawn_network: Callable, require_outputs_of_reference: Callable
) -> None:
    """As they are for CUDA, but for their compiling."""
    golden = scenario("odd_size_async_deep_update")
    network = rewrite(copy.deepcopy(drawn_network(golden.model, golden.salt)), CPU)
    exchange(network, lambda one: WinogradConv2d(one) if isinstance(one, nn.Conv2d) and is_suited(one) else None)
    assert any(isinstance(module, WinogradConv2d) for module in network.modules())
    require_outputs_of_reference(network, golden)


@torch.inference_mode()
def test_every_stage_gives_the_same(network: XMem, rewritten: XMem) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 80, 112, generator=generator)
    masks = with_others(torch.rand(2, 80, 112, generator=generator))
    encoded, encoded_by_it = network.encode_key(image), rewritten.encode_key(image)
    for part in ("key", "f16", "f8", "f4"):
        _require_close(getattr(encoded_by_it, part), getattr(encoded, part))
    for head in ("d_proj", "e_proj"):  # before they are squared, or pressed into 0..1
        ours, theirs = (getattr(one.key_proj, head)(encoded.f16) for one in (rewritten, network))
        _require_close(ours, theirs)
    value = network.encode_value(image, encoded.f16, masks)
    _require_close(rewritten.encode_value(image, encoded.f16, masks), value)
    sensory = torch.randn(2, 64, 5, 7, generator=generator)
    with _spread_of_gates(network.value_encoder.hidden_reinforce) as gates:
        reinforced = network.reinforce(value, sensory)
    _require_close(rewritten.reinforce(value, sensory), reinforced, spread=gates[0])
    with _spread_of_gates(network.decoder.hidden_update) as gates:
        logits, advanced = network.segment(encoded, value, sensory, update_sensory=True)
    logits_of_it, advanced_by_it = rewritten.segment(encoded, value, sensory, update_sensory=True)
    _require_close(logits_of_it, logits)
    _require_close(advanced_by_it, advanced, spread=gates[0])


@torch.inference_mode()
@pytest.mark.parametrize("at_once", [1, 2, None])
def test_objects_of_several_images_are_each_seen_with_their_own(small_network: XMem, at_once: int | None) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(3, 3, 32, 48, generator=generator)
    masks = with_others(torch.rand(5, 32, 48, generator=generator))
    sensory = torch.randn(5, small_network.config.sensory_dim, 2, 3, generator=generator)
    owner = torch.tensor([0, 0, 1, 2, 2])
    shared, image_dim = copy.deepcopy(small_network), 16 * small_network.config.key_width
    shared.decoder = SharedDecoder(shared.decoder, image_dim=image_dim, at_once=at_once)
    shared.value_encoder = SharedValueEncoder(shared.value_encoder, image_dim=image_dim, at_once=at_once)
    encoded = small_network.encode_key(images)
    value = small_network.encode_value(images, encoded.f16, masks, owner)
    _require_close(shared.encode_value(images, encoded.f16, masks, owner), value)
    logits, advanced = small_network.segment(encoded, value, sensory, owner, update_sensory=True)
    logits_of_it, advanced_by_it = shared.segment(encoded, value, sensory, owner, update_sensory=True)
    _require_close(logits_of_it, logits)
    _require_close(advanced_by_it, advanced)


def test_everything_that_there_is_another_module_for_is_exchanged(rewritten: XMem) -> None:
    kinds = {type(module) for module in rewritten.modules()}
    assert {NativeConv2d, SharedFusionBlock, FusedResidualBlock, SingleChannelConv2d} <= kinds
    assert not {nn.BatchNorm2d, FusionBlock, ResidualBlock} & kinds
    left = [module for module in rewritten.modules() if isinstance(module, nn.Conv2d)]
    assert not any(is_native(one) or has_single_channel(one) for one in left)
    assert rewritten.search is select_top_k


def test_other_devices_have_tiles_in_torch(network: XMem, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled_for: list[torch.device] = []
    monkeypatch.setattr("xmem.engine.rewriting.compile_transforms", compiled_for.append)
    elsewhere = rewrite(copy.deepcopy(network), torch.device("meta"), tiles=True)
    kinds = {type(module) for module in elsewhere.modules()}
    assert {WinogradConv2d, SharedFusionBlock} <= kinds
    assert not {NativeConv2d, FusedResidualBlock, SingleChannelConv2d} & kinds
    assert elsewhere.search is XMem.search
    assert compiled_for == [torch.device("meta")]


def test_in_bf16_only_wide_convolutions_go_by_tiles(network: XMem) -> None:
    narrow = rewrite(copy.deepcopy(network), CPU, dtype=torch.bfloat16, tiles=True)
    tiles = [module for module in narrow.modules() if isinstance(module, NativeConv2d)]
    assert min(min(one.in_channels, one.out_channels) for one in tiles) == WIDE
    assert {one.dtype for one in tiles} == {torch.bfloat16}


@torch.inference_mode()
@pytest.mark.parametrize(("tiles", "worse"), [(False, 1.5), (True, 3.5)])
def test_narrow_formats_round_weights_once_and_err_little_more(network: XMem, tiles: bool, worse: float) -> None:
    narrow = rewrite(copy.deepcopy(network), CPU, dtype=torch.bfloat16, tiles=tiles)
    convolutions = [module for module in narrow.modules() if isinstance(module, nn.Conv2d)]
    assert {one.weight.dtype for one in convolutions} == {torch.bfloat16}
    assert any(isinstance(module, NativeConv2d) for module in narrow.modules()) == tiles
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 80, 112, generator=generator)
    masks = with_others(torch.rand(2, 80, 112, generator=generator))

    def run(one: XMem) -> list[torch.Tensor]:
        encoded = one.encode_key(image)
        value = one.encode_value(image, encoded.f16, masks)
        logits, _ = one.segment(encoded, value, one.blank_sensory(2, like=encoded), update_sensory=False)
        return [encoded.key.float(), value.float(), logits.float()]

    exact = run(network)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        usual, ours = run(network), run(narrow)
    for best, first, second in zip(exact, usual, ours, strict=True):
        assert 0 < (second - best).pow(2).mean() < worse * (first - best).pow(2).mean()


def test_a_network_in_training_mode_is_refused(network: XMem) -> None:
    training = copy.deepcopy(network).train()
    with pytest.raises(ValueError, match=r"expected a network in eval mode, got one in training mode"):
        rewrite(training, CPU)


def test_a_network_elsewhere_is_refused() -> None:
    with torch.device("meta"):
        elsewhere = XMem(ModelConfig())
    with pytest.raises(ValueError, match="expected a network on the CPU, got one on meta"):
        rewrite(elsewhere, CPU)


@needs_compiler
def test_compiled_transforms_give_what_the_written_ones_give() -> None:
    """In a process of its own: torch's compiler cannot read the checks of types that tests wrap functions in."""
    code = """
import torch
from torch import nn
from xmem.engine.winograd import WinogradConv2d, compile_transforms
compile_transforms(torch.device("cpu"))
conv = nn.Conv2d(40, 24, 3, padding=1)
with torch.inference_mode():
    for size in ((30, 54), (7, 9), (1, 1), (61, 110)):
        x = torch.randn(2, 40, *size)
        compiled, written = (WinogradConv2d(conv, compiled=compiled)(x) for compiled in (True, False))
        print(float((compiled - written).abs().max() / written.std()))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    errors = [float(line) for line in done.stdout.split()]
    assert len(errors) == 4
    assert max(errors) < 1e-5


def test_a_compiler_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    code = """
import torch
from xmem.engine.winograd import compile_transforms
compile_transforms(torch.device("cpu"))
"""
    environment = os.environ | {"CXX": "/nonexistent", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{CompilerError.__name__}: expected a compiler that torch can use, found " in done.stderr
    assert "No working C++ compiler" in done.stderr


@contextmanager
def _spread_of_gates(unit: nn.Module) -> Iterator[list[torch.Tensor]]:
    """The standard deviation of what a recurrent unit presses into gates, which are no steeper than 1."""
    seen: list[torch.Tensor] = []
    handle = unit.get_submodule("transform").register_forward_hook(lambda *given: seen.append(given[2].std()))
    yield seen
    handle.remove()


def _require_close(ours: torch.Tensor, theirs: torch.Tensor, *, spread: torch.Tensor | None = None) -> None:
    assert (ours - theirs).abs().max() <= 2e-4 * (theirs.std() if spread is None else spread)
