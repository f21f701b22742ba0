"""Where each run ran, and all that is needed to repeat it, as terms and their values."""

from collections.abc import Iterator
from dataclasses import dataclass

from reports.records import EnvironmentRecord
from reports.result import Result

Terms = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSheet:
    """What is to be known of one run, by term."""

    title: str
    terms: Terms


def environment_sheet(result: Result) -> EnvironmentSheet:
    """Of a run that was merged, the machines of all its parts."""
    run = result.run
    parts = [part.environment for part in run.merged_from] or [run.environment]
    machines = [term for part in parts for term in _machine(part)]
    checkpoint = (("checkpoint", result.checkpoint), ("SHA-256", run.checkpoint.sha256))
    terms = (("started", run.started), ("command", run.command), *checkpoint, *_dataset(result), *machines)
    return EnvironmentSheet(title=f"{run.dataset.name} / {result.name}", terms=terms)


def _dataset(result: Result) -> Iterator[tuple[str, str]]:
    dataset = result.run.dataset
    yield "data", f"{len(dataset.sequences)} of {dataset.whole} sequences, {dataset.frames} frames"
    kinds = "fingerprint" if len(dataset.fingerprints) == 1 else f"{len(dataset.fingerprints)} fingerprints"
    yield kinds, " ".join(dataset.fingerprints)


def _machine(environment: EnvironmentRecord) -> Iterator[tuple[str, str]]:
    yield "device", environment.device
    yield "CPU", f"{environment.cpu}, {environment.threads} threads"
    if environment.gpu is not None:
        yield "GPU", environment.gpu
        yield "driver", environment.driver or "unknown"
    versions = environment.packages
    yield "torch", versions.get("torch", "unknown")
    others = (f"{name} {version}" for name, version in versions.items() if name != "torch")
    yield "packages", ", ".join([f"Python {environment.python}", *others])
    yield "decoder", environment.decoder
    yield "platform", environment.platform
    if environment.commit is not None:
        yield "commit", f"{environment.commit}{' and changes that were not committed' if environment.modified else ''}"
    yield "code", environment.code_sha256
