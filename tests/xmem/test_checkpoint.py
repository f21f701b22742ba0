import pickle
from pathlib import Path

import pytest
import torch

from xmem import CheckpointError, ModelConfig, XMem, load_checkpoint
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


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nothing.pth")
    assert "folder" in refused(tmp_path)


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
