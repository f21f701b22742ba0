"""Training video: scenes drawn by rule, with exact masks. Nothing here comes from a camera or from anybody's data."""

from benchmarks.synthesis.studio import Studio, TrainingClip

__all__ = ["Studio", "TrainingClip"]
