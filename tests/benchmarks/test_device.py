from collections.abc import Iterator

import pytest
import torch

from benchmarks.config import Autocast, PrecisionConfig
from benchmarks.device import check_precision, choose_device, compute_capability, computing, memory_errors_explained
from benchmarks.errors import InputError

CPU = torch.device("cpu")
FP32 = PrecisionConfig(name="fp32")
TF32 = PrecisionConfig(name="tf32", tf32=True)
AMP = PrecisionConfig(name="amp", autocast=Autocast.FLOAT16)
BF16 = PrecisionConfig(name="bf16", autocast=Autocast.BFLOAT16)


@pytest.fixture(params=[True, False], ids=["TF32 was on", "TF32 was off"])
def tf32_before(request: pytest.FixtureRequest) -> Iterator[bool]:
    before = tf32()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = request.param
    yield request.param
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def tf32() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("config", [FP32, TF32, BF16], ids=lambda config: config.name)
def test_tf32_is_as_configured_inside_and_as_before_outside(config: PrecisionConfig, *, tf32_before: bool) -> None:
    with computing(config, CPU):
        assert tf32() == (config.tf32, config.tf32)
    assert tf32() == (tf32_before, tf32_before)


def test_settings_are_put_back_after_a_failure_too(*, tf32_before: bool) -> None:
    def fail() -> None:
        with computing(BF16, CPU):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert tf32() == (tf32_before, tf32_before)
    assert not torch.is_autocast_enabled("cpu")


def test_bfloat16_computes_in_bfloat16_and_fp32_in_fp32() -> None:
    one = torch.ones(4, 4)
    with computing(BF16, CPU):
        assert (one @ one).dtype == torch.bfloat16
    with computing(FP32, CPU):
        assert (one @ one).dtype == torch.float32
    assert (one @ one).dtype == torch.float32


def test_amp_computes_in_float16() -> None:
    one = torch.ones(4, 4)
    with computing(AMP, CPU):  # which a cell refuses on the CPU, but autocast there can do it
        assert (one @ one).dtype == torch.float16


def test_the_cpu_is_always_to_be_had_and_auto_finds_something() -> None:
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("wanted", ["tpu", "cuda:1", "", "CPU", "mps"])
def test_another_device_is_refused(wanted: str) -> None:
    with pytest.raises(InputError, match=f"^device: expected auto, cpu or cuda, found '{wanted}'$"):
        choose_device(wanted)


def test_cuda_is_refused_where_there_is_none() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(InputError, match="found none that torch can use; take device=cpu"):
        choose_device("cuda")


VOLTA, AMPERE, HOPPER = (7, 0), (8, 0), (9, 0)


def test_the_cpu_has_no_compute_capability() -> None:
    assert compute_capability(CPU) is None


@pytest.mark.parametrize("config", [AMP, TF32], ids=lambda config: config.name)
def test_formats_of_cuda_are_refused_on_the_cpu_by_name(config: PrecisionConfig) -> None:
    with pytest.raises(InputError, match=f"^precision={config.name} is .* on the CPU take precision="):
        check_precision(config, None)


@pytest.mark.parametrize("config", [BF16, TF32], ids=lambda config: config.name)
def test_recent_formats_are_refused_on_old_cuda_devices_by_name(config: PrecisionConfig) -> None:
    with pytest.raises(InputError, match=f"^precision={config.name} is .* this one has 7.0; take precision=fp32 or"):
        check_precision(config, VOLTA)
    check_precision(config, AMPERE)
    check_precision(config, HOPPER)


@pytest.mark.parametrize(
    ("config", "capability"), [(FP32, None), (BF16, None), (FP32, VOLTA), (AMP, VOLTA), (AMP, HOPPER)]
)
def test_other_formats_are_fine(config: PrecisionConfig, capability: tuple[int, int] | None) -> None:
    check_precision(config, capability)


def test_tf32_is_a_precision_of_its_own_and_not_a_part_of_another() -> None:
    with pytest.raises(ValueError, match=r"expected precision\.tf32 or precision\.autocast, found both"):
        PrecisionConfig(name="amp", autocast=Autocast.FLOAT16, tf32=True)


def test_memory_that_ran_out_is_an_error_that_says_what_takes_less() -> None:
    with (
        pytest.raises(
            InputError, match=r"^sequence a: not enough memory; take a smaller resolution\.size, fewer objects"
        ),
        memory_errors_explained("sequence a"),
    ):
        torch.empty(2**55, dtype=torch.uint8)


@pytest.mark.parametrize(
    ("words", "kind"), [("primitive", InputError), ("primitive descriptor for a convolution", RuntimeError)]
)
def test_onednn_has_memory_for_what_it_chose_or_none(words: str, kind: type[Exception]) -> None:
    with pytest.raises(kind), memory_errors_explained("sequence a"):
        raise RuntimeError(f"could not create a {words}")


def test_other_errors_of_torch_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="size of tensor"), memory_errors_explained("sequence a"):
        torch.zeros(2) + torch.zeros(3)
