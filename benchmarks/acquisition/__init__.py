"""Getting what is not here: downloads that resume, checksums that are enforced, archives that may be hostile."""

from benchmarks.acquisition.dataset import acquire_dataset, manual_steps
from benchmarks.acquisition.download import Patience
from benchmarks.acquisition.locked_file import Means
from benchmarks.acquisition.variant import acquire_variant, checkpoint_url

__all__ = ["Means", "Patience", "acquire_dataset", "acquire_variant", "checkpoint_url", "manual_steps"]
