import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from xmem import CheckpointError, ModelConfig, XMem, load_checkpoint
from xmem.checkpoint import half_precision_bytes
from xmem.untrained import draw_state_dict

SMALL = ModelConfig(
    key_dim=8,
    value_dim=24,
    sensory_dim=12,
    key_width=4,
    key_blocks=(1, 2, 3),
    value_width=6,
    value_blocks=(2, 1, 1),
    decoder_dims=(32, 20, 16),
    sensory_update_dim=10,
)
WITHOUT_SENSORY = ModelConfig(key_dim=8, value_dim=32, sensory_dim=0, key_width=4, value_width=4)


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    return draw_state_dict(SMALL)


def save(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


@pytest.mark.parametrize("config", [SMALL, WITHOUT_SENSORY], ids=["sensory", "no sensory"])
def test_sizes_are_read_from_the_file(config: ModelConfig, tmp_path: Path) -> None:
    network = load_checkpoint(save(draw_state_dict(config), tmp_path / "small.pth"))
    assert network.config == config
    assert not network.training


def test_weights_are_those_of_the_file_in_fp32(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    network = load_checkpoint(save(halves, tmp_path / "half.pth"))
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, halves[name].float() if tensor.is_floating_point() else halves[name])
        assert tensor.dtype in (torch.float32, torch.int64)


def test_files_of_the_old_format_without_zip_are_read(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert load_checkpoint(tmp_path / "old.pth").config == SMALL


def test_single_object_files_get_a_channel_that_weighs_nothing(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    name = "value_encoder.conv1.weight"
    single = state | {name: state[name][:, :4].clone()}
    weight = load_checkpoint(save(single, tmp_path / "single.pth")).state_dict()[name]
    assert torch.equal(weight[:, :4], single[name])
    assert not weight[:, 4:].any()
    assert weight.shape[1] == 5


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


def test_every_missing_unexpected_and_misshapen_tensor_is_named(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    del state["decoder.pred.bias"], state["key_encoder.bn1.weight"]
    state["head.weight"] = torch.zeros(1)
    state["decoder.pred.weight"] = torch.zeros(1, 17, 3, 3)
    message = refused(save(state, tmp_path / "wrong.pth"))
    assert "missing: key_encoder.bn1.weight, decoder.pred.bias" in message
    assert "unexpected: head.weight" in message
    assert "misshapen: decoder.pred.weight (1, 17, 3, 3) instead of (1, 16, 3, 3)" in message


def test_integers_in_the_place_of_weights_are_named(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    state["decoder.pred.weight"] = state["decoder.pred.weight"].to(torch.int8)
    message = refused(save(state, tmp_path / "quantised.pth"))
    assert "mistyped: decoder.pred.weight torch.int8 instead of floats" in message


def test_another_model_is_told_from_this_one(tmp_path: Path) -> None:
    assert "another model" in refused(save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "linear.pth"))


def test_pickled_code_is_refused_and_not_executed(tmp_path: Path) -> None:
    victim = tmp_path / "executed"

    class Malicious:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return Path.write_text, (victim, "x")  # type: ignore[return-value]

    for index, write in enumerate((torch.save, lambda content, path: path.write_bytes(pickle.dumps(content)))):
        path = tmp_path / f"malicious{index}.pth"
        write({"weight": Malicious()}, path)
        assert "executed" in refused(path)
    assert not victim.exists()


def test_a_file_cut_short_is_refused(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    whole = save(state, tmp_path / "whole.pth").read_bytes()
    for kept in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        cut = tmp_path / f"cut{kept}.pth"
        cut.write_bytes(whole[:kept])
        refused(cut)


@pytest.mark.parametrize("content", [b"not a checkpoint at all", b"\x80\x02garbage", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_checkpoint_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.pth").write_bytes(content)
    refused(tmp_path / "other.pth")


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_a_missing_file_an_empty_one_and_a_folder_are_told_apart(ending: str, tmp_path: Path) -> None:
    assert "found no such file" in refused(tmp_path / f"nothing.{ending}")
    (tmp_path / f"empty.{ending}").write_bytes(b"")
    assert "found an empty file; get it again" in refused(tmp_path / f"empty.{ending}")
    (tmp_path / f"folder.{ending}").mkdir()
    assert "found a folder" in refused(tmp_path / f"folder.{ending}")
    assert "found a damaged file ([Errno 20] Not a directory" in refused(tmp_path / f"empty.{ending}" / "below")


def test_a_file_that_may_not_be_read_is_told_from_a_missing_one(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path), mode)

    path = save(state, tmp_path / "secret.pth")
    monkeypatch.setattr(Path, "open", forbid)  # to the superuser the system forbids nothing
    assert "not permitted to read" in refused(path)


@pytest.mark.parametrize("content", [[torch.zeros(1)], {}, {"epoch": 3, "weight": torch.zeros(1)}])
def test_anything_but_named_tensors_is_refused(content: object, tmp_path: Path) -> None:
    assert "state_dict of named tensors" in refused(save(content, tmp_path / "odd.pth"))


def test_a_tensor_without_rows_where_a_size_is_read_is_refused(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    state["key_proj.key_proj.weight"] = torch.tensor(1.0)
    assert "key_proj.key_proj.weight" in refused(save(state, tmp_path / "scalar.pth"))


def test_a_loaded_network_computes_what_the_saved_one_did(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    network = XMem(SMALL)
    network.load_state_dict(state)
    loaded = load_checkpoint(save(state, tmp_path / "same.pth"))
    frame = torch.randn(1, 3, 32, 48)
    with torch.inference_mode():
        assert torch.equal(network.encode_key(frame).key, loaded.encode_key(frame).key)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_refused(state: dict[str, torch.Tensor], tmp_path: Path, value: float) -> None:
    state["decoder.pred.weight"][0, 3, 1, 1] = value
    message = refused(save(state, tmp_path / "broken.pth"))
    assert "expected finite weights, found infinity or NaN in decoder.pred.weight;" in message


def write(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("config", [SMALL, WITHOUT_SENSORY], ids=["sensory", "no sensory"])
def test_half_of_the_bits_are_written_and_what_is_read_is_that_in_fp32(config: ModelConfig, tmp_path: Path) -> None:
    state = draw_state_dict(config) | {"key_encoder.bn1.num_batches_tracked": torch.tensor(70_000)}
    path = write(half_precision_bytes(state, {"made by": "a test"}), tmp_path / "half.safetensors")
    with safetensors.safe_open(path, "pt") as file:
        assert file.metadata() == {"made by": "a test"}
        assert {name: file.get_tensor(name).dtype for name in file.keys()} == {  # noqa: SIM118, it is no dict
            name: torch.float16 if tensor.is_floating_point() else torch.int64 for name, tensor in state.items()
        }
    network = load_checkpoint(path)
    assert network.config == config
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, state[name].half().float() if state[name].is_floating_point() else state[name])


def test_the_same_weights_are_the_same_bytes(state: dict[str, torch.Tensor]) -> None:
    metadata = {letter: letter for letter in "badcfehgjilk"}
    halves = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    backwards = dict(reversed(metadata.items()))
    assert half_precision_bytes(state, metadata) == half_precision_bytes(halves, backwards)


def test_weights_are_written_from_any_layout_in_memory_and_left_as_they_are(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    before = {name: tensor.clone() for name, tensor in state.items()}
    name = "decoder.pred.weight"
    given = state | {name: state[name].to(memory_format=torch.channels_last).requires_grad_()}
    given["decoder.pred.bias"] = torch.zeros(()).expand(1)
    given["key_encoder.bn1.bias"] = given["key_encoder.bn1.running_mean"]  # one memory for both
    loaded = load_checkpoint(write(half_precision_bytes(given, {}), tmp_path / "any.safetensors")).state_dict()
    assert torch.equal(loaded[name], before[name].half().float())
    assert torch.equal(loaded["key_encoder.bn1.bias"], before["key_encoder.bn1.running_mean"].half().float())
    assert all(torch.equal(state[one], tensor) for one, tensor in before.items())


@pytest.mark.parametrize("value", [65_520.0, -1e9, float("inf"), float("nan")])
def test_weights_that_fp16_does_not_have_are_not_written(state: dict[str, torch.Tensor], value: float) -> None:
    state["decoder.pred.weight"][0, 3, 1, 1] = value
    message = r"^expected weights that are numbers of fp16 \(at most 65504\), found .* NaN in decoder\.pred\.weight;"
    with pytest.raises(ValueError, match=message):
        half_precision_bytes(state, {})


def test_safetensors_of_any_precision_are_read(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float8_e4m3fn):
        given = {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in state.items()}
        loaded = load_checkpoint(write(safetensors.torch.save(given), tmp_path / "any.SAFETENSORS")).state_dict()
        assert all(torch.equal(loaded[name], given[name].to(loaded[name].dtype)) for name in given)


def with_header(content: bytes, before: bytes, after: bytes) -> bytes:
    """The file with something else in its header, which says the length of that."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = content[8:end].replace(before, after, 1)
    assert header != content[8:end]
    return len(header).to_bytes(8, "little") + header + content[end:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a length cut short": lambda content: content[:5],
    "a header cut short": lambda content: content[:100],
    "tensors cut short": lambda content: content[: len(content) // 2],
    "the last byte missing": lambda content: content[:-1],
    "a byte too many": lambda content: content + b"0",
    "a length that is none": lambda content: b"\xff" * 8 + content[8:],
    "a header that is no text": lambda content: content[:9] + b"\xff" + content[10:],
    "a header that is no JSON": lambda content: with_header(content, b":", b" "),
    "offsets elsewhere": lambda content: with_header(content, b'"data_offsets":[', b'"data_offsets":[9'),
    "a shape of another size": lambda content: with_header(content, b'"shape":[', b'"shape":[9,'),
    "a type that nobody has": lambda content: with_header(content, b'"F16"', b'"F17"'),
    "a type that torch has not": lambda _: with_header(
        safetensors.torch.save({"x": torch.zeros(3, dtype=torch.uint8)}), b'"U8","shape":[3]', b'"F6_E2M3","shape":[4]'
    ),
    "a web page": lambda _: b"<!DOCTYPE html><html>Not Found</html>",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_safetensors_are_refused(state: dict[str, torch.Tensor], tmp_path: Path, damage: str) -> None:
    content = DAMAGES[damage](half_precision_bytes(state, {"made by": "a test"}))
    message = refused(write(content, tmp_path / "damaged.safetensors"))
    assert "expected a checkpoint, found a damaged file (" in message
    assert message.endswith("; get it again")


def test_safetensors_without_tensors_are_refused(tmp_path: Path) -> None:
    path = write(safetensors.torch.save({}), tmp_path / "none.safetensors")
    assert "expected a state_dict of named tensors" in refused(path)


def test_safetensors_are_checked_as_any_checkpoint_is(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    del state["decoder.pred.bias"]
    path = write(half_precision_bytes(state, {}), tmp_path / "wrong.safetensors")
    assert "missing: decoder.pred.bias" in refused(path)


@pytest.mark.parametrize("length", [None, 128], ids=["any length", "a length that begins as a pickle does"])
def test_a_file_under_the_name_of_the_other_kind_is_to_be_renamed(
    state: dict[str, torch.Tensor], tmp_path: Path, length: int | None
) -> None:
    content = half_precision_bytes(state, {})
    if length is not None:
        end = 8 + int.from_bytes(content[:8], "little")
        header = content[8:end] + b" " * ((length - (end - 8)) % 256)
        content = len(header).to_bytes(8, "little") + header + content[end:]
        assert content[:1] == b"\x80"
    path = write(content, tmp_path / "a.b.pth")
    assert refused(path).endswith("as its name says, found safetensors; rename it to a.b.safetensors")
    assert load_checkpoint(path.rename(tmp_path / "a.b.safetensors")).config == SMALL


@pytest.mark.parametrize("zipped", [True, False], ids=["a zip", "a pickle"])
def test_what_torch_wrote_is_not_read_as_safetensors(
    state: dict[str, torch.Tensor], tmp_path: Path, *, zipped: bool
) -> None:
    path = tmp_path / "a.safetensors"
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    assert refused(path).endswith("as its name says, found a file that torch.save wrote; rename it to a.pth")
    assert load_checkpoint(path.rename(tmp_path / "a.pth")).config == SMALL
