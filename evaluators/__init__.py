"""Masks in, scores out: J, F and their statistics, exactly as the official DAVIS tool computes them."""

from evaluators.boundary import boundary_f, boundary_map
from evaluators.errors import ScoringError
from evaluators.protocols import FramePair, ScoringProtocol
from evaluators.region import jaccard
from evaluators.results import DatasetScore, ObjectScore, SequenceScore, summarise_sequences
from evaluators.sequence import score_sequence
from evaluators.series import Statistics, statistics
from evaluators.throughput import Throughput, summarise_durations

__all__ = [
    "DatasetScore",
    "FramePair",
    "ObjectScore",
    "ScoringError",
    "ScoringProtocol",
    "SequenceScore",
    "Statistics",
    "Throughput",
    "boundary_f",
    "boundary_map",
    "jaccard",
    "score_sequence",
    "statistics",
    "summarise_durations",
    "summarise_sequences",
]
