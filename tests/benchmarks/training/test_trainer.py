"""The loop: stopped and resumed it does what it would have done."""

import json
import signal
from functools import partial
from pathlib import Path

import pytest
import torch

from benchmarks.artifacts import sha256_of_file
from benchmarks.errors import InputError
from benchmarks.training import trainer
from benchmarks.training.clips import Clip, DrawClip
from benchmarks.training.config import BatchShape, HeldOutConfig, LossConfig, OptimiserConfig, Stage, TrainingConfig
from benchmarks.training.journal import Journal
from reports.card.weights import describe_weights
from xmem import load_checkpoint
from xmem.shipped import TINY, WEIGHTS

Training = partial[TrainingConfig]


def quiet(_line: str) -> None: ...


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "state.pt", weights_only=True)["network"]


def stopping_at(iteration: int, monkeypatch: pytest.MonkeyPatch) -> None:
    step = trainer._Training.step

    def stopping(self: trainer._Training, batch: object) -> None:
        step(self, batch)  # type: ignore[arg-type]
        if self.state.iteration == iteration:
            self.stopped_by = "SIGTERM"

    monkeypatch.setattr(trainer._Training, "step", stopping)


@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("workers", [0, 1])
def test_a_resumed_run_ends_bit_for_bit_as_an_unbroken_one(  # noqa: PLR0917 - fixtures
    small_training: Training, draw: DrawClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bf16: bool, workers: int
) -> None:
    config = small_training(bf16=bf16, workers=workers)
    assert trainer.train(config, draw, tmp_path / "straight", tell=quiet)
    with monkeypatch.context() as stopped:
        stopping_at(3, stopped)
        assert not trainer.train(config, draw, tmp_path / "broken", tell=quiet)
    assert trainer.train(config, draw, tmp_path / "broken", tell=quiet)
    straight, broken = weights(tmp_path / "straight"), weights(tmp_path / "broken")
    assert all(torch.equal(straight[name], broken[name]) for name in straight)
    last = [load_checkpoint(tmp_path / folder / "last.safetensors").state_dict() for folder in ("straight", "broken")]
    assert all(torch.equal(last[0][name], last[1][name]) for name in last[0])


def test_the_last_weights_tell_what_they_scored(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    config = small_training()
    trainer.train(config, draw, tmp_path, tell=quiet)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    scores = [line["j_and_f"] for line in lines if line["kind"] == "held_out"]
    record = describe_weights(tmp_path / "last.safetensors")
    assert (record.iteration, record.held_out) == (config.iterations, scores[-1])


def test_a_state_of_another_configuration_is_refused(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    trainer.train(small_training(), draw, tmp_path, tell=quiet)
    with pytest.raises(InputError, match=r"seed \(0 instead of 1\)"):
        trainer.train(small_training(seed=1), draw, tmp_path, tell=quiet)


def test_training_begins_from_given_weights_and_says_which(
    small_training: Training, draw: DrawClip, tmp_path: Path
) -> None:
    trainer.train(small_training(), draw, tmp_path / "first", tell=quiet)
    weights = tmp_path / "first" / "last.safetensors"
    still = OptimiserConfig(peak=0.0, floor=0.0)
    config = small_training(begin=str(weights), iterations=1, frozen_from=0.0, optimiser=still)
    trainer.train(config, draw, tmp_path / "second", tell=quiet)
    (session,) = Journal(tmp_path / "second" / "log.jsonl").lines("session")
    assert session["begun_from"] == sha256_of_file(weights)
    before, after = Journal(tmp_path / "second" / "log.jsonl").lines("held_out")
    assert (before["iteration"], before["best"], after["iteration"]) == (0, True, 1)
    assert load_checkpoint(tmp_path / "second" / "best.safetensors").config == load_checkpoint(weights).config
    begun, ended = load_checkpoint(weights), load_checkpoint(tmp_path / "second" / "last.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(begun.parameters(), ended.parameters(), strict=True))


def test_weights_of_other_sizes_are_nothing_to_begin_from(
    small_training: Training, draw: DrawClip, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"expected weights of the sizes that are to be trained.*training\.begin"):
        trainer.train(small_training(begin=str(WEIGHTS / TINY)), draw, tmp_path, tell=quiet)


def test_the_log_tells_losses_and_held_out_scores(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    trainer.train(small_training(), draw, tmp_path, tell=quiet)
    journal = Journal(tmp_path / "log.jsonl")
    assert [line["iteration"] for line in journal.lines("training")] == [2, 4, 6]
    assert [line["stage"] for line in journal.lines("training")] == [0, 1, 1]
    (look,) = journal.lines("held_out")
    assert 0 <= look["j_and_f"] <= 1
    assert (tmp_path / "best.safetensors").exists()


def test_statistics_stay_for_the_last_iterations(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    trainer.train(small_training(frozen_from=0.5), draw, tmp_path, tell=quiet)
    assert int(weights(tmp_path)["key_encoder.bn1.num_batches_tracked"]) == 3


def test_time_that_is_up_saves_and_stops(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    lines: list[str] = []
    assert not trainer.train(small_training(minutes=0.0), draw, tmp_path, tell=lines.append)
    assert "stopped by 0 minutes after iteration 1 of 6; saved" in lines[-1]


def test_training_learns_discs(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    config = small_training(
        iterations=60,
        stages=(Stage(until=1.0, batches=(BatchShape(size=32, frames=3, objects=(1, 2)),)),),
        optimiser=OptimiserConfig(warm_up=5),
        loss=LossConfig(hard_fraction=1.0),
    )
    trainer.train(config, draw, tmp_path, tell=quiet)
    losses = [line["loss"] for line in Journal(tmp_path / "log.jsonl").lines("training")]
    assert sum(losses[-5:]) < 0.85 * sum(losses[:5])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_says_so(
    small_training: Training, draw: DrawClip, tmp_path: Path, number: signal.Signals
) -> None:
    lines: list[str] = []

    def interrupted(index: int, *, seed: int, size: int, frames: int, objects: int) -> Clip:
        if index == 4:  # the first clip of the third iteration, which is then done as usual
            signal.raise_signal(number)
        return draw(index, seed=seed, size=size, frames=frames, objects=objects)

    before = signal.getsignal(number)
    assert not trainer.train(small_training(), interrupted, tmp_path, tell=lines.append)
    assert f"stopped by {number.name} after iteration 3 of 6; saved" in lines[-1]
    assert signal.getsignal(number) is before
    assert trainer.train(small_training(), draw, tmp_path, tell=quiet)


def test_a_damaged_state_is_named(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    (tmp_path / "state.pt").write_bytes(b"half")
    with pytest.raises(InputError, match=r"state\.pt: expected a saved state of training"):
        trainer.train(small_training(), draw, tmp_path, tell=quiet)


def test_a_loss_that_is_no_number_ends_training(
    small_training: Training, draw: DrawClip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.Window, "summary", lambda _self: {"loss": float("nan")})
    with pytest.raises(InputError, match=r"found nan before iteration 2: training has diverged"):
        trainer.train(small_training(), draw, tmp_path, tell=quiet)


def test_every_start_is_on_the_log(small_training: Training, draw: DrawClip, tmp_path: Path) -> None:
    trainer.train(small_training(minutes=0.0), draw, tmp_path, tell=quiet)
    trainer.train(small_training(), draw, tmp_path, tell=quiet)
    first, second = Journal(tmp_path / "log.jsonl").lines("session")
    assert (first["after"], second["after"]) == (0, 1)
    assert first["device"]
    assert first["config"]["iterations"] == 6


def test_a_run_does_not_go_on_under_another_choice_of_weights(
    small_training: Training, draw: DrawClip, tmp_path: Path
) -> None:
    trainer.train(small_training(minutes=0.0), draw, tmp_path, tell=quiet)
    with pytest.raises(InputError, match="held_out"):
        trainer.train(small_training(held_out=HeldOutConfig(clips=3)), draw, tmp_path, tell=quiet)
