"""Where existing masks come from: one module per kind of place, all giving the same record."""

from benchmarks.mask_sources.folders import folder_masks, run_masks
from benchmarks.mask_sources.opening import open_masks
from benchmarks.mask_sources.recording import record_file
from benchmarks.mask_sources.source import MaskSource

__all__ = ["MaskSource", "folder_masks", "open_masks", "record_file", "run_masks"]
