"""Where videos come from: one module per layout on disk, all giving the same records."""

from benchmarks.datasets.catalogue import open_dataset
from benchmarks.datasets.description import describe_dataset
from benchmarks.datasets.sequence import Dataset, Sequence

__all__ = ["Dataset", "Sequence", "describe_dataset", "open_dataset"]
