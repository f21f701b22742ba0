"""Masks in, scores out: J, F and their statistics exactly as the official DAVIS tool computes them, and a local G."""

from evaluators.boundary import boundary_f, boundary_map
from evaluators.errors import ScoringError
from evaluators.overall import overall
from evaluators.protocols import FramePair, ListedObject, ScoringProtocol
from evaluators.region import jaccard
from evaluators.results import DatasetScore, ObjectScore, OverallScore, SequenceScore, summarise_sequences
from evaluators.sequence import score_sequence
from evaluators.series import Statistics, statistics
from evaluators.throughput import Throughput, summarise_durations

__all__ = [
    "DatasetScore",
    "FramePair",
    "ListedObject",
    "ObjectScore",
    "OverallScore",
    "ScoringError",
    "ScoringProtocol",
    "SequenceScore",
    "Statistics",
    "Throughput",
    "boundary_f",
    "boundary_map",
    "jaccard",
    "overall",
    "score_sequence",
    "statistics",
    "summarise_durations",
    "summarise_sequences",
]
