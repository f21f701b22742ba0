"""The loop: draw, run, differentiate, step; now and then look, and save."""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import msgspec
import torch

from benchmarks.artifacts import sha256_of_file
from benchmarks.computer import describe_computer
from benchmarks.device import own_threads
from benchmarks.environment import describe_environment
from benchmarks.errors import InputError
from benchmarks.training.batch import Batch
from benchmarks.training.clips import Clip, DrawClip
from benchmarks.training.config import TrainingConfig
from benchmarks.training.journal import Journal
from benchmarks.training.loader import load_batches
from benchmarks.training.network import begin_from, initial_network
from benchmarks.training.optimiser import WeightAverage, freeze_statistics, make_optimiser, optimise
from benchmarks.training.plan import draw_plan
from benchmarks.training.rollout import Rollout
from benchmarks.training.schedule import average_decay, hard_fraction, learning_rate, place_of
from benchmarks.training.state import TrainingState, load_state, save_state
from benchmarks.training.validation import HeldOutScore, draw_held_out, score_held_out
from benchmarks.training.weights_file import write_weights
from benchmarks.training.window import Window

STATE, LOG, BEST, LAST = "state.pt", "log.jsonl", "best.safetensors", "last.safetensors"

PLAN_SEED = 7_919  # keeps plans of neighbouring seeds apart


def train(
    config: TrainingConfig,
    draw: DrawClip,
    folder: Path,
    *,
    device: torch.device | None = None,
    tell: Callable[[str], None] = print,
) -> bool:
    """Train in a folder, going on from the state that is in it.

    The folder gets `state.pt`, `log.jsonl`, `best.safetensors` (averaged weights, those with the best held-out J&F) and
    at the end `last.safetensors`, each with its own score: a few clips tell them apart only roughly.

    Returns:
        Whether the schedule has come to its end; otherwise a signal or the time limit stopped it, and it can go on.

    Raises:
        InputError: the folder holds a state of another configuration, or cannot be written; or training diverges.
    """
    with own_threads(config.threads):
        training = _Training(config, draw, folder, device or torch.device("cpu"), tell)
        with _stop_signals(training):
            return training.run()


class _Training:
    """A run in progress."""

    def __init__(
        self, config: TrainingConfig, draw: DrawClip, folder: Path, device: torch.device, tell: Callable[[str], None]
    ) -> None:
        self.config, self.draw, self.folder, self.device, self.tell = config, draw, folder, device, tell
        self.stopped_by: str | None = None
        self.journal = Journal(folder / LOG)
        self.state = _fresh_state(config, device)
        if (folder / STATE).exists():
            load_state(folder / STATE, self.state, config)
            tell(f"going on after iteration {self.state.iteration} of {config.iterations}")
        self.autocast = torch.bfloat16 if config.bf16 else None
        self.rollout = Rollout(self.state.network, compiled=config.compiled, autocast=self.autocast)
        self.held_out: list[Clip] | None = None
        self.window = Window()

    def run(self) -> bool:
        """To the end, or until something stops it."""
        config, state = self.config, self.state
        self.write_session()
        if config.begin is not None and state.iteration == 0:
            self.validate()  # the weights that were begun from are to be beaten on the very same clips
        started = saved = time.monotonic()
        batches = load_batches(config, self.draw, first=state.iteration, pin_memory=self.device.type == "cuda")
        while state.iteration < config.iterations and self.stopped_by is None:
            waited = time.monotonic()
            batch = next(batches).to(self.device)
            self.window.waiting += time.monotonic() - waited
            self.step(batch)
            self.look()
            now = time.monotonic()
            if now - saved > 60 * config.save_minutes:
                save_state(self.folder / STATE, state, config)
                saved = now
            if config.minutes is not None and now - started > 60 * config.minutes:
                self.stopped_by = f"{config.minutes:g} minutes"
        save_state(self.folder / STATE, state, config)
        return self.conclude()

    def write_session(self) -> None:
        """Where, with what and how this part of the run is computed."""
        environment = describe_environment(describe_computer(self.device))
        self.journal.add(
            "session",
            started=datetime.now(tz=UTC).isoformat(timespec="seconds"),
            after=self.state.iteration,
            device=environment.gpu or environment.cpu,
            threads=environment.threads,
            torch=environment.packages["torch"],
            commit=environment.commit,
            modified=environment.modified,
            begun_from=None if self.config.begin is None else sha256_of_file(Path(self.config.begin)),
            config=msgspec.to_builtins(self.config),
        )

    def step(self, batch: Batch) -> None:
        """One iteration."""
        config, state = self.config, self.state
        progress = state.iteration / config.iterations
        if progress >= config.frozen_from:
            freeze_statistics(state.network)
        generator = torch.Generator().manual_seed((config.seed * PLAN_SEED + state.iteration) % 2**63)
        plan = draw_plan(len(batch.frames), generator=generator)
        losses = self.rollout.losses(batch, plan, hard_fraction=hard_fraction(progress, config.loss))
        total = losses.total(affinity_weight=config.loss.affinity_weight)
        total.backward()  # type: ignore[no-untyped-call]
        rate = learning_rate(state.iteration, config.optimiser, iterations=config.iterations)
        norm = optimise(state.optimiser, state.network, rate=rate, clip=config.optimiser.clip)
        state.average.update(average_decay(state.iteration, config.optimiser))
        state.iteration += 1
        scalars = (total, losses.cross_entropy, losses.dice, losses.affinity, norm)
        self.window.add(torch.stack([scalar.detach().float() for scalar in scalars]), clips=batch.frames.shape[1])

    def look(self) -> None:
        """Write a line, and score the held-out clips, where it is time."""
        config, done = self.config, self.state.iteration
        ended = done == config.iterations
        if done % config.log_every == 0 or ended:
            self.write_line()
        if done % config.held_out.every == 0 or ended:
            score = self.validate()
            if ended:
                self.write_weights(LAST, score)

    def write_line(self) -> None:
        """What the last iterations cost."""
        config, done = self.config, self.state.iteration
        line = self.window.summary()
        if not math.isfinite(line["loss"]):
            raise InputError(
                f"{self.folder}: expected a loss that is a number, found {line['loss']} before iteration {done}: "
                "training has diverged; go on from the last saved state, or begin anew with a lower "
                "training.optimiser.peak"
            )
        rate = learning_rate(done - 1, config.optimiser, iterations=config.iterations)
        stage = place_of(done - 1, config).stage
        self.journal.add("training", iteration=done, stage=stage, rate=rate, **line)
        self.tell(
            f"{done:6d}/{config.iterations} stage {stage} loss {line['loss']:.3f} (ce {line['cross_entropy']:.3f} dice "
            f"{line['dice']:.3f} affinity {line['affinity']:.3f}) gradient {line['gradient']:.2f} rate {rate:.1e} "
            f"{line['seconds']:.3f} s/iteration, {line['clips_per_second']:.1f} clips/s, waited {line['waited']:.0%}"
        )
        self.window = Window()

    def validate(self) -> HeldOutScore:
        """Score the averaged weights, and keep them if they are the best so far."""
        config, state = self.config, self.state
        started = time.monotonic()
        if self.held_out is None:
            self.held_out = draw_held_out(config.held_out, self.draw, seed=config.seed)
        score = score_held_out(state.average.network, self.held_out, config.held_out, autocast=self.autocast)
        best = state.best is None or score.j_and_f > state.best
        if best:
            state.best = score.j_and_f
            self.write_weights(BEST, score)
        seconds = time.monotonic() - started
        self.window.paused(seconds)
        values = {"iteration": state.iteration, "j": score.j, "f": score.f, "j_and_f": score.j_and_f}
        self.journal.add("held_out", **values, best=best, seconds=seconds)
        self.tell(
            f"{state.iteration:6d}/{config.iterations} held-out J&F {score.j_and_f:.4f} (J {score.j:.4f}, F "
            f"{score.f:.4f}){', the best so far' if best else ''}; {seconds:.1f} s"
        )
        return score

    def write_weights(self, name: str, score: HeldOutScore) -> None:
        """The average as it is now, and what it scored."""
        where = {"seed": self.config.seed, "iteration": self.state.iteration, "of": self.config.iterations}
        made_by = {key: str(value) for key, value in where.items()} | {"held_out_j_and_f": repr(score.j_and_f)}
        write_weights(self.folder / name, self.state.average.network, made_by=made_by)

    def conclude(self) -> bool:
        """Say how it ended."""
        if self.stopped_by is not None:
            self.tell(
                f"stopped by {self.stopped_by} after iteration {self.state.iteration} of {self.config.iterations}; "
                "saved, and the same command goes on"
            )
            return False
        return True


def _fresh_state(config: TrainingConfig, device: torch.device) -> TrainingState:
    network = initial_network(config.model, seed=config.seed)
    if config.begin is not None:
        begin_from(Path(config.begin), network)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return TrainingState(
        network=network,
        average=WeightAverage(network),
        optimiser=make_optimiser(network, config.optimiser),
    )


@contextmanager
def _stop_signals(training: _Training) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the iteration that runs, and then training."""

    def stop(number: int, _frame: FrameType | None) -> None:
        training.stopped_by = signal.Signals(number).name

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
