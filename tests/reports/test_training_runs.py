import dataclasses
from collections.abc import Callable

from evaluators import DatasetScore, ScoringProtocol
from reports.records import CheckpointRecord, RunRecord
from reports.training_runs import all_but_checkpoint

MakeRun = Callable[..., RunRecord]


def test_runs_of_one_recipe_are_alike_whatever_their_checkpoint(run_record: MakeRun, scores: DatasetScore) -> None:
    twin = run_record(digest="e" * 64, checkpoint=CheckpointRecord(path="elsewhere/second.pth", sha256="2" * 64))
    assert all_but_checkpoint(run_record(), scores) == all_but_checkpoint(twin, scores)


def test_runs_of_different_recipes_are_not_alike(run_record: MakeRun, scores: DatasetScore) -> None:
    assert all_but_checkpoint(run_record(), scores) != all_but_checkpoint(run_record(recipe="8" * 64), scores)


def test_runs_that_were_scored_differently_are_not_alike(run_record: MakeRun, scores: DatasetScore) -> None:
    cow, dog = scores.sequences
    fewer_objects = dataclasses.replace(dog, objects=dog.objects[:1])
    protocol = ScoringProtocol.FIRST_APPEARANCE
    others = [
        None,
        dataclasses.replace(scores, sequences=(cow,)),
        dataclasses.replace(scores, sequences=(cow, fewer_objects)),
        dataclasses.replace(scores, sequences=(cow, dataclasses.replace(dog, protocol=protocol))),
    ]
    keys = {all_but_checkpoint(run_record(), score) for score in [scores, *others]}
    assert len(keys) == 5
