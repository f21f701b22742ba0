"""The demo dataset: six small clips, drawn by rule with exact masks, for trying the harness without downloads."""

from benchmarks.demo.clips import CLIPS
from benchmarks.demo.scene import Clip, render
from benchmarks.demo.write import write_clip, write_demo

__all__ = ["CLIPS", "Clip", "render", "write_clip", "write_demo"]
